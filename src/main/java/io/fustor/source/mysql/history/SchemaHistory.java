package io.fustor.source.mysql.history;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.history.SchemaHistoryStore.Stored;
import io.fustor.source.mysql.history.SchemaHistoryStore.Version;
import io.fustor.source.mysql.history.Schemas.Entry;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the tables of one server looked like at each place of its binlog, from a baseline on.
/// Thread-safe: the live reader carries it forward while those who catch up ask for the past.
///
/// A place is known by the transaction that starts there: a statement counts for its own
/// transaction's rows (`CREATE TABLE … SELECT`) and for all later ones.
public final class SchemaHistory {

    private final SchemaHistoryStore store;
    private final long server;

    private @Nullable SchemaPlace from;
    private @Nullable SchemaPlace through;
    private @Nullable Schemas now;
    private final Map<TableId, TreeMap<SchemaPlace, Optional<Entry>>> versions = new HashMap<>();

    private SchemaHistory(SchemaHistoryStore store, long server) {
        this.store = store;
        this.server = server;
    }

    /// The stored history of a server, or an empty one.
    ///
    /// @param server as in [FeedPosition#server]
    static SchemaHistory load(SchemaHistoryStore store, long server) {
        SchemaHistory history = new SchemaHistory(store, server);
        history.reload();
        return history;
    }

    private synchronized void reload() {
        versions.clear();
        from = null;
        through = null;
        now = null;
        store.load(server).ifPresent(this::take);
    }

    private void take(Stored stored) {
        from = stored.from();
        through = stored.through();
        Map<TableId, Entry> tables = new HashMap<>();
        for (Version version : stored.versions()) {
            add(version);
            if (version.entry() == null) {
                tables.remove(version.table());
            } else {
                tables.put(version.table(), version.entry());
            }
        }
        now = new Schemas(stored.server(), stored.collations(), tables);
    }

    private void add(Version version) {
        versions.computeIfAbsent(version.table(), _ -> new TreeMap<>())
                .put(version.place(), Optional.ofNullable(version.entry()));
    }

    /// Whether there is no baseline yet.
    public synchronized boolean isEmpty() {
        return now == null;
    }

    /// Begins anew: what all tables look like at a position. What was known before is dropped.
    ///
    /// @param position where no statement stands between it and the reading of the baseline
    public synchronized void begin(FeedPosition position, Schemas baseline) {
        SchemaPlace place = SchemaPlace.of(position);
        List<Version> all = new ArrayList<>();
        baseline.tables().forEach((table, entry) -> all.add(new Version(place, table, entry)));
        Stored stored = new Stored(baseline.server(), place, place, baseline.collations(), all);
        store.replace(server, stored);
        versions.clear();
        take(stored);
    }

    /// Drops everything, for a server whose binlog was reset.
    public synchronized void forget() {
        store.forget(server);
        reload();
    }

    /// Whether a reader that starts at a position would miss statements: it has to start at
    /// [#nextFileNumber()], [#nextOffset()] then, or a new baseline is needed.
    public synchronized boolean hasGapBefore(FeedPosition position) {
        return through == null || through.compareTo(SchemaPlace.of(position)) < 0;
    }

    /// The number of the binlog file from which on statements have to be read.
    public synchronized long nextFileNumber() {
        return existing(through).fileNumber();
    }

    /// The offset in that file.
    public synchronized long nextOffset() {
        return existing(through).offset();
    }

    private static SchemaPlace existing(@Nullable SchemaPlace place) {
        if (place == null) {
            throw new SourceException(
                    FailureCode.SCHEMA_UNKNOWN, "the tables' columns are not known yet");
        }
        return place;
    }

    /// A reader that starts at a position and sees every event from there on.
    ///
    /// @throws SourceException `SCHEMA_UNKNOWN` where statements before the position were not seen
    public synchronized SchemaFollower follow(FeedPosition start) {
        if (hasGapBefore(start)) {
            throw new SourceException(
                    FailureCode.SCHEMA_UNKNOWN,
                    "nobody saw the statements between %s and %s"
                            .formatted(existing(through), SchemaPlace.of(start)));
        }
        return new SchemaFollower(this);
    }

