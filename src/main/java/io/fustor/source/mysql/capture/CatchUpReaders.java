package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.binlog.LargeEvents;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.memory.MemoryBudget;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.MySqlServer;

/// Opens the binlog readers of subscriptions that catch up, each over a connection of its own.
///
/// Any thread may call.
public final class CatchUpReaders {

    private final MySqlServer server;
    private final BinlogAvailability availability;
    private final CapturedSchemas schemas;
    private final ServerWatch watch;
    private final CaptureCounters counters;

    CatchUpReaders(
            MySqlServer server,
            BinlogAvailability availability,
            CapturedSchemas schemas,
            ServerWatch watch,
            CaptureCounters counters) {
        this.server = server;
        this.availability = availability;
        this.schemas = schemas;
        this.watch = watch;
        this.counters = counters;
    }

    /// Opens a reader for the caller alone, which reads what follows a place. An event is valid
    /// until the next one. The reader waits for memory before it reads a large event. Blocks on the
    /// server.
    ///
    /// @param wanted the large rows events that the caller is going to deliver
    /// @param turn the caller's; the reader ends when it is revoked
    /// @throws SourceException if the place is lost or the server refuses the connection
    public BinlogReader open(Place place, LargeEvents.Wanted wanted, CatchUpTurns.Turn turn) {
        schemas.begin();
        BinlogReader opened =
                BinlogReader.open(
                        server,
                        availability.locate(place),
                        new LargeEvents.OneByOne(MemoryBudget.OF_HEAP, wanted),
                        schemas.names());
        counters.catchUpOpened();
        try {
            watch.reached();
            turn.onRevoked(opened::close);
            return opened;
        } catch (Throwable e) {
            close(opened);
            throw e;
        }
    }

    /// Closes a reader that [#open] opened.
    public void close(BinlogReader opened) {
        opened.close();
        counters.catchUpClosed();
    }
}
