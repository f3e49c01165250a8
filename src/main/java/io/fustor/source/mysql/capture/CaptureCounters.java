package io.fustor.source.mysql.capture;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// What a capture has done since it was made, for meters and the source's view. Any thread reads.
public final class CaptureCounters {

    private final LongAdder events = new LongAdder();
    private final LongAdder rows = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder reconnects = new LongAdder();
    private final AtomicInteger catchUpReaders = new AtomicInteger();
    private volatile long lagMillis;

    void read(long rowCount, long byteCount) {
        events.increment();
        rows.add(rowCount);
        bytes.add(byteCount);
    }

    void reconnected() {
        reconnects.increment();
    }

    void catchUpOpened() {
        catchUpReaders.incrementAndGet();
    }

    void catchUpClosed() {
        catchUpReaders.decrementAndGet();
    }

    void lag(long millis) {
        lagMillis = millis;
    }

    /// Rows events that the reader took off the wire.
    public long events() {
        return events.sum();
    }

    /// Rows in them.
    public long rows() {
        return rows.sum();
    }

    /// Bytes of them.
    public long bytes() {
        return bytes.sum();
    }

    /// Attempts to connect again after the connection was lost.
    public long reconnects() {
        return reconnects.sum();
    }

    /// Subscribers that read the binlog by a connection of their own at the moment.
    public int catchUpReaders() {
        return catchUpReaders.get();
    }

    /// How long ago the event that was read last was committed, in milliseconds; 0 where the reader
    /// waits for the next.
    public long lagMillis() {
        return lagMillis;
    }
}
