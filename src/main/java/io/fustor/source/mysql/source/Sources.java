package io.fustor.source.mysql.source;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.error.ConfigurationException;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.state.StateDatabase;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Component;

/// All configured sources, and the runs of the started ones. Any thread may call it. Changes are
/// made one after the other, and each is in the state database before it is visible here.
///
/// An enabled source runs from the service's start on. An operator can stop it: on all instances,
/// also those that start later, it stays stopped until an operator starts or enables it.
@Component
@EnableConfigurationProperties(SourceProperties.class)
public class Sources {

    private static final Logger LOG = LoggerFactory.getLogger(Sources.class);

    private final SourceStore store;
    private final SourceRuns runs;
    private final SourceProperties properties;
    private final ObjectProvider<Consumers> consumers;
    private final StateDatabase state;

    private final ReentrantLock changes = new ReentrantLock();
    private final Map<String, Entry> entries = new ConcurrentSkipListMap<>();

    /// The sources that an operator stopped. Guarded by the lock.
    private Set<String> stopped = Set.of();

    /// A source and its run; null while it is stopped.
    private record Entry(Source source, @Nullable SourceRun run) {}

    Sources(
            SourceStore store,
            SourceRuns runs,
            SourceProperties properties,
            ObjectProvider<Consumers> consumers,
            StateDatabase state) {
        this.store = store;
        this.runs = runs;
        this.properties = properties;
        this.consumers = consumers;
        this.state = state;
    }

    @PostConstruct
    void load() {
        stopped = store.stopped();
        properties.sources().forEach(this::declare);
        refresh();
        LOG.info("sources={} declared={}", entries.size(), properties.sources().size());
    }

    private void declare(String id, ConfigDocument document) {
        try {
            Source source = new Source(Source.checkId(id), document.check(), true);
            entries.put(id, begun(source));
        } catch (RequestException e) {
            throw new ConfigurationException("fustor.sources." + id + ": " + e.getMessage(), e);
        }
    }

    @PreDestroy
    void close() {
        entries.values().forEach(entry -> end(entry, "the service stops"));
    }

    /// All sources, by id.
    public List<Source> all() {
        return entries.values().stream().map(Entry::source).toList();
    }

    /// The ids of all sources, in order.
    public List<String> ids() {
        return List.copyOf(entries.keySet());
    }

    /// The source of this id.
    ///
    /// @throws RequestException NOT_FOUND
    public Source require(String id) {
        return entry(id).source();
    }

    /// The run of a started source.
    ///
    /// @throws RequestException NOT_FOUND, or CONFLICT if it is disabled or stopped
    public SourceRun run(String id) {
        Entry entry = entry(id);
        SourceRun run = entry.run();
        if (run != null) {
            return run;
        }
        throw SourceRefusals.notRunning(entry.source());
    }

    /// Whether there is a source of this id, and it is started.
    public boolean isRunning(String id) {
        return capture(id) != null;
    }

    /// The run of a started source; null if it is disabled or stopped, or there is none.
    public @Nullable SourceRun started(String id) {
        Entry entry = entries.get(id);
        return entry == null ? null : entry.run();
    }

    /// The capture of a started source; null if it is disabled or stopped, or there is none.
    public @Nullable Capture capture(String id) {
        SourceRun run = started(id);
        return run == null ? null : run.capture();
    }

    /// The status of a source; that of a stopped one if there is none of this id.
    public SourceStatus status(String id) {
        return SourceStatus.of(capture(id));
    }

    /// The captures of all started sources.
    Set<Capture> captures() {
        return entries.keySet().stream()
                .map(this::capture)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
    }

    /// Stores a new source and starts it, unless it is disabled.
    ///
    /// @param fields its fields as compressed JSON, to be cached, or null
    /// @throws RequestException INVALID for its id, CONFLICT if the id is taken
    public Source create(String id, SourceConfig config, byte @Nullable [] fields) {
        Source source = new Source(Source.checkId(id), config, false);
        changes.lock();
        try {
            if (entries.containsKey(id)) {
                throw SourceRefusals.taken(id);
            }
            state.write(
                    write -> {
                        store.insert(write, source);
                        if (fields != null) {
                            store.putFields(write, id, fields);
                        }
                    });
            LOG.info("source={} change=created address={}", id, config.address());
            return entry(id).source();
        } catch (DuplicateKeyException _) {
            throw SourceRefusals.taken(id);
        } finally {
            changes.unlock();
        }
    }

    /// Changes the configuration of a source. Its run ends and another one begins, with which
    /// subscribers resume by their tokens; its checkpoints stay.
    ///
    /// @param document if it has no password, the stored one stays valid for the same user and
    ///   address
    /// @return the changed source
    /// @throws RequestException NOT_FOUND, INVALID, or CONFLICT if it is declared
    public Source update(String id, ConfigDocument document) {
        changes.lock();
        try {
            Entry entry = changeable(id);
            SourceConfig config = document.check(entry.source().config());
            if (!config.equals(entry.source().config())) {
                state.write(write -> store.update(write, new Source(id, config, false)));
                apply(entry, config);
            }
            return entry(id).source();
        } finally {
            changes.unlock();
        }
    }

    /// Ends a source's run and removes it with its checkpoints.
    ///
    /// @throws RequestException NOT_FOUND, or CONFLICT if it is declared
    public void delete(String id) {
        changes.lock();
        try {
            Entry entry = changeable(id);
            remove(id);
            end(entry, "the source was deleted");
        } finally {
            changes.unlock();
        }
    }

