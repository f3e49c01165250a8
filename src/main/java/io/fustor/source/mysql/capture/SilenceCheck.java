package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.binlog.BinlogStart;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Asks a server that sends a reader nothing but heartbeats whether there is nothing to send. After
/// `RESET BINARY LOGS` a server goes on waiting for the end of a file that is no more, and says so
/// to nobody.
///
/// For the reader's thread.
final class SilenceCheck {

    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(5);

    private final MySqlServer server;
    private final BinlogAvailability availability;
    private final boolean isByPosition;
    private final long intervalNanos;

    private long next;
    private @Nullable FeedPosition suspected;

    /// @param start where the reader began: what a server passes over for one who asked by GTIDs,
    ///   the reader does not see
    SilenceCheck(MySqlServer server, BinlogAvailability availability, BinlogStart start) {
        this.server = server;
        this.isByPosition = start instanceof BinlogStart.AtPosition;
        this.availability = availability;
        Duration third = server.access().connection().readTimeout().dividedBy(3);
        this.intervalNanos = Math.min(third.toNanos(), LONGEST_INTERVAL.toNanos());
        this.next = System.nanoTime() + intervalNanos;
    }

    /// Something came.
    void heard() {
        suspected = null;
    }

    /// Nothing came for about a second.
    ///
    /// @throws SourceException where the binlog ends in front of the reader, by what that means;
    ///   `CONNECTION_LOST` where it was behind the reader twice in a row
    void silent(BinlogReader reader) {
        if (next - System.nanoTime() > 0 || reader.hasBuffered() || reader.isReadingPrepared()) {
            return;
        }
        next = System.nanoTime() + intervalNanos;
        FeedPosition here = reader.position();
        BinlogStatus status = server.status();
        FeedPosition end = status.place();
        if (end.server() != here.server()) {
            return;
        }
        if (here.isAfter(end)) {
            availability.locate(here);
        }
        if (!isByPosition || !end.isAfter(here)) {
            suspected = null;
        } else if (here.equals(suspected)) {
            throw new SourceException(
                    FailureCode.CONNECTION_LOST,
                    "the binlog ends at "
                            + status.position()
                            + ", and the server sends nothing of it behind "
                            + here.fileNumber()
                            + ":"
                            + here.offset());
        } else {
            suspected = here;
        }
    }
}
