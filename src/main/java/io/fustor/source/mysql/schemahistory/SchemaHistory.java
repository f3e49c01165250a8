package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.StatementContext;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.schemahistory.Catalog.Entry;
import io.fustor.source.mysql.schemahistory.SchemaHistoryStore.Stored;
import io.fustor.source.mysql.schemahistory.SchemaHistoryStore.Version;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// The definitions of a server's tables at each place of its binlog, from a baseline on.
/// Thread-safe: the live reader extends it while subscribers that catch up ask for the past.
///
/// A place is identified by the transaction that starts there. A statement is valid for the rows of
/// its own transaction (`CREATE TABLE … SELECT`) and of all later ones.
public final class SchemaHistory {

    /// How many lost tables [#lost] returns.
    private static final int MOST_TOLD = 20;

    private final SchemaHistoryStore store;
    private final long number;
    private final long server;

    /// Changes each time the history begins anew.
    private long beginning;

    /// When the server created each file whose statements are known, in seconds since 1970.
    private final Map<Long, Integer> files = new HashMap<>();

    private long revision;
    private @Nullable SchemaPlace from;
    private @Nullable SchemaPlace through;
    private @Nullable Catalog now;

    private final EarlierStatements earlier = new EarlierStatements();
    private final TableVersions versions = new TableVersions();

    private SchemaHistory(SchemaHistoryStore store, long number, long server) {
        this.store = store;
        this.number = number;
        this.server = server;
    }

    /// The stored history of a server, or an empty one.
    ///
    /// @param number the key by which it is stored
    /// @param server as in [Place#server]
    static SchemaHistory load(SchemaHistoryStore store, long number, long server) {
        SchemaHistory history = new SchemaHistory(store, number, server);
        history.reload();
        return history;
    }

    private synchronized void reload() {
        Optional<Stored> stored = store.load(number);
        versions.clear();
        files.clear();
        revision = 0;
        through = null;
        now = null;
        stored.ifPresentOrElse(this::take, () -> startAt(null));
    }

    private void startAt(@Nullable SchemaPlace place) {
        if (!SchemaPlace.areSame(from, place)) {
            beginning++;
            earlier.begin(place);
        }
        from = place;
    }

    private void take(Stored stored) {
        startAt(stored.from());
        revision = stored.revision();
        through = stored.through();
        files.putAll(stored.files());
        Map<TableId, Entry> tables = new HashMap<>();
        for (Version version : stored.versions()) {
            versions.add(version);
            if (version.entry() == null) {
                tables.remove(version.table());
            } else {
                tables.put(version.table(), version.entry());
            }
        }
        now = new Catalog(stored.server(), stored.collations(), tables);
    }

    /// Whether there is no baseline yet.
    public synchronized boolean isEmpty() {
        return now == null;
    }

    /// The number of the history's present state, for [#begin]: another instance may be faster.
    public synchronized long revision() {
        return revision;
    }

    /// Begins anew with the definitions of all tables at a position, and drops the earlier ones.
    /// Does nothing if the history is no longer at a revision.
    ///
    /// @param known the revision
    /// @param position no statement stands between it and the reading of the baseline
    public synchronized void begin(long known, Place position, Catalog baseline) {
        if (known != revision) {
            return;
        }
        SchemaPlace place = SchemaPlace.of(position);
        List<Version> all = new ArrayList<>();
        baseline.tables()
                .forEach((table, entry) -> all.add(new Version(place.before(), table, entry)));
        // Random, so that it differs from the revisions of an earlier history.
        long drawn = ThreadLocalRandom.current().nextLong(1, 1L << 62);
        Stored stored =
                new Stored(
                        drawn,
                        baseline.server(),
                        place,
                        place,
                        baseline.collations(),
                        all,
                        Map.of(place.fileNumber(), place.evidence().fileCreated()));
        if (store.replace(number, revision, stored)) {
            versions.clear();
            files.clear();
            beginning++;
            take(stored);
        } else {
            reload();
        }
    }

    /// Whether a reader that starts at a position would miss statements. Those from [#end] on have
    /// to be read first.
    public synchronized boolean hasGapBefore(Place position) {
        return through == null || through.compareTo(SchemaPlace.of(position)) < 0;
    }

