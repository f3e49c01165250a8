package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Finds the place behind everything that is committed, with the very GTIDs that stand in front of
/// it. The server's own word does not do: a transaction that is being committed stands in front of
/// the position and is not in the set yet. A reader from there would never learn of it, and after a
/// failover it would come once more, behind what followed it.
///
/// Any thread may call; it blocks on the server.
final class BinlogEnd {

    /// How often the server is asked for a moment in which nobody commits.
    private static final int ATTEMPTS = 10;

    private static final Duration READER_PATIENCE = Duration.ofMillis(500);
    private static final Duration READER_LOOK = Duration.ofMillis(5);

    private final MySqlServer server;
    private final Supplier<@Nullable LiveWindow> window;

    BinlogEnd(MySqlServer server, Supplier<@Nullable LiveWindow> window) {
        this.server = server;
        this.window = window;
    }

    /// The end between two commits, where there is such a moment. Else the end that the capture's
    /// reader came by, which counts the GTIDs. Else the start of the file, with the set: a reader
    /// from there passes over what is in it, and what is not was not committed when we asked.
    FeedPosition place() {
        MySqlServer.EndStatus status = server.end();
        for (int i = 1; i < ATTEMPTS && !status.isSettled(); i++) {
            status = server.end();
        }
        if (status.isSettled()) {
            return status.last().place();
        }
        FeedPosition read = read(status.last());
        return read != null ? read : startOfFile(status);
    }

    private @Nullable FeedPosition read(BinlogStatus status) {
        LiveWindow open = window.get();
        long until = System.nanoTime() + READER_PATIENCE.toNanos();
        while (open != null && !open.isClosed() && until - System.nanoTime() > 0) {
            FeedPosition place = open.placeAt(status.place());
            if (place != null) {
                return place;
            }
            LockSupport.parkNanos(this, READER_LOOK.toNanos());
        }
        return null;
    }

    private static FeedPosition startOfFile(MySqlServer.EndStatus status) {
        return new FeedPosition(
                status.last().server().number(),
                status.first().position().fileNumber(),
                BinlogPosition.FIRST_EVENT,
                0,
                0,
                status.last().executed(),
                null);
    }
}