    /// The tables that are lost by the statement: nobody can say any more what they look like.
    synchronized List<TableId> apply(
            SchemaPlace start, SchemaPlace after, byte[] sql, StatementContext context) {
        if (start.compareTo(existing(through)) < 0) {
            return List.of();
        }
        Schemas before = existing(now);
        DdlParser parser = new DdlParser(before.server().version(), before.server().isMariaDb());
        DdlStatement statement = parser.parse(context.text(sql), context);
        if (statement instanceof DdlStatement.None) {
            return List.of();
        }
        Schemas next = before.after(statement, context);
        List<Version> changed = changed(start, before, next);
        if (!store.append(server, existing(through), after, next.collations(), changed)) {
            // Another instance was faster: it may have read this statement, or not yet.
            reload();
            return apply(start, after, sql, context);
        }
        changed.forEach(this::add);
        through = after;
        now = next;
        return lost(changed, before);
    }

    private static Schemas existing(@Nullable Schemas schemas) {
        if (schemas == null) {
            throw new SourceException(
                    FailureCode.SCHEMA_UNKNOWN, "the tables' columns are not known yet");
        }
        return schemas;
    }

    private static List<Version> changed(SchemaPlace start, Schemas before, Schemas after) {
        List<Version> changed = new ArrayList<>();
        after.tables()
                .forEach(
                        (table, entry) -> {
                            if (!entry.equals(before.tables().get(table))) {
                                changed.add(new Version(start, table, entry));
                            }
                        });
        for (TableId table : before.tables().keySet()) {
            if (!after.tables().containsKey(table)) {
                changed.add(new Version(start, table, null));
            }
        }
        return changed;
    }

    private static List<TableId> lost(List<Version> changed, Schemas before) {
        List<TableId> lost = new ArrayList<>();
        for (Version version : changed) {
            if (version.entry() instanceof Entry.Lost
                    && !(before.tables().get(version.table()) instanceof Entry.Lost)) {
                lost.add(version.table());
            }
        }
        return lost;
    }

    synchronized void advance(SchemaPlace reached) {
        SchemaPlace known = existing(through);
        if (known.compareTo(reached) >= 0) {
            return;
        }
        if (store.advance(server, known, reached)) {
            through = reached;
        } else {
            reload();
        }
    }

    /// What a table looks like for the rows of the transaction that starts at a place.
    ///
    /// @return null where there is no such table
    /// @throws SourceException `SCHEMA_UNKNOWN` where that cannot be said
    public synchronized @Nullable TableSchema at(TableId table, FeedPosition start) {
        SchemaPlace place = SchemaPlace.of(start);
        if (place.compareTo(existing(from)) < 0) {
            throw new SourceException(
                    FailureCode.SCHEMA_UNKNOWN,
                    "the tables' columns are known from %s on, and not at %s"
                            .formatted(existing(from), place));
        }
        TreeMap<SchemaPlace, Optional<Entry>> all = versions.get(existing(now).stored(table));
        Map.Entry<SchemaPlace, Optional<Entry>> version =
                all == null ? null : all.floorEntry(place);
        return version == null ? null : schema(table, version.getValue().orElse(null));
    }

    private static @Nullable TableSchema schema(TableId table, @Nullable Entry entry) {
        return switch (entry) {
            case null -> null;
            case Entry.Known(TableDefinition known) -> known.schema();
            case Entry.Lost(String why) ->
                    throw new SourceException(
                            FailureCode.SCHEMA_UNKNOWN,
                            "the columns of %s are not known: %s".formatted(table, why));
        };
    }

    TableNaming named(FeedPosition start, TableSchema map, boolean hasMetadata) {
        try {
            TableSchema known = at(map.id(), start);
            return known == null
                    ? new TableNaming(
                            map,
                            "no statement in the binlog and no baseline has made the table "
                                    + map.id())
                    : new TableMapCheck(known, map, hasMetadata).run();
        } catch (SourceException e) {
            return new TableNaming(map, e.getMessage());
        }
    }
}
