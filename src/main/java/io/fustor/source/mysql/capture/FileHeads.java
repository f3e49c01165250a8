package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.binlog.BinlogStart;
import io.fustor.source.mysql.binlog.GtidSearch;
import io.fustor.source.mysql.binlog.StatementScan;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Evidence;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.MySqlServer;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Finds the evidence for a place that a server named over SQL: the creation time of the file, from
/// its head, and, near the start of the file, the bytes before the place. Without evidence, the
/// place could belong to any server.
///
/// Any thread may call; it blocks on the server. Concurrent callers with the same place share the
/// result of the next read.
final class FileHeads {

    private static final int PROOFS_AT_ONCE = 4;

    /// The maximum number of bytes that are read up to a place. A larger file is not as new as a
    /// file of the same second on another server.
    private static final long NEAR = 256 * 1024;

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final MySqlServer server;
    private final ReentrantLock lock = new ReentrantLock();
    private final Gathering gathering;
    private final Semaphore proofs = new Semaphore(PROOFS_AT_ONCE);
    private @Nullable Look last;

    private record Look(Place place, long asked, Evidence evidence) {

        boolean isOf(Place other) {
            return place.server() == other.server()
                    && place.fileNumber() == other.fileNumber()
                    && (place.offset() == other.offset()
                            || (place.offset() > NEAR && other.offset() > NEAR));
        }
    }

    /// @param gathering subscribers that return at the same time
    FileHeads(MySqlServer server, Gathering gathering) {
        this.server = server;
        this.gathering = gathering;
    }

    /// The same place, with its evidence.
    Place known(Place place) {
        return place.fileCreated() != 0 ? place : place.with(evidence(place));
    }

    /// Verifies that the server has the binlog of a place, so that the request receives an error
    /// and not a stream that ends at once. If many requests arrive at once, their streams perform
    /// the check.
    ///
    /// @throws SourceException `FOREIGN_SERVER` if the server has another binlog
    void prove(BinlogStart.AtPosition place) {
        if (gathering.isCrowd() || !proofs.tryAcquire()) {
            return;
        }
        try (BinlogReader reader = BinlogReader.search(server, place)) {
            reader.fileCreated();
        } finally {
            proofs.release();
        }
    }

    /// Finds a place of another server on this server, so that the request receives an error if it
    /// is missing, and its stream need not search again. If many requests arrive at once, or before
    /// the rest of a transaction, the place remains unchanged and the stream finds it.
    ///
    /// @throws SourceException `POSITION_PURGED` if this server lacks the following binlog
    Place found(Place place, BinlogStart.SearchGtids start) {
        if (!proofs.tryAcquire()) {
            return place;
        }
        try {
            return GtidSearch.found(server, start) instanceof BinlogStart.AtPosition at
                    ? at.position()
                    : place;
        } finally {
            proofs.release();
        }
    }

    private Evidence evidence(Place place) {
        long now = System.nanoTime();
        lock.lock();
        try {
            Look look = last;
            if (look == null || !look.isOf(place) || look.asked - now < 0) {
                look = new Look(place, System.nanoTime(), read(place));
                last = look;
            }
            return look.evidence;
        } finally {
            lock.unlock();
        }
    }

    /// Reads the head of the file, and continues to the place if it is near.
    private Evidence read(Place place) {
        Place start =
                new Place(
                        place.server(),
                        place.fileNumber(),
                        BinlogPosition.FIRST_EVENT,
                        Evidence.NONE,
                        0,
                        null,
                        null);
        Place end = place.offset() > NEAR ? start : place;
        String file = fileName(place.fileNumber());
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (StatementScan scan =
                StatementScan.open(server, new BinlogStart.AtPosition(start, file), end)) {
            // A server may name an end shortly before it sends it.
            while (!scan.isOver() && (!scan.isBegun() || System.nanoTime() < deadline)) {
                scan.next();
            }
            Place here = scan.position();
            boolean isReached =
                    here.fileNumber() == place.fileNumber() && here.offset() == place.offset();
            return isReached ? here.evidence() : Evidence.ofFile(scan.created(place.fileNumber()));
        }
    }

    /// The file name for a number. The server may not have been queried yet for the names of its
    /// files.
    private String fileName(long number) {
        String name = server.fileName(number);
        if (name.indexOf('.') < 0) {
            server.status();
            name = server.fileName(number);
        }
        return name;
    }
}
