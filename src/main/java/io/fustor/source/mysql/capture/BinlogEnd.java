package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Finds the place after all committed transactions, with exactly the GTIDs before it. The server's
/// own answer is not sufficient: a transaction that is being committed may be before the position
/// but not yet in the set. A reader from there would miss it, and after a failover the transaction
/// would come again, after later ones.
///
/// Any thread may call; it blocks on the server.
final class BinlogEnd {

    /// The number of attempts to find a moment without a commit.
    private static final int ATTEMPTS = 10;

    private static final Duration READER_PATIENCE = Duration.ofMillis(500);
    private static final Duration READER_LOOK = Duration.ofMillis(5);

    private final MySqlServer server;
    private final Supplier<@Nullable LiveWindow> window;

    BinlogEnd(MySqlServer server, Supplier<@Nullable LiveWindow> window) {
        this.server = server;
        this.window = window;
    }

    /// The capture's window, if its reader and the queries reach the same server.
    @Nullable LiveWindow window() {
        return window.get();
    }

    /// The end between two commits, if there is such a moment. Otherwise the end that the capture's
    /// reader passed, which counts the GTIDs. Otherwise the start of the file, with the set. A
    /// reader from there skips transactions in the set. Transactions outside the set were not
    /// committed at the time of the query.
    Place place() {
        MySqlServer.EndStatus status = server.end();
        for (int i = 1; i < ATTEMPTS && !status.isSettled(); i++) {
            status = server.end();
        }
        if (status.isSettled()) {
            return status.last().place();
        }
        Place read = read(status.last());
        return read != null ? read : startOfFile(status);
    }

    private @Nullable Place read(BinlogStatus status) {
        LiveWindow open = window.get();
        long until = System.nanoTime() + READER_PATIENCE.toNanos();
        while (open != null && !open.isClosed() && until - System.nanoTime() > 0) {
            Place place = open.placeAt(status.place());
            if (place != null) {
                return place;
            }
            LockSupport.parkNanos(this, READER_LOOK.toNanos());
        }
        return null;
    }

    private static Place startOfFile(MySqlServer.EndStatus status) {
        return new Place(
                status.last().server().number(),
                status.first().position().fileNumber(),
                BinlogPosition.FIRST_EVENT,
                0,
                0,
                status.last().executed(),
                null);
    }
}
