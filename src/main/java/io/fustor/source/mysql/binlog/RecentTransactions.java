package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import java.time.Duration;

/// Finds where the last transactions of a binlog file begin, by reading the file's event headers
/// once, and of statements what they drop and make. It judges no event, so it passes over what a
/// [BinlogReader] would stop at.
///
/// For the thread that asks, which it blocks.
public final class RecentTransactions implements AutoCloseable {

    private final MySqlServer server;
    private final ReplicationConnection connection;
    private final BinlogPosition end;
    private final BinlogCursor cursor;
    private final EventBytes event = new EventBytes();
    private final RemadeTables remade = new RemadeTables();

    /// The starts of the last transactions seen, in a ring.
    private final long[] starts;

    private long seen;
    private int fileCreated;
    private boolean over;

    private RecentTransactions(
            MySqlServer server,
            ReplicationConnection connection,
            BinlogPosition end,
            BinlogCursor cursor,
            int count) {
        this.server = server;
        this.connection = connection;
        this.end = end;
        this.cursor = cursor;
        this.starts = new long[count];
    }

    /// A place in a binlog's last file with at least `count` transactions between it and the file's
    /// end: the start of the first of them, or the file's start where it holds fewer. It lies
    /// further back where the time was too short to read the file, and less far where a table that
    /// was dropped in between was made again ([RemadeTables]). Where transactions have no GTID
    /// event, not even an anonymous one (before MySQL 5.7), it is the file's start.
    ///
    /// @param status the end from which transactions are counted
    /// @param count 0 for the file's start
    /// @param time for reading the file
    public static FeedPosition before(
            MySqlServer server, BinlogStatus status, int count, Duration time) {
        FeedPosition start =
                new FeedPosition(
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
        try (var transactions =
                new RecentTransactions(server, connection, status.position(), cursor, count)) {
            transactions.requireServer(start.server());
            connection.dump(new BinlogPosition(file, start.offset()));
            return transactions.read(start, System.nanoTime() + time.toNanos());
        }
    }

    private void requireServer(long number) {
        if (FeedPosition.serverNumber(connection.serverUuid()) != number) {
            throw new SourceException(
                    FailureCode.CONNECTION_LOST,
                    server.access().address()
                            + " led to another server just now, "
                            + connection.serverUuid());
        }
    }

    private FeedPosition read(FeedPosition start, long deadline) {
        boolean started = false;
        while (!over && (!started || System.nanoTime() < deadline)) {
            // A server with sync_binlog = 1 names an end that it sends a little later only: what is
            // not here within a second is left out, which moves the place back.
            if (connection.next(event, cursor.isChecksummed())) {
                take();
            } else {
                over = cursor.isDescribed();
            }
            started = cursor.isDescribed();
        }
        boolean enough = starts.length > 0 && seen >= starts.length;
        long counted = enough ? starts[(int) (seen % starts.length)] : start.offset();
        return new FeedPosition(
                start.server(),
                start.fileNumber(),
                Math.max(counted, remade.behind()),
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
                remade.take(event, cursor.offset());
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

    /// Ends the stream, at the server too.
    @Override
    public void close() {
        connection.close();
        Thread.startVirtualThread(
                () -> server.endConnection(connection.serverUuid(), connection.threadId()));
    }
}
