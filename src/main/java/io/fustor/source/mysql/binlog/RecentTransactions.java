package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import java.time.Duration;

/// Finds the starts of the last transactions in a binlog file. It reads the file's event headers
/// once, and the tables that statements drop and create. It judges no event, so it skips those at
/// which a [BinlogReader] would fail.
///
/// For the calling thread, which it blocks.
public final class RecentTransactions implements AutoCloseable {

    private final MySqlServer server;
    private final ReplicationConnection connection;
    private final BinlogPosition end;
    private final BinlogCursor cursor;
    private final EventBytes event = new EventBytes();
    private final RemadeTables remade;

    /// The starts of the last transactions, in a ring.
    private final long[] starts;

    private long seen;
    private int fileCreated;
    private boolean over;

    private RecentTransactions(
            MySqlServer server,
            ReplicationConnection connection,
            BinlogStatus status,
            BinlogCursor cursor,
            int count) {
        this.server = server;
        this.connection = connection;
        this.end = status.position();
        this.remade = new RemadeTables(status.server().names());
        this.cursor = cursor;
        this.starts = new long[count];
    }

    /// A place in a binlog's last file with at least `count` transactions between it and the file's
    /// end: the start of the first of them, or the file's start if it holds fewer. It is earlier if
    /// the time is too short to read the file, and later if a table that was dropped in between was
    /// created again ([RemadeTables]). It is the file's start if transactions have no GTID event,
    /// not even an anonymous one (before MySQL 5.7).
    ///
    /// @param status the end from which transactions are counted
    /// @param count 0 for the file's start
    /// @param time the limit for reading the file
    public static Place before(MySqlServer server, BinlogStatus status, int count, Duration time) {
        Place start =
                new Place(
                        status.server().number(),
                        status.position().fileNumber(),
                        BinlogPosition.FIRST_EVENT,
                        0,
                        0,
                        null,
                        null);
        String file = status.position().file();
        ReplicationConnection connection = ReplicationConnection.open(server.access());
        BinlogCursor cursor = BinlogCursor.at(new BinlogStart.AtPosition(start, file));
        try (var transactions = new RecentTransactions(server, connection, status, cursor, count)) {
            connection.requireServer(server, start.server());
            connection.dump(new BinlogPosition(file, start.offset()));
            return transactions.read(start, System.nanoTime() + time.toNanos());
        }
    }

    private Place read(Place start, long deadline) {
        boolean started = false;
        while (!over && (!started || System.nanoTime() < deadline)) {
            // A server with sync_binlog = 1 names an end that it sends a little later. Events that
            // do not arrive within a second are left out, which moves the place back.
            if (connection.next(event, cursor.isChecksummed())) {
                take();
            } else {
                over = cursor.isDescribed();
            }
            started = cursor.isDescribed();
        }
        boolean enough = starts.length > 0 && seen >= starts.length;
        long counted = enough ? starts[(int) (seen % starts.length)] : start.offset();
        return new Place(
                start.server(),
                start.fileNumber(),
                Math.max(counted, remade.afterLastDrop()),
                fileCreated,
                0,
                null,
                null);
    }

    private void take() {
        cursor.enter(event);
        switch (event.type()) {
            case EventType.ROTATE -> {
                cursor.rotate(event);
                over = !cursor.file().equals(end.file());
            }
            case EventType.FORMAT_DESCRIPTION -> {
                cursor.describe(event);
                fileCreated = cursor.position().fileCreated();
                over = starts.length == 0;
            }
            case EventType.GTID, EventType.ANONYMOUS_GTID, EventType.GTID_TAGGED -> add();
            case EventType.QUERY -> {
                remade.take(event, cursor.isOfMariaDb(), cursor.offset());
                over = isAtEnd();
            }
            default -> over = isAtEnd();
        }
    }

    private boolean isAtEnd() {
        return cursor.isDescribed() && cursor.offset() >= end.offset();
    }

    private void add() {
        long start = cursor.offset() - event.size();
        if (start >= end.offset()) {
            over = true;
        } else {
            starts[(int) (seen++ % starts.length)] = start;
        }
    }

    /// Closes the stream, at the server too.
    @Override
    public void close() {
        connection.closeAtServer(server);
    }
}
