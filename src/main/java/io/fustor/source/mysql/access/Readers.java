package io.fustor.source.mysql.access;

import io.fustor.source.mysql.checkpoint.Checkpoints;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.grant.Grant;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.grant.Standing;
import io.fustor.source.mysql.settings.SecurityProperties;
import io.fustor.source.mysql.state.StateDatabase;
import jakarta.annotation.PostConstruct;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// The readers: those that the configuration declares, and those in the state database. Every
/// instance looks for changes several times a second, so that a change reaches the streams of all
/// of them within one. Any thread may call.
@Component
class Readers {

    private static final Logger LOG = LoggerFactory.getLogger(Readers.class);

    /// Ending a stream takes up to 0.6 s more.
    private static final long LOOK_MILLIS = 200;

    private final ReaderStore store;
    private final StateDatabase state;
    private final Checkpoints checkpoints;
    private final Map<String, Known> declared = new TreeMap<>();
    private final ReentrantLock changes = new ReentrantLock();
    private volatile Index index = new Index(Map.of(), Map.of());
    private long seen = -1;
    private boolean isReachable = true;

    /// A reader, and what its open streams look at.
    private record Known(Reader reader, Standing standing) {
        static Known of(Reader reader) {
            return new Known(reader, new Standing(reader.grant().expires()));
        }

        /// The same reader as it is now. The streams go on where they show the same.
        Known become(Reader now) {
            boolean goesOn =
                    reader.hash().equals(now.hash())
                            && reader.created().equals(now.created())
                            && reader.grant().showsTheSameAs(now.grant());
            if (!goesOn) {
                standing.withdraw();
                return of(now);
            }
            standing.expireAt(now.grant().expires());
            return new Known(now, standing);
        }
    }

    private record Index(Map<String, Known> byName, Map<String, Known> byHash) {}

    Readers(
            ReaderStore store,
            StateDatabase state,
            Checkpoints checkpoints,
            SecurityProperties properties) {
        this.store = store;
        this.state = state;
        this.checkpoints = checkpoints;
        properties
                .readers()
                .forEach(
                        (name, reader) ->
                                declared.put(name, Known.of(DeclaredReaders.read(name, reader))));
    }

    @PostConstruct
    void load() {
        refresh();
        LOG.info("readers={} declared={}", index.byName().size(), declared.size());
    }

    /// All readers by name.
    List<Reader> all() {
        return index.byName().values().stream().map(Known::reader).toList();
    }

    /// The caller that shows a secret, or null where it is no reader's.
    @Nullable Caller find(String secret) {
        return caller(index.byHash().get(Secrets.hash(secret)));
    }

    /// The reader of a name, or null where there is none.
    @Nullable Reader named(String name) {
        Known known = index.byName().get(name);
        return known == null ? null : known.reader();
    }

    /// The caller of a reader's name, or null where there is none.
    @Nullable Caller caller(String name) {
        return caller(index.byName().get(name));
    }

    private static @Nullable Caller caller(@Nullable Known known) {
        if (known == null) {
            return null;
        }
        Reader reader = known.reader();
        Sight sight = Sight.of(reader.owner(), reader.grant(), known.standing());
        return new Caller(reader.name(), Role.READER, sight);
    }

    /// Makes a reader.
    ///
    /// @return its secret, which no later answer has
    /// @throws RequestException `READER_EXISTS`
    String create(String name, Grant grant) {
        Reader.requireName(name);
        String secret = Secrets.make();
        Reader reader = new Reader(name, Secrets.hash(secret), grant, now(), false);
        if (declared.containsKey(name)) {
            throw RequestException.refused(RequestCode.READER_EXISTS, "reader.taken", name);
        }
        try {
            state.write(write -> store.insert(write, reader));
        } catch (DuplicateKeyException _) {
            throw RequestException.refused(RequestCode.READER_EXISTS, "reader.taken", name);
        }
        refresh();
        return secret;
    }

    /// As the state database has it.
    private static Instant now() {
        return Instant.ofEpochMilli(System.currentTimeMillis());
    }

    /// Replaces a reader's grant. The secret stays.
    ///
    /// @throws RequestException `READER_UNKNOWN`, `READER_DECLARED`
    Reader update(String name, Grant grant) {
        requireStored(name);
        if (!state.writeAnd(write -> store.update(write, name, grant))) {
            throw unknown(name);
        }
        refresh();
        Reader now = named(name);
        if (now == null) {
            throw unknown(name);
        }
        return now;
    }

    /// Removes a reader with its checkpoints.
    ///
    /// @throws RequestException `READER_UNKNOWN`, `READER_DECLARED`
    void delete(String name) {
        requireStored(name);
        boolean isGone =
                state.writeAnd(
                        write -> {
                            checkpoints.forgetOwner(write, Reader.owner(name));
                            return store.delete(write, name);
                        });
        if (!isGone) {
            throw unknown(name);
        }
        refresh();
    }

    private void requireStored(String name) {
        if (declared.containsKey(name)) {
            throw RequestException.refused(RequestCode.READER_DECLARED, "reader.declared", name);
        }
    }

    private static RequestException unknown(String name) {
        return RequestException.refused(RequestCode.READER_UNKNOWN, "reader.none", name);
    }

    /// Takes over what other instances changed. While the state database cannot be reached,
    /// everything goes on as it is: no caller can change a reader either.
    @Scheduled(fixedDelay = LOOK_MILLIS, initialDelay = LOOK_MILLIS)
    void follow() {
        try {
            if (store.changes() != seen()) {
                refresh();
            }
            isReachable = true;
        } catch (DataAccessException | TransactionException e) {
            if (isReachable) {
                LOG.warn("readers=unreachable reason={}", String.valueOf(e.getMessage()));
            }
            isReachable = false;
        }
    }

    private long seen() {
        changes.lock();
        try {
            return seen;
        } finally {
            changes.unlock();
        }
    }

    private void refresh() {
        changes.lock();
        try {
            // Before the readers: a change in between is then looked for once more.
            long number = store.changes();
            Map<String, Known> before = index.byName();
            Map<String, Known> byName = new TreeMap<>(declared);
            for (Reader reader : store.all()) {
                String name = reader.name();
                Known known = before.get(name);
                if (!declared.containsKey(name)) {
                    byName.put(name, known == null ? Known.of(reader) : known.become(reader));
                }
            }
            before.forEach(
                    (name, known) -> {
                        if (!byName.containsKey(name)) {
                            known.standing().withdraw();
                        }
                    });
            Map<String, Known> byHash = new HashMap<>();
            byName.values().forEach(known -> byHash.put(known.reader().hash(), known));
            index = new Index(byName, byHash);
            seen = number;
        } finally {
            changes.unlock();
        }
    }
}
