package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.BinlogStart;
import io.fustor.source.mysql.binlog.ColumnNames;
import io.fustor.source.mysql.binlog.LoggedStatement;
import io.fustor.source.mysql.binlog.StatementScan;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.history.SchemaBaseline;
import io.fustor.source.mysql.history.SchemaFollower;
import io.fustor.source.mysql.history.SchemaHistories;
import io.fustor.source.mysql.history.SchemaHistory;
import io.fustor.source.mysql.history.Schemas;
import io.fustor.source.mysql.history.StatementContext;
import io.fustor.source.mysql.history.TouchedTables;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.SqlConnections;
import io.fustor.source.mysql.server.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The schema history of a capture's server: when it begins, and how it gets over what nobody saw.
/// A server that writes the columns' names beside the rows needs none and is asked for that once.
///
/// Any thread may call; calls block on the server and on the state database.
final class CapturedSchemas {

    /// How often tables are read again that DDL goes on to change.
    private static final int ATTEMPTS = 50;

    /// How often the history of a source without subscribers is carried forward, so that the
    /// statements are not purged before anybody has read them.
    private static final Duration IDLE_STEP = Duration.ofMinutes(5);

    private static final Logger log = LoggerFactory.getLogger(CapturedSchemas.class);

    private final MySqlServer server;
    private final BinlogAvailability availability;
    private final SchemaHistories histories;

    /// Held while a baseline is read, which others wait for.
    private final ReentrantLock beginning = new ReentrantLock();

    private volatile boolean asked;
    private volatile boolean needed;
    private volatile long kept;

    CapturedSchemas(
            MySqlServer server, BinlogAvailability availability, SchemaHistories histories) {
        this.server = server;
        this.availability = availability;
        this.histories = histories;
    }

    /// Names for one reader.
    ColumnNames names() {
        return new HistoryNames(this, false);
    }

    SchemaHistory history(long number) {
        return histories.of(number);
    }

    /// Before a reader starts: rows of a server that writes no names are named from here on.
    void begin() {
        if (!asked) {
            ask();
        }
        if (needed) {
            begin(server.identity().number());
        }
    }

    private void ask() {
        needed = !server.writesColumnNames();
        asked = true;
    }

    /// Takes a baseline where there is no history.
    void begin(long number) {
        SchemaHistory history = history(number);
        beginning.lock();
        try {
            if (history.isEmpty()) {
                takeBaseline(history, number);
            }
        } finally {
            beginning.unlock();
        }
    }

    /// While nobody reads: carries the history on to the binlog's end now and then, and begins one
    /// where the server was set to write no names any more.
    void keep() {
        ask();
        begin();
        long now = System.nanoTime();
        if (!needed || (kept != 0 && now - kept < IDLE_STEP.toNanos())) {
            return;
        }
        kept = now;
        FeedPosition end = server.status().place();
        try (ColumnNames names = new HistoryNames(this, true)) {
            boolean isReached = false;
            while (!isReached) {
                isReached = names.reach(end, end);
            }
        }
        prune(end);
    }

    /// Drops versions from before the oldest binlog file.
    void prune(FeedPosition here) {
        BinlogPosition oldest = BinlogAvailability.oldest(server.files());
        history(here.server())
                .prune(
                        new FeedPosition(
                                here.server(),
                                oldest.fileNumber(),
                                oldest.offset(),
                                0,
                                0,
                                null,
                                null));
    }

    /// A scan for the statements between two places of this server.
    StatementScan scan(FeedPosition from, FeedPosition end) {
        return switch (availability.locate(from)) {
            case BinlogStart.AtPosition at -> StatementScan.open(server, at, end);
            case BinlogStart.AfterGtids _ ->
                    throw new SourceException(
                            FailureCode.CONNECTION_LOST,
                            server.access().address() + " led to another server just now");
        };
    }

    /// Begins again where the statements behind the history's end are gone, or the binlog is
    /// another one.
    ///
    /// @throws SourceException the reason itself, where it is another one
    void renew(SchemaHistory history, long revision, long number, SourceException why) {
        if (why.recovery() != Recovery.REPOSITION) {
            throw why;
        }
        log.warn(
                "schemas server={} baseline=lost code={} detail={}",
                server.access().address(),
                why.code(),
                why.getMessage());
        beginning.lock();
        try {
            // Others go on with what there is until then.
            if (history.revision() == revision) {
                takeBaseline(history, number);
            }
        } finally {
            beginning.unlock();
        }
    }

    /// Reads all tables, and those again that statements touched meanwhile, until none did.
    private void takeBaseline(SchemaHistory history, long number) {
        long revision = history.revision();
        FeedPosition place = status(number).place();
        Schemas tables = read(null, null);
        TouchedTables touched = new TouchedTables(tables);
        place = readStatements(place, status(number).place(), touched);
        for (int attempt = 1; attempt < ATTEMPTS && !touched.isEmpty(); attempt++) {
            tables = read(tables, touched);
            touched = new TouchedTables(tables);
            place = readStatements(place, status(number).place(), touched);
        }
        history.begin(revision, place, touched.isEmpty() ? tables : tables.without(touched));
        log.info(
                "schemas server={} baseline={}:{}",
                server.access().address(),
                place.fileNumber(),
                place.offset());
    }

    private BinlogStatus status(long number) {
        BinlogStatus status = server.status();
        if (status.server().number() != number) {
            throw new SourceException(
                    FailureCode.CONNECTION_LOST,
                    server.access().address() + " led to another server just now");
        }
        return status;
    }

    private Schemas read(@Nullable Schemas known, @Nullable TouchedTables touched) {
        try (Connection connection = SqlConnections.open(server.access())) {
            return SchemaBaseline.read(connection, known, touched);
        } catch (SQLException e) {
            throw SqlErrors.translate(e, server.access());
        }
    }

    /// Reads the statements between two places; the later place comes back with what a place in the
    /// binlog knows of its file.
    private FeedPosition readStatements(
            FeedPosition from, FeedPosition end, TouchedTables touched) {
        try (StatementScan scan = scan(from, end)) {
            while (!scan.isOver()) {
                LoggedStatement statement = scan.next();
                if (statement != null) {
                    touched.take(statement.start(), statement.sql(), context(statement));
                }
            }
            return scan.position();
        }
    }

    static StatementContext context(LoggedStatement statement) {
        return StatementContext.read(statement.schema(), statement.variables());
    }

    static void apply(SchemaFollower follower, LoggedStatement statement) {
        follower.statement(
                statement.start(), statement.after(), statement.sql(), context(statement));
    }
}
