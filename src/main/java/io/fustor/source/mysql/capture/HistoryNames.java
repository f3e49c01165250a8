package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.ColumnNames;
import io.fustor.source.mysql.binlog.LoggedStatement;
import io.fustor.source.mysql.binlog.StatementScan;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.history.SchemaFollower;
import io.fustor.source.mysql.history.SchemaHistory;
import io.fustor.source.mysql.history.TableNaming;
import io.fustor.source.mysql.history.TouchedTables;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.schema.TableSchema;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Names the columns for one reader by the server's schema history. It does nothing before the
/// first table map without names; then it reads the statements that nobody has read yet, each
/// stretch by a connection of its own, and from there on takes in those that the reader meets.
///
/// For the reader's thread, except [#close].
final class HistoryNames implements ColumnNames {

    /// How often it is noted that no statement came.
    private static final Duration NOTED = Duration.ofSeconds(5);

    /// How long one step goes on with statements, so that the reader's owner can do something else
    /// in between.
    private static final Duration STEP = Duration.ofMillis(500);

    private static final Logger log = LoggerFactory.getLogger(HistoryNames.class);

    private final CapturedSchemas schemas;
    private final boolean isOfThePast;

    /// From the first table map without names on.
    private @Nullable SchemaFollower follower;

    private @Nullable Stretch stretch;
    private volatile @Nullable StatementScan scan;
    private volatile boolean closed;
    private long noted;
    private long notedFile;

    /// What is being read besides.
    private sealed interface Stretch {

        /// From the history's end to the reader's place.
        record Gap(SchemaHistory history, long revision, SchemaFollower follower)
                implements Stretch {}

        /// From the reader's place to the baseline.
        record Past(
                SchemaHistory history, FeedPosition start, FeedPosition end, TouchedTables touched)
                implements Stretch {}
    }

    /// @param isOfThePast whether the statements that the reader meets are left to another
    HistoryNames(CapturedSchemas schemas, boolean isOfThePast) {
        this.schemas = schemas;
        this.isOfThePast = isOfThePast;
    }

    @Override
    public ColumnNames ofThePast() {
        return new HistoryNames(schemas, true);
    }

    @Override
    public boolean reach(FeedPosition start, FeedPosition here) {
        do {
            Stretch open = stretch;
            if (open != null && !readOn(open, here)) {
                return false;
            }
            stretch = next(schemas.history(start.server()), start, here);
        } while (stretch != null);
        return true;
    }

    /// What has to be read before the reader's place can be named, opened; null where nothing has.
    private @Nullable Stretch next(SchemaHistory history, FeedPosition start, FeedPosition here) {
        if (history.isEmpty()) {
            schemas.begin(start.server());
        }
        if (isOfThePast ? history.hasGapBefore(here) : follower == null) {
            long revision = history.revision();
            FeedPosition end = history.end();
            Stretch gap = new Stretch.Gap(history, revision, history.follow(end));
            try {
                open(schemas.scan(end, here));
                return gap;
            } catch (SourceException e) {
                schemas.renew(history, revision, start.server(), e);
                return next(history, start, here);
            }
        }
        FeedPosition end = history.unknownPast(start);
        if (end == null) {
            return null;
        }
        TouchedTables touched = history.touched();
        open(schemas.scan(start, end));
        return new Stretch.Past(history, start, end, touched);
    }

    private void open(StatementScan opened) {
        scan = opened;
        if (closed) {
            opened.close();
        }
    }

    /// Reads for about a second at the most; false where that was not enough.
    private boolean readOn(Stretch open, FeedPosition here) {
        StatementScan running = scan;
        if (running == null) {
            return true;
        }
        try {
            long deadline = System.nanoTime() + STEP.toNanos();
            LoggedStatement statement = running.next();
            while (statement != null) {
                take(open, statement);
                statement = System.nanoTime() < deadline ? running.next() : null;
            }
            if (!running.isOver()) {
                return false;
            }
            end(open, running.position());
        } catch (SourceException e) {
            end(open, e, here.server());
        }
        running.close();
        scan = null;
        return true;
    }

    private static void take(Stretch open, LoggedStatement statement) {
        switch (open) {
            case Stretch.Gap gap -> CapturedSchemas.apply(gap.follower(), statement);
            case Stretch.Past past ->
                    past.touched()
                            .take(
                                    statement.start(),
                                    statement.sql(),
                                    CapturedSchemas.context(statement));
        }
    }

    private void end(Stretch open, FeedPosition reached) {
        switch (open) {
            case Stretch.Gap gap -> {
                gap.follower().passed(reached);
                follower = gap.follower();
            }
            case Stretch.Past past -> past.history().know(past.start(), past.end(), past.touched());
        }
    }

    private void end(Stretch open, SourceException e, long server) {
        switch (open) {
            case Stretch.Gap gap -> schemas.renew(gap.history(), gap.revision(), server, e);
            case Stretch.Past _ -> throw e;
        }
    }

    @Override
    public TableSchema name(FeedPosition start, TableSchema map, boolean hasMetadata) {
        TableNaming naming = schemas.history(start.server()).named(start, map, hasMetadata);
        String problem = naming.problem();
        return problem == null ? naming.table() : map.unnamed(problem);
    }

    @Override
    public boolean wantsStatements() {
        return follower != null && !isOfThePast;
    }

    @Override
    public void statement(LoggedStatement statement) {
        SchemaFollower following = follower;
        if (following != null) {
            CapturedSchemas.apply(following, statement);
        }
    }

    /// Notes it now and then, so that there is less to read again after a restart. It can wait
    /// where the state database does not answer.
    @Override
    public void passed(FeedPosition place) {
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
