package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import java.time.Duration;

/// Finds the first transaction in a MySQL server's last binlog file that a set of GTIDs lacks. The
/// server reads the file and leaves out what is in the set, so that little is sent.
///
/// A server that has left transactions out sends a heartbeat with its position before it waits for
/// more. Source: MySQL's `Binlog_sender::send_events`.
///
/// For the calling thread, which it blocks.
public final class FirstMissing implements AutoCloseable {

    private final MySqlServer server;
    private final ReplicationConnection connection;
    private final BinlogPosition end;
    private final BinlogCursor cursor;
    private final EventBytes event = new EventBytes();

    private long found;
    private int fileCreated;
    private boolean over;

    private FirstMissing(
            MySqlServer server,
            ReplicationConnection connection,
            BinlogPosition end,
            BinlogCursor cursor) {
        this.server = server;
        this.connection = connection;
        this.end = end;
        this.cursor = cursor;
        this.found = BinlogPosition.FIRST_EVENT;
    }

    /// The place with the set that stands before the first missing transaction in the binlog's last
    /// file, or at the file's end if none is missing. It is the file's start if the time is too
    /// short to read the file.
    ///
    /// @param status the end up to which the binlog is read
    /// @param executed the set; it holds all transactions of earlier files
    /// @param time the limit for the search
    public static Place of(
            MySqlServer server, BinlogStatus status, GtidSet executed, Duration time) {
        long number = status.server().number();
        ReplicationConnection connection = ReplicationConnection.open(server.access());
        BinlogCursor cursor = BinlogCursor.at(new BinlogStart.AfterGtids(number, executed));
        try (var search = new FirstMissing(server, connection, status.position(), cursor)) {
            connection.requireServer(server, number);
            connection.dump(executed);
            search.read(System.nanoTime() + time.toNanos());
            return new Place(
                    number,
                    status.position().fileNumber(),
                    search.found,
                    search.fileCreated,
                    0,
                    executed,
                    null);
        }
    }

    private void read(long deadline) {
        while (!over && System.nanoTime() < deadline) {
            if (connection.next(event, cursor.isChecksummed())) {
                take();
            } else {
                // A server whose end is not synced yet sends it a little later. The start of the
                // file is right too.
                over = cursor.isDescribed();
            }
        }
    }

    private void take() {
        cursor.enter(event);
        switch (event.type()) {
            case EventType.ROTATE -> cursor.rotate(event);
            case EventType.FORMAT_DESCRIPTION -> cursor.describe(event);
            case EventType.HEARTBEAT -> lookAt(event.endPosition());
            case EventType.GTID, EventType.ANONYMOUS_GTID, EventType.GTID_TAGGED -> add();
            default -> lookAt(cursor.offset());
        }
        if (isInFile(0)) {
            fileCreated = cursor.position().fileCreated();
        }
        if (isInFile(1)) {
            end();
        }
    }

    /// Whether the last event stands in the file of the end (0), or in a later one (1).
    private boolean isInFile(int order) {
        return cursor.isDescribed()
                && Long.signum(BinlogPosition.fileNumber(cursor.file()) - end.fileNumber())
                        == order;
    }

    /// Everything before an offset is in the set.
    private void lookAt(long offset) {
        if (isInFile(0) && offset >= end.offset()) {
            end();
        }
    }

    private void end() {
        if (!over) {
            over = true;
            found = end.offset();
        }
    }

    private void add() {
        if (isInFile(0)) {
            over = true;
            found = Math.min(cursor.eventStart(), end.offset());
        }
    }

    /// Closes the stream, at the server too.
    @Override
    public void close() {
        connection.closeAtServer(server);
    }
}