    /// The place up to which the statements are known.
    public synchronized Place end() {
        return existing(through).on(server);
    }

    private static <T> T existing(@Nullable T known) {
        if (known == null) {
            throw new SourceException(
                    FailureCode.SCHEMA_UNKNOWN, "the tables' columns are not known yet");
        }
        return known;
    }

    /// A follower for a reader that starts at a position and reads every event from there on.
    ///
    /// @throws SourceException `SCHEMA_UNKNOWN` if statements before the position were not read
    public synchronized SchemaFollower follow(Place start) {
        if (hasGapBefore(start)) {
            throw new SourceException(
                    FailureCode.SCHEMA_UNKNOWN,
                    "the statements between %s and %s were not read"
                            .formatted(existing(through), SchemaPlace.of(start)));
        }
        return new SchemaFollower(this, beginning);
    }

    /// Checks that the history is still the one with which a follower began.
    ///
    /// @throws SourceException `CONNECTION_LOST` if it began anew since then: the reader may be at
    ///   another server than the history's
    synchronized void requireBegunAs(long known) {
        if (beginning != known) {
            throw new SourceException(
                    FailureCode.CONNECTION_LOST,
                    "the schema history was begun anew while a reader followed it: the reader begins again");
        }
    }

    /// Whether the history contains the statements of a place's file, by the file's number and
    /// creation time.
    public synchronized boolean isOf(Place place) {
        if (!files.containsKey(place.fileNumber())) {
            files.putAll(store.files(number));
        }
        Integer created = files.get(place.fileNumber());
        return created != null && created != 0 && created == place.fileCreated();
    }

    synchronized void know(Map<Long, Integer> created) {
        created.forEach(this::know);
    }

    private void know(long file, int created) {
        if (created != 0 && !files.containsKey(file)) {
            store.know(number, file, created);
            files.put(file, created);
        }
    }

    /// Applies a statement.
    ///
    /// @return the tables whose definitions are not known after it
    synchronized List<TableId> apply(
            SchemaPlace start, SchemaPlace after, byte[] sql, StatementContext context) {
        if (through == null || start.compareTo(through) < 0) {
            return List.of();
        }
        Catalog before = existing(now);
        DdlParser parser = new DdlParser(before.server().version(), before.server().isMariaDb());
        DdlStatement statement = parser.parse(sql, context);
        if (statement instanceof DdlStatement.None) {
            return List.of();
        }
        Catalog next = before.after(statement, context);
        List<Version> changed = TableVersions.changed(start, before, next);
        know(after.fileNumber(), after.evidence().fileCreated());
        if (!store.append(number, revision, after, next.collations(), changed)) {
            // Another instance was faster. It may or may not have read this statement.
            reload();
            return apply(start, after, sql, context);
        }
        changed.forEach(versions::add);
        revision++;
        through = after;
        now = next;
        return TableVersions.lost(changed, before);
    }

    /// The tables at the end of the history, and the server's rules for names.
    public synchronized Catalog current() {
        return existing(now);
    }

    /// The first tables by name whose definitions are not known at the end of the history, and why.
    public synchronized Map<TableId, String> lost() {
        return now == null ? Map.of() : now.lost(MOST_TOLD);
    }

    /// Adds the server's description of a table whose definition was not known.
    ///
    /// @param described the result of [SchemaBaseline#describe]
    /// @param start of the transaction after which no statement touched the table
    /// @param end the place up to which that is true; between two transactions
    /// @return false if the server has no such table, or later statements are known by now
    public synchronized boolean learn(TableId id, Catalog described, Place start, Place end) {
        if (!(described.table(id) instanceof Entry.Known(TableDefinition table))) {
            return false;
        }
        SchemaPlace place = SchemaPlace.of(start);
        SchemaPlace known = existing(through);
        if (known.compareTo(SchemaPlace.of(end)) > 0 || place.compareTo(existing(from)) < 0) {
            return false;
        }
        Version version = new Version(place, table.id(), new Entry.Known(table));
        Catalog next = existing(now).with(table);
        if (!store.append(number, revision, known, next.collations(), List.of(version))) {
            reload();
            return false;
        }
        versions.add(version);
        revision++;
        now = next;
        return true;
    }

