package io.fustor.source.mysql.source;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.CapturePool;
import io.fustor.source.mysql.error.ConfigurationException;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.server.Servers;
import io.fustor.source.mysql.state.StateDatabase;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// Every configured source, and the runs of those that are started. Any thread may call it; changes
/// follow one another, and each is in the state database before it is seen here.
///
/// A source that is enabled runs from the service's start on. Stopped by hand, it stays stopped
/// until it is started by hand, or the service starts anew.
@Component
public class Sources {

    private static final Logger LOG = LoggerFactory.getLogger(Sources.class);

    private final SourceStore store;
    private final CapturePool captures;
    private final Servers servers;
    private final SourceProperties properties;
    private final ObjectProvider<Consumers> consumers;
    private final StateDatabase state;

    private final ReentrantLock changes = new ReentrantLock();
    private final Map<String, Entry> entries = new ConcurrentSkipListMap<>();

    /// A source and its run, null while it is stopped.
    private record Entry(Source source, @Nullable SourceRun run) {}

    Sources(
            SourceStore store,
            CapturePool captures,
            Servers servers,
            SourceProperties properties,
            ObjectProvider<Consumers> consumers,
            StateDatabase state) {
        this.store = store;
        this.captures = captures;
        this.servers = servers;
        this.properties = properties;
        this.consumers = consumers;
        this.state = state;
    }