    private void remove(String id) {
        state.write(
                write -> {
                    consumers.getIfAvailable(() -> Consumers.NONE).forget(write, id);
                    store.delete(write, id);
                });
        entries.remove(id);
        LOG.info("source={} change=deleted", id);
    }

    /// Enables a source, and starts it.
    ///
    /// @throws RequestException NOT_FOUND, or CONFLICT if it is declared
    public void enable(String id) {
        setDisabled(id, false);
    }

    /// Stops a source, which does not run again until it is enabled.
    ///
    /// @throws RequestException NOT_FOUND, or CONFLICT if it is declared
    public void disable(String id) {
        setDisabled(id, true);
    }

    private void setDisabled(String id, boolean disabled) {
        changes.lock();
        try {
            Entry entry = changeable(id);
            if (entry.source().config().disabled() != disabled) {
                state.write(
                        write -> {
                            store.setDisabled(write, id, disabled);
                            store.setStopped(write, id, false);
                        });
                stopped = store.stopped();
                apply(entry, entry.source().config().withDisabled(disabled));
            }
        } finally {
            changes.unlock();
        }
    }

    /// Starts a stopped source. A running one continues.
    ///
    /// @throws RequestException NOT_FOUND, or CONFLICT if it is disabled
    public void start(String id) {
        changes.lock();
        try {
            Source source = entry(id).source();
            if (source.config().disabled()) {
                throw SourceRefusals.disabled(source);
            }
            setStopped(id, false);
        } finally {
            changes.unlock();
        }
    }

    /// Stops a source; its subscribers receive a last event.
    ///
    /// @throws RequestException NOT_FOUND
    public void stop(String id) {
        changes.lock();
        try {
            entry(id);
            setStopped(id, true);
        } finally {
            changes.unlock();
        }
    }

    private void setStopped(String id, boolean isStopped) {
        state.write(write -> store.setStopped(write, id, isStopped));
        stopped = store.stopped();
        obey(entry(id));
    }

    /// Starts or stops a source as an operator wants it.
    private void obey(Entry entry) {
        String id = entry.source().id();
        boolean isWanted = !stopped.contains(id) && !entry.source().config().disabled();
        if (isWanted == (entry.run() != null)) {
            return;
        }
        entries.put(id, begun(entry.source()));
        end(entry, "the source was stopped");
        LOG.info("source={} change={}", id, isWanted ? "started" : "stopped");
    }

    /// Deletes all stored sources that are disabled and have no consumer with a checkpoint.
    ///
    /// @return their ids
    public List<String> cleanup() {
        changes.lock();
        try {
            Consumers known = consumers.getIfAvailable(() -> Consumers.NONE);
            List<String> deleted = new ArrayList<>();
            for (Source source : all()) {
                if (!source.isDeclared()
                        && source.config().disabled()
                        && !known.hasCheckpoints(source.id())) {
                    remove(source.id());
                    deleted.add(source.id());
                }
            }
            return deleted;
        } finally {
            changes.unlock();
        }
    }

    /// Takes over the changes of other instances.
    void refresh() {
        changes.lock();
        try {
            List<Source> stored = store.all();
            stopped = store.stopped();
            stored.forEach(this::takeOver);
            Set<String> ids = stored.stream().map(Source::id).collect(Collectors.toSet());
            for (Source source : all()) {
                if (!source.isDeclared() && !ids.contains(source.id())) {
                    end(entries.remove(source.id()), "the source was deleted");
                }
            }
            entries.values().forEach(this::obey);
        } finally {
            changes.unlock();
        }
    }

    private void takeOver(Source stored) {
        Entry entry = entries.get(stored.id());
        if (entry == null) {
            entries.put(stored.id(), begun(stored));
        } else if (!entry.source().isDeclared() && !entry.source().equals(stored)) {
            apply(entry, stored.config());
        }
    }

    /// Changes the configuration of a source; the run with the former one ends.
    private void apply(Entry entry, SourceConfig config) {
        Source source = new Source(entry.source().id(), config, false);
        entries.put(source.id(), begun(source));
        end(entry, config.disabled() ? "the source was disabled" : "the source was changed");
        LOG.info(
                "source={} change={} address={}",
                source.id(),
                entry.source().config().changeTo(config),
                config.address());
    }

    private Entry begun(Source source) {
        return new Entry(source, stopped.contains(source.id()) ? null : runs.begin(source));
    }

    private static void end(@Nullable Entry entry, String reason) {
        if (entry != null && entry.run() != null) {
            entry.run().end(reason);
        }
    }

    private Entry entry(String id) {
        Entry entry = entries.get(id);
        if (entry == null) {
            takeOverCreated(id);
            entry = entries.get(id);
        }
        if (entry == null) {
            throw SourceRefusals.unknown(id);
        }
        return entry;
    }

    /// Asks the state database for a source that another instance has just created.
    void takeOverCreated(String id) {
        changes.lock();
        try {
            store.find(id).filter(source -> source.id().equals(id)).ifPresent(this::takeOver);
        } finally {
            changes.unlock();
        }
    }

    private Entry changeable(String id) {
        Entry entry = entry(id);
        if (entry.source().isDeclared()) {
            throw SourceRefusals.declared(id);
        }
        return entry;
    }
}
