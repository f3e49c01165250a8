package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Evidence;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.MariaDbGtid;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.thread.SupervisedThread;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Reads the GTIDs of a MariaDB's transactions from a file's start to a position. It holds no large
/// event in memory.
///
/// For one thread.
final class GtidWalk implements AutoCloseable {

    /// A server may name an end that it sends a little later.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final MySqlServer server;
    private final ReplicationConnection connection;
    private final BinlogCursor cursor;
    private final BinlogPosition end;
    private final EventBytes event = new EventBytes();

    /// The GTIDs before the walk's first file; null until its head was read.
    private @Nullable GtidSet before;

    private boolean isOver;

    private GtidWalk(
            MySqlServer server,
            ReplicationConnection connection,
            BinlogCursor cursor,
            BinlogPosition end) {
        this.server = server;
        this.connection = connection;
        this.cursor = cursor;
        this.end = end;
    }

    /// Connects and requests the binlog.
    ///
    /// @param number of the server
    /// @param end the end of an event, at which the walk ends
    /// @throws SourceException if the server cannot be reached or does not send the binlog
    static GtidWalk open(MySqlServer server, long number, String file, BinlogPosition end) {
        Place start =
                new Place(
                        number,
                        BinlogPosition.fileNumber(file),
                        BinlogPosition.FIRST_EVENT,
                        Evidence.NONE,
                        0,
                        null,
                        null);
        BinlogStart.AtPosition at = new BinlogStart.AtPosition(start, file);
        ReplicationConnection connection = ReplicationConnection.open(server.access());
        GtidWalk walk = new GtidWalk(server, connection, BinlogCursor.at(at), end);
        try {
            connection.requireServer(server, number);
            connection.dump(at.dumpPosition());
            return walk;
        } catch (Throwable e) {
            walk.close();
            throw e;
        }
    }

    /// Moves to the next transaction's start.
    ///
    /// @return its GTID; null if the walk is over
    /// @throws SourceException if the binlog cannot be read
    @Nullable MariaDbGtid next() {
        long silent = System.nanoTime();
        while (!isOver && !isAtEnd()) {
            SupervisedThread.beat();
            if (!connection.next(event, cursor.isChecksummed()) || isHeartbeat()) {
                requirePatience(silent);
                continue;
            }
            silent = System.nanoTime();
            MariaDbGtid gtid = take();
            if (gtid != null) {
                return gtid;
            }
        }
        isOver = true;
        return null;
    }

    private boolean isHeartbeat() {
        return event.type() == EventType.HEARTBEAT || event.type() == EventType.HEARTBEAT_V2;
    }

    private void requirePatience(long silent) {
        if (System.nanoTime() - silent > PATIENCE.toNanos()) {
            throw new SourceException(
                    FailureCode.CONNECTION_LOST,
                    server.access().address()
                            + " says that its binlog ends at "
                            + end
                            + ", but sends nothing after "
                            + cursor.file()
                            + ":"
                            + cursor.offset());
        }
    }

    private boolean isAtEnd() {
        BinlogPosition here = new BinlogPosition(cursor.file(), cursor.offset());
        return cursor.isDescribed() && here.compareTo(end) >= 0;
    }

    private @Nullable MariaDbGtid take() {
        cursor.enter(event);
        switch (event.type()) {
            case EventType.ROTATE -> cursor.rotate(event);
            case EventType.FORMAT_DESCRIPTION -> cursor.describe(event);
            case EventType.MARIADB_GTID_LIST -> {
                if (before == null && !event.isArtificial()) {
                    before = MariaDbGtidLists.read(event);
                }
            }
            case EventType.MARIADB_GTID -> {
                return MariaDbGtidEvent.read(event).gtid();
            }
            default -> {
                // A part of a transaction.
            }
        }
        return null;
    }

    /// The GTIDs before the first file, after the first transaction or the walk's end; null if the
    /// walk ended before the file's head.
    @Nullable GtidSet before() {
        return before;
    }

    /// The start of the last transaction.
    BinlogStart.AtPosition start() {
        return new BinlogStart.AtPosition(cursor.eventPlace(), cursor.file());
    }

    /// The point that the walk has reached, between two transactions.
    BinlogStart.AtPosition here() {
        return new BinlogStart.AtPosition(cursor.here(), cursor.file());
    }

    /// Closes the stream, at the server too. Does not wait.
    @Override
    public void close() {
        connection.closeAtServer(server);
    }
}