    @PostConstruct
    void load() {
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
    /// @throws RequestException NOT_FOUND, or CONFLICT where it is disabled or stopped
    public SourceRun run(String id) {
        Entry entry = entry(id);
        SourceRun run = entry.run();
        if (run != null) {
            return run;
        }
        throw RequestException.conflict(
                entry.source().config().disabled()
                        ? "The source " + id + " is disabled; " + howToEnable(entry.source())
                        : "The source "
                                + id
                                + " is stopped; start it with POST /api/instances/sources/"
                                + id
                                + "/_actions/start.");
    }

    /// Whether there is such a source, and it is started.
    public boolean isRunning(String id) {
        return capture(id) != null;
    }

    /// The capture of a started source; null where it is disabled or stopped, or there is none.
    public @Nullable Capture capture(String id) {
        Entry entry = entries.get(id);
        return entry == null || entry.run() == null ? null : entry.run().capture();
    }

    /// Stores a new source and starts it, unless it is disabled.
    ///
    /// @param fields its fields as compressed JSON, to be cached, or null
    /// @throws RequestException INVALID for its id, CONFLICT where that is taken
    public Source create(String id, SourceConfig config, byte @Nullable [] fields) {
        Source source = new Source(Source.checkId(id), config, false);
        changes.lock();
        try {
            if (entries.containsKey(id)) {
                throw taken(id);
            }
            state.write(
                    () -> {
                        store.insert(source);
                        if (fields != null) {
                            store.putFields(id, fields);
                        }
                    });
            LOG.info("source={} change=created address={}", id, config.address());
            return entry(id).source();
        } catch (DuplicateKeyException _) {
            throw taken(id);
        } finally {
            changes.unlock();
        }
    }

    /// Gives a source another configuration. Its run ends and another one begins, at which
    /// subscribers go on with their tokens; its checkpoints stay.
    ///
    /// @param document as somebody wrote it: without a password, the stored one stays where user
    ///   and address do
    /// @return the source as it is now
    /// @throws RequestException NOT_FOUND, INVALID, or CONFLICT where it is declared
    public Source update(String id, ConfigDocument document) {
        changes.lock();
        try {
            Entry entry = changeable(id);
            SourceConfig config = document.check(entry.source().config());
            if (!config.equals(entry.source().config())) {
                store.update(new Source(id, config, false));
                apply(entry, config);
            }
            return entry(id).source();
        } finally {
            changes.unlock();
        }
    }

    /// Ends a source's run and removes it with its checkpoints.
    ///
    /// @throws RequestException NOT_FOUND, or CONFLICT where it is declared
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
                () -> {
                    consumers.getIfAvailable(() -> Consumers.NONE).forget(id);
                    store.delete(id);
                });
        entries.remove(id);
        LOG.info("source={} change=deleted", id);
    }

    /// Lets a source run, and starts it.
    ///
    /// @throws RequestException NOT_FOUND, or CONFLICT where it is declared
    public void enable(String id) {
        setDisabled(id, false);
    }

    /// Stops a source, and keeps it from running until it is enabled.
    ///
    /// @throws RequestException NOT_FOUND, or CONFLICT where it is declared
    public void disable(String id) {
        setDisabled(id, true);
    }

    private void setDisabled(String id, boolean disabled) {
        changes.lock();
        try {
            Entry entry = changeable(id);
            if (entry.source().config().disabled() == disabled) {
                return;
            }
            state.write(() -> store.setDisabled(id, disabled));
            apply(entry, entry.source().config().withDisabled(disabled));
        } finally {
            changes.unlock();
        }
    }

    /// Starts a stopped source; a running one goes on.
    ///
    /// @throws RequestException NOT_FOUND, or CONFLICT where it is disabled
    public void start(String id) {
        changes.lock();
        try {
            Entry entry = entry(id);
            Source source = entry.source();
            if (source.config().disabled()) {
                throw RequestException.conflict(
                        "The source " + id + " is disabled; " + howToEnable(source));
            }
            if (entry.run() == null) {
                entries.put(id, begun(source));
                LOG.info("source={} change=started", id);
            }
        } finally {
            changes.unlock();
        }
    }

    /// Stops a source; its subscribers get a last event.
    ///
    /// @throws RequestException NOT_FOUND
    public void stop(String id) {
        changes.lock();
        try {
            Entry entry = entry(id);
            if (entry.run() != null) {
                entries.put(id, new Entry(entry.source(), null));
                end(entry, "the source was stopped");
                LOG.info("source={} change=stopped", id);
            }
        } finally {
            changes.unlock();
        }
    }

    /// Deletes every stored source that is disabled and has no consumer with a checkpoint.
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

    /// Takes over what other instances changed in the shared state database. While that cannot be
    /// reached, everything goes on as it is.
    @Scheduled(
            fixedDelayString = "${fustor.refresh:5s}",
            initialDelayString = "${fustor.refresh:5s}")
    void follow() {
        try {
            refresh();
        } catch (DataAccessException | TransactionException | ConfigurationException e) {
            LOG.warn("state=unreachable reason={}", String.valueOf(e.getMessage()));
        }
    }

    private void refresh() {
        changes.lock();
        try {
            List<Source> stored = store.all();
            stored.forEach(this::takeOver);
            Set<String> ids = stored.stream().map(Source::id).collect(Collectors.toSet());
            for (Source source : all()) {
                if (!source.isDeclared() && !ids.contains(source.id())) {
                    end(entries.remove(source.id()), "the source was deleted");
                }
            }
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

    /// Gives a source another configuration; the run with the former one ends.
    private void apply(Entry entry, SourceConfig config) {
        Source source = new Source(entry.source().id(), config, false);
        entries.put(source.id(), begun(source));
        end(entry, config.disabled() ? "the source was disabled" : "the source was changed");
        LOG.info(
                "source={} change={} address={}",
                source.id(),
                change(entry.source().config(), config),
                config.address());
    }

    private static String change(SourceConfig before, SourceConfig now) {
        if (before.disabled() == now.disabled()) {
            return "updated";
        }
        return now.disabled() ? "disabled" : "enabled";
    }

    private Entry begun(Source source) {
        SourceConfig config = source.config();
        if (config.disabled()) {
            return new Entry(source, null);
        }
        return new Entry(
                source,
                new SourceRun(
                        source.id(),
                        config,
                        captures.acquire(
                                servers.access(config.address(), config.credential()),
                                config.retryPolicy()),
                        captures::release));
    }

    private static void end(@Nullable Entry entry, String reason) {
        if (entry != null && entry.run() != null) {
            entry.run().end(reason);
        }
    }

    private Entry entry(String id) {
        Entry entry = entries.get(id);
        if (entry == null) {
            entry = created(id);
        }
        if (entry == null) {
            throw RequestException.notFound("There is no source " + id + ".");
        }
        return entry;
    }

    /// A source that another instance has just created.
    private @Nullable Entry created(String id) {
        changes.lock();
        try {
            store.find(id).filter(source -> source.id().equals(id)).ifPresent(this::takeOver);
            return entries.get(id);
        } finally {
            changes.unlock();
        }
    }

    private Entry changeable(String id) {
        Entry entry = entry(id);
        if (entry.source().isDeclared()) {
            throw RequestException.conflict(
                    "The source "
                            + id
                            + " is declared in the service's configuration (fustor.sources."
                            + id
                            + "); change it there and restart.");
        }
        return entry;
    }

    private static String howToEnable(Source source) {
        return source.isDeclared()
                ? "remove fustor.sources." + source.id() + ".disabled and restart."
                : "enable it with POST /api/configs/sources/" + source.id() + "/_actions/enable.";
    }

    private static RequestException taken(String id) {
        return RequestException.conflict(
                "The id " + id + " is taken; choose another, or delete that source first.");
    }
}
