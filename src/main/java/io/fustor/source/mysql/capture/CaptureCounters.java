package io.fustor.source.mysql.capture;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// Counters of a capture since its creation, for meters and the source's view. Any thread may read
/// them.
public final class CaptureCounters {

    /// A live reader reports its progress about every second.
    private static final long SILENT_NANOS = Duration.ofSeconds(5).toNanos();

    private final LongAdder events = new LongAdder();
    private final LongAdder rows = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder reconnects = new LongAdder();
    private final AtomicInteger catchUpReaders = new AtomicInteger();
    private volatile long lagMillis;
    private volatile long lagSeen = System.nanoTime();

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
        lagSeen = System.nanoTime();
    }

    /// Rows events received by the reader.
    public long events() {
        return events.sum();
    }

    /// Rows in these events.
    public long rows() {
        return rows.sum();
    }

    /// Bytes of these events.
    public long bytes() {
        return bytes.sum();
    }

    /// Attempts to reconnect after the connection was lost.
    public long reconnects() {
        return reconnects.sum();
    }

    /// Subscribers that currently read the binlog with their own connection.
    public int catchUpReaders() {
        return catchUpReaders.get();
    }

    /// Time since the commit of the last event read, in milliseconds; 0 while the reader waits for
    /// the next. It grows while the reader is silent.
    long lagMillis() {
        long silent = System.nanoTime() - lagSeen;
        return lagMillis + (silent > SILENT_NANOS ? silent / 1_000_000 : 0);
    }
}
