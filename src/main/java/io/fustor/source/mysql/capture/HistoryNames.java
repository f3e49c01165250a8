package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.ColumnNames;
import io.fustor.source.mysql.binlog.SchemaStatement;
import io.fustor.source.mysql.binlog.StatementScan;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.schemahistory.SchemaFollower;
import io.fustor.source.mysql.schemahistory.SchemaHistory;
import io.fustor.source.mysql.schemahistory.TableNaming;
import io.fustor.source.mysql.schemahistory.TouchedTables;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Provides column names for one reader from the server's schema history. It does nothing before
/// the first table map without names. Then it reads the statements that no reader has read yet,
/// each stretch with its own connection. From there on, it adds the statements that the reader
/// encounters.
///
/// For the reader's thread, except [#close].
final class HistoryNames implements ColumnNames {

    /// How often the store records that no statement came.
    private static final Duration NOTED = Duration.ofSeconds(5);

    /// The time limit for one step of reading statements, so that the reader's owner can do other
    /// work in between.
    private static final Duration STEP = Duration.ofMillis(500);

    private static final Logger log = LoggerFactory.getLogger(HistoryNames.class);

    private final CapturedSchemas schemas;
    private final boolean isOfThePast;

    private final LostTables lost;

    /// From the first table map without names on.
    private @Nullable SchemaFollower follower;

    private @Nullable Stretch stretch;
    private volatile @Nullable StatementScan scan;
    private volatile boolean closed;
    private long noted;
    private long notedFile;

    /// A stretch of binlog that is read in addition.
    private sealed interface Stretch {

        /// From the history's end to the reader's place.
        record Gap(SchemaHistory history, long revision, SchemaFollower follower)
                implements Stretch {}

        /// From the reader's place to the baseline.
        record Past(SchemaHistory history, Place start, Place end, TouchedTables touched)
                implements Stretch {}
    }

    /// @param isOfThePast whether another reader adds the statements that this reader encounters
    HistoryNames(CapturedSchemas schemas, boolean isOfThePast) {
        this.schemas = schemas;
        this.isOfThePast = isOfThePast;
        this.lost = new LostTables(schemas);
    }

    @Override
    public ColumnNames ofThePast() {
        return new HistoryNames(schemas, true);
    }

    @Override
    public boolean reach(Place start, Place here) {
        do {
            Stretch open = stretch;
            if (open != null && !readOn(open, here)) {
                return false;
            }
            stretch = next(schemas.history(start.server()), start, here);
        } while (stretch != null);
        return true;
    }

    /// Opens the stretch that must be read before the columns at the reader's place are known; null
    /// if there is none.
    private @Nullable Stretch next(SchemaHistory history, Place start, Place here) {
        if (history.isEmpty()) {
            schemas.begin(start.server());
        }
        if (isOfThePast ? history.hasGapBefore(here) : follower == null) {
            long revision = history.revision();
            Place end = history.end();
            Stretch gap = new Stretch.Gap(history, revision, history.follow(end));
            try {
                open(schemas.scan(end, here));
                return gap;
            } catch (SourceException e) {
                schemas.renew(history, revision, start.server(), e);
                return next(history, start, here);
            }
        }
        Place end = history.unknownPast(start);
        if (end == null) {
            return null;
        }
        TouchedTables touched = history.touched();
        open(schemas.scan(start, end));
        return new Stretch.Past(history, start, end, touched);
    }

    /// Checks the server of the history. The reader's connection may still lead to a server that
    /// has left the address, while the history belongs to the server that is there now.
    private static void requireOfHistory(SchemaHistory history, Place start) {
        if (!history.isOf(start)) {
            throw new SourceException(
                    FailureCode.CONNECTION_LOST,
                    "the schema history belongs to another binlog than the one that is read: the address"
                            + " just led to another server");
        }
    }

    private void open(StatementScan opened) {
        scan = opened;
        if (closed) {
            opened.close();
        }
    }

    /// Reads for about a second at most; false if that was not sufficient.
    private boolean readOn(Stretch open, Place here) {
        StatementScan running = scan;
        if (running == null) {
            return true;
        }
        try {
            long deadline = System.nanoTime() + STEP.toNanos();
            SchemaStatement statement = running.next();
            while (statement != null) {
                take(open, statement);
                statement = System.nanoTime() < deadline ? running.next() : null;
            }
            if (!running.isOver()) {
                return false;
            }
            end(open, running.position(), running.files());
        } catch (SourceException e) {
            end(open, e, here.server());
        }
        running.close();
        scan = null;
        return true;
    }

    private static void take(Stretch open, SchemaStatement statement) {
        switch (open) {
            case Stretch.Gap gap -> CapturedSchemas.apply(gap.follower(), statement);
            case Stretch.Past past ->
                    past.touched().take(statement.start(), statement.sql(), statement.context());
        }
    }

    private void end(Stretch open, Place reached, Map<Long, Integer> files) {
        switch (open) {
            case Stretch.Gap gap -> {
                gap.follower().files(files);
                gap.follower().passed(reached);
                follower = gap.follower();
            }
            case Stretch.Past past ->
                    past.history().know(past.start(), past.end(), past.touched(), files);
        }
    }

    private void end(Stretch open, SourceException e, long server) {
        switch (open) {
            case Stretch.Gap gap -> schemas.renew(gap.history(), gap.revision(), server, e);
            case Stretch.Past _ -> throw e;
        }
    }

    @Override
    public TableSchema name(Place start, TableSchema map, boolean hasMetadata) {
        SchemaHistory history = schemas.history(start.server());
        requireOfHistory(history, start);
        TableNaming naming = history.named(start, map, hasMetadata);
        if (naming.problem() != null && lost.ask(history, map.id(), start)) {
            naming = history.named(start, map, hasMetadata);
        }
        String problem = naming.problem();
        return problem == null ? naming.table() : map.unnamed(problem);
    }

    @Override
    public @Nullable TableSchema explain(Place start, TableSchema map) {
        return schemas.history(start.server()).explained(start, map);
    }

    @Override
    public boolean wantsStatements() {
        return follower != null && !isOfThePast;
    }

    @Override
    public void statement(SchemaStatement statement) {
        SchemaFollower following = follower;
        if (following != null) {
            CapturedSchemas.apply(following, statement);
        }
    }

    /// Records it from time to time, so that a restart has less to read again. It can wait if the
    /// state database does not respond.
    @Override
    public void passed(Place place) {
        SchemaFollower following = follower;
        long now = System.nanoTime();
        boolean isNewFile = place.fileNumber() != notedFile;
        if (following == null || isOfThePast || (!isNewFile && now - noted < NOTED.toNanos())) {
            return;
        }
        noted = now;
        notedFile = place.fileNumber();
        try {
            following.passed(place);
            if (isNewFile) {
                schemas.prune(place);
            }
        } catch (SourceException e) {
            if (e.code() != FailureCode.STATE_UNAVAILABLE) {
                throw e;
            }
            log.warn("schemas code={} detail={}", e.code(), e.getMessage());
        }
    }

    @Override
    public void close() {
        closed = true;
        StatementScan running = scan;
        if (running != null) {
            running.close();
        }
    }
}
