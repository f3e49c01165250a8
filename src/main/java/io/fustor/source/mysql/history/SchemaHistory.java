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
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// What the tables of one server looked like at each place of its binlog, from a baseline on.
/// Thread-safe: the live reader carries it forward while those who catch up ask for the past.
///
/// A place is known by the transaction that starts there: a statement counts for its own
/// transaction's rows (`CREATE TABLE … SELECT`) and for all later ones.
public final class SchemaHistory {

    private final SchemaHistoryStore store;
    private final long server;

    private long revision;
    private @Nullable SchemaPlace from;
    private @Nullable SchemaPlace through;
    private @Nullable Schemas now;

    /// How far back it is known which tables the statements in front of `from` touch.
    private @Nullable SchemaPlace pastFrom;

    private @Nullable TouchedTables past;
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
        Optional<Stored> stored = store.load(server);
        versions.clear();
        revision = 0;
        through = null;
        now = null;
        stored.ifPresentOrElse(this::take, () -> startAt(null));
    }

    private void startAt(@Nullable SchemaPlace place) {
        if (!Objects.equals(from, place)) {
            pastFrom = place;
            past = null;
        }
        from = place;
    }

    private void take(Stored stored) {
        startAt(stored.from());
        revision = stored.revision();
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

    /// Stands for the history as it is now, for [#begin]: another instance may be faster.
    public synchronized long revision() {
        return revision;
    }

    /// Begins anew: what all tables look like at a position. What was known before is dropped,
    /// unless it is another history by now than that of a revision.
    ///
    /// @param position where no statement stands between it and the reading of the baseline
    public synchronized void begin(long known, FeedPosition position, Schemas baseline) {
        if (known != revision) {
            return;
        }
        SchemaPlace place = SchemaPlace.of(position);
        List<Version> all = new ArrayList<>();
        baseline.tables()
                .forEach((table, entry) -> all.add(new Version(place.before(), table, entry)));
        // Drawn, so that it is not that of a history which was there before.
        long drawn = ThreadLocalRandom.current().nextLong(1, 1L << 62);
        Stored stored =
                new Stored(drawn, baseline.server(), place, place, baseline.collations(), all);
        if (store.replace(server, revision, stored)) {
            versions.clear();
            take(stored);
        } else {
            reload();
        }
    }

    /// Whether a reader that starts at a position would miss statements: those from [#end] on have
    /// to be read first.
    public synchronized boolean hasGapBefore(FeedPosition position) {
        return through == null || through.compareTo(SchemaPlace.of(position)) < 0;
    }

    /// Up to where the statements are known.
    public synchronized FeedPosition end() {
        return existing(through).on(server);
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
        if (through == null || start.compareTo(through) < 0) {
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
        if (!store.append(server, revision, after, next.collations(), changed)) {
            // Another instance was faster: it may have read this statement, or not yet.
            reload();
            return apply(start, after, sql, context);
        }
        changed.forEach(this::add);
        revision++;
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
        SchemaPlace known = through;
        if (known != null && known.compareTo(reached) < 0) {
            if (store.advance(server, revision, reached)) {
                through = reached;
            } else {
                reload();
            }
        }
    }

    /// Drops what tables looked like before a place only, which nobody can ask for any more.
    ///
    /// @param oldest from where on the server has its binlog
    public synchronized void prune(FeedPosition oldest) {
        List<Version> superseded = new ArrayList<>();
        versions.forEach((table, all) -> superseded.addAll(before(oldest, table, all)));
        if (!superseded.isEmpty()) {
            store.prune(server, superseded);
            for (Version version : superseded) {
                versions.getOrDefault(version.table(), new TreeMap<>()).remove(version.place());
            }
            versions.values().removeIf(Map::isEmpty);
        }
    }

    private static List<Version> before(
            FeedPosition oldest, TableId table, NavigableMap<SchemaPlace, Optional<Entry>> all) {
        Map.Entry<SchemaPlace, Optional<Entry>> kept = all.floorEntry(SchemaPlace.of(oldest));
        List<Version> superseded = new ArrayList<>();
        if (kept != null) {
            boolean isGone = kept.getValue().isEmpty();
            all.headMap(kept.getKey(), isGone)
                    .forEach(
                            (place, entry) ->
                                    superseded.add(new Version(place, table, entry.orElse(null))));
        }
        return superseded;
    }

    /// The end of the stretch from a place on whose statements have to be read before rows of that
    /// place can be named, since it lies in front of everything that is known; null where there is
    /// none.
    public synchronized @Nullable FeedPosition unknownPast(FeedPosition start) {
        SchemaPlace known = existing(pastFrom);
        return SchemaPlace.of(start).compareTo(known) < 0 ? known.on(server) : null;
    }

    /// What to give to [#know].
    public synchronized TouchedTables touched() {
        return new TouchedTables(existing(now));
    }

    /// Takes in what the statements touch between a place and the end that [#unknownPast] said.
    public synchronized void know(FeedPosition start, FeedPosition end, TouchedTables touched) {
        TouchedTables later = past;
        if (SchemaPlace.of(end).compareTo(existing(pastFrom)) == 0) {
            if (later != null) {
                touched.add(later);
            }
            past = touched;
            pastFrom = SchemaPlace.of(start);
        }
    }

    /// What a table looks like for the rows of the transaction that starts at a place.
    ///
    /// @return null where there is no such table
    /// @throws SourceException `SCHEMA_UNKNOWN` where that cannot be said
    public synchronized @Nullable TableSchema at(TableId table, FeedPosition start) {
        SchemaPlace place = SchemaPlace.of(start);
        TableId stored = existing(now).stored(table);
        if (place.compareTo(existing(from)) < 0) {
            requireUntouched(stored, place);
            place = existing(from).before();
        }
        TreeMap<SchemaPlace, Optional<Entry>> all = versions.get(stored);
        Map.Entry<SchemaPlace, Optional<Entry>> version =
                all == null ? null : all.floorEntry(place);
        return version == null ? null : schema(table, version.getValue().orElse(null));
    }

    /// In front of the baseline a table looked like there where no statement between touches it.
    private void requireUntouched(TableId table, SchemaPlace place) {
        TouchedTables touched = past;
        if (touched == null || place.compareTo(existing(pastFrom)) < 0) {
            throw unknown(table, place, "and what stands between was not read");
        }
        if (touched.isTouchedBehind(table, place)) {
            throw unknown(
                    table, place, "and a statement between changed it or another of its name");
        }
    }

    private SourceException unknown(TableId table, SchemaPlace place, String why) {
        return new SourceException(
                FailureCode.SCHEMA_UNKNOWN,
                ("the columns of %s are not known at %s: the binlog there has no column names, the"
                                + " service knows them from %s on, %s")
                        .formatted(table, place, existing(from), why));
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

    /// The names of a table map's columns, checked against it.
    ///
    /// @param start of the transaction that the table map stands in
    /// @param map the table as the table map has it
    /// @param hasMetadata whether the table map has optional metadata, which servers before 8.0.1
    ///   and MariaDB with `NO_LOG` leave out
    public TableNaming named(FeedPosition start, TableSchema map, boolean hasMetadata) {
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
