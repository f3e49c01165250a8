package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.BinlogStart;
import io.fustor.source.mysql.binlog.ColumnNames;
import io.fustor.source.mysql.binlog.SchemaStatement;
import io.fustor.source.mysql.binlog.StatementScan;
import io.fustor.source.mysql.connection.SqlConnections;
import io.fustor.source.mysql.connection.SqlErrors;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schemahistory.Catalog;
import io.fustor.source.mysql.schemahistory.SchemaBaseline;
import io.fustor.source.mysql.schemahistory.SchemaFollower;
import io.fustor.source.mysql.schemahistory.SchemaHistories;
import io.fustor.source.mysql.schemahistory.SchemaHistory;
import io.fustor.source.mysql.schemahistory.TouchedTables;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.thread.InternalFailures;
import io.fustor.source.mysql.thread.Work;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The schema history of a capture's server: when it begins, and how it handles statements that no
/// reader saw. A MySQL server that writes column names with the rows needs no history, and is asked
/// once whether it does. MariaDB leaves more than names open (decision 0019).
///
/// Any thread may call; calls block on the server and on the state database.
final class CapturedSchemas {

    /// How often tables are read again if DDL keeps changing them.
    private static final int ATTEMPTS = 50;

    /// How often the history of a source without subscribers is extended, so that statements are
    /// not purged before a reader has read them.
    private static final Duration IDLE_STEP = Duration.ofMinutes(5);

    private static final Logger log = LoggerFactory.getLogger(CapturedSchemas.class);

    private final MySqlServer server;
    private final BinlogAvailability availability;
    private final SchemaHistories histories;

    /// Held while a baseline is read; other threads wait for it.
    private final ReentrantLock beginning = new ReentrantLock();

    private volatile boolean asked;
    private volatile boolean needed;
    private volatile long kept;

    /// Why the history could not be extended the last time, or null.
    private volatile @Nullable SourceException unkept;

    private final AtomicBoolean isKeeping = new AtomicBoolean();

    CapturedSchemas(
            MySqlServer server, BinlogAvailability availability, SchemaHistories histories) {
        this.server = server;
        this.availability = availability;
        this.histories = histories;
    }

    /// Column names for one reader.
    ColumnNames names() {
        return new HistoryNames(this, false);
    }

    SchemaHistory history(long number) {
        return histories.of(server.access().address().toString(), number);
    }

    /// Called before a reader starts. From here on, rows of a server without column names receive
    /// names.
    void begin() {
        if (!asked) {
            ask();
        }
        if (needed) {
            begin(server.identity().number());
        }
    }

    private void ask() {
        needed = !server.writesColumnNames() || server.identity().isMariaDb();
        asked = true;
    }

    /// Some of the unknown tables, and the reasons.
    Map<TableId, String> lostTables() {
        return needed ? history(server.identity().number()).lost() : Map.of();
    }

    /// Takes a baseline if there is no history.
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

    /// Extends the history, unless another call does so at the moment.
    ///
    /// @return the failure, or null
    @Nullable SourceException tryKeep() {
        if (!isKeeping.compareAndSet(false, true)) {
            return null;
        }
        try {
            keep();
            unkept = null;
        } catch (Throwable e) {
            unkept = InternalFailures.contain(Work.LOOK, server.access().address().toString(), e);
        } finally {
            isKeeping.set(false);
        }
        return unkept;
    }

    /// Why the history could not be extended the last time, or null.
    @Nullable SourceException unkept() {
        return unkept;
    }

    /// While there is no reader: extends the history to the end of the binlog now and then. Begins
    /// one if the server no longer writes names.
    private void keep() {
        ask();
        begin();
        long now = System.nanoTime();
        if (!needed || (kept != 0 && now - kept < IDLE_STEP.toNanos())) {
            return;
        }
        kept = now;
        Place end = server.status().place();
        try (ColumnNames names = new HistoryNames(this, true)) {
            boolean isReached = false;
            while (!isReached) {
                isReached = names.reach(end, end);
            }
        }
        prune(end);
    }

    /// Drops versions older than the oldest binlog file.
    void prune(Place here) {
        BinlogPosition oldest = BinlogAvailability.oldest(server.files());
        history(here.server())
                .prune(
                        new Place(
                                here.server(),
                                oldest.fileNumber(),
                                oldest.offset(),
                                0,
                                0,
                                null,
                                null));
    }

    /// A scan for the statements between two places of this server.
    StatementScan scan(Place from, Place end) {
        return switch (availability.locate(from)) {
            case BinlogStart.AtPosition at -> StatementScan.open(server, at, end);
            case BinlogStart.AfterGtids _,
                    BinlogStart.RestOf _,
                    BinlogStart.SearchGtids _,
                    BinlogStart.RestAt _ ->
                    throw new SourceException(
                            FailureCode.CONNECTION_LOST,
                            server.access().address() + " just led to another server");
        };
    }

    /// Starts the history over if the statements after its end are gone, or the binlog is another
    /// one.
    ///
    /// @throws SourceException the given reason, if it is another one
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
            // Other threads continue with the existing history until then.
            if (history.revision() == revision) {
                takeBaseline(history, number);
            }
        } finally {
            beginning.unlock();
        }
    }

    /// Reads all tables, and repeats those that statements touched meanwhile, until no statement
    /// did.
    private void takeBaseline(SchemaHistory history, long number) {
        long revision = history.revision();
        Place place = status(number).place();
        Catalog tables = read(null, null);
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
                    server.access().address() + " just led to another server");
        }
        return status;
    }

    private Catalog read(@Nullable Catalog known, @Nullable TouchedTables touched) {
        try (Connection connection = SqlConnections.open(server.access())) {
            server.requireSame(connection);
            return SchemaBaseline.read(connection, known, touched);
        } catch (SQLException e) {
            throw SqlErrors.translate(e, server.access());
        }
    }

    /// The server's current description of a table.
    Catalog describe(SchemaHistory history, TableId table) {
        try (Connection connection = SqlConnections.open(server.access())) {
            return SchemaBaseline.describe(connection, table, history.current());
        } catch (SQLException e) {
            throw SqlErrors.translate(e, server.access());
        }
    }

    /// The current end of the server's binlog.
    Place end(long number) {
        return status(number).place();
    }

    /// Reads the statements between two places, with a time limit.
    ///
    /// @return the later place, or null if the time was not sufficient
    @Nullable Place readStatements(Place from, Place end, TouchedTables touched, Duration longest) {
        long begun = System.nanoTime();
        try (StatementScan scan = scan(from, end)) {
            while (!scan.isOver()) {
                if (System.nanoTime() - begun > longest.toNanos()) {
                    return null;
                }
                take(scan.next(), touched);
            }
            return scan.position();
        }
    }

    private static void take(@Nullable SchemaStatement statement, TouchedTables touched) {
        if (statement != null) {
            touched.take(statement.start(), statement.sql(), statement.context());
        }
    }

    /// Reads the statements between two places. Returns the later place, completed with the data of
    /// its file from the binlog.
    private Place readStatements(Place from, Place end, TouchedTables touched) {
        try (StatementScan scan = scan(from, end)) {
            while (!scan.isOver()) {
                take(scan.next(), touched);
            }
            return scan.position();
        }
    }

    static void apply(SchemaFollower follower, SchemaStatement statement) {
        follower.statement(
                statement.start(), statement.after(), statement.sql(), statement.context());
    }
}