    synchronized void advance(SchemaPlace reached) {
        SchemaPlace known = through;
        if (known != null && known.compareTo(reached) < 0) {
            know(reached.fileNumber(), reached.evidence().fileCreated());
            if (store.advance(number, revision, reached)) {
                through = reached;
            } else {
                reload();
            }
        }
    }

    /// Drops the versions that were valid only before a place.
    ///
    /// @param oldest the place at which the server's binlog begins
    public synchronized void prune(Place oldest) {
        if (files.keySet().removeIf(file -> file < oldest.fileNumber())) {
            store.forget(number, oldest.fileNumber());
        }
        List<Version> superseded = versions.superseded(oldest);
        if (!superseded.isEmpty()) {
            store.prune(number, superseded);
            versions.removeAll(superseded);
        }
    }

    /// The place up to which statements have to be read before rows at `start` can be named, since
    /// `start` is before everything known; null if none have to.
    public synchronized @Nullable Place unknownPast(Place start) {
        SchemaPlace known = existing(earlier.from());
        return SchemaPlace.of(start).compareTo(known) < 0 ? known.on(server) : null;
    }

    /// An empty collector for [#know].
    public synchronized TouchedTables touched() {
        return new TouchedTables(existing(now));
    }

    /// Adds the tables that the statements touch between a place and the end that [#unknownPast]
    /// returned.
    ///
    /// @param created when the server created the files that were read, by their numbers
    public synchronized void know(
            Place start, Place end, TouchedTables touched, Map<Long, Integer> created) {
        if (SchemaPlace.of(end).compareTo(existing(earlier.from())) == 0) {
            Integer known = files.get(end.fileNumber());
            if (known == null || !known.equals(created.get(end.fileNumber()))) {
                throw new SourceException(
                        FailureCode.CONNECTION_LOST,
                        "the statements before the schema history were read from another binlog");
            }
            know(created);
            earlier.add(SchemaPlace.of(start), touched);
        }
    }

    /// The definition of a table for the rows of the transaction that starts at a place.
    ///
    /// @return null if there is no such table
    /// @throws SourceException `SCHEMA_UNKNOWN` if it is not known
    public synchronized @Nullable TableSchema at(TableId table, Place start) {
        SchemaPlace place = SchemaPlace.of(start);
        TableId stored = existing(now).stored(table);
        if (place.compareTo(existing(from)) < 0) {
            requireUntouched(stored, place, existing(from));
            place = existing(from).before();
        }
        Entry entry = versions.at(stored, place);
        return entry == null ? null : entry.schema(table);
    }

    private void requireUntouched(TableId table, SchemaPlace place, SchemaPlace baseline) {
        String doubt = earlier.doubt(table, place);
        if (doubt != null) {
            throw new SourceException(
                    FailureCode.SCHEMA_UNKNOWN,
                    ("the columns of %s are not known at %s: the binlog there has no column names,"
                                    + " the service knows them from %s on, %s")
                            .formatted(table, place, baseline, doubt));
        }
    }

    /// The names of a table map's columns, checked against the map.
    ///
    /// @param start of the table map's transaction
    /// @param map the table as the table map describes it
    /// @param hasMetadata whether the table map has optional metadata, which servers before 8.0.1
    ///   and MariaDB with `NO_LOG` leave out
    public TableNaming named(Place start, TableSchema map, boolean hasMetadata) {
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

    /// The definition of a table whose map has names, by the statements.
    ///
    /// @return null if they are not known, or do not agree with the map
    public @Nullable TableSchema explained(Place start, TableSchema map) {
        TableNaming naming = named(start, map, true);
        if (naming.problem() == null) {
            return naming.table();
        }
        return isVersioned(map.id(), SchemaPlace.of(start))
                ? map.unsupported(naming.problem())
                : null;
    }

    private synchronized boolean isVersioned(TableId table, SchemaPlace start) {
        SchemaPlace place = start.compareTo(existing(from)) < 0 ? existing(from).before() : start;
        return versions.at(existing(now).stored(table), place) instanceof Entry.Lost lost
                && lost.isVersioned();
    }
}
