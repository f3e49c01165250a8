package io.fustor.source.mysql.bench;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLongArray;

/// When each of many numbered rows came somewhere, as the nano clock had it; 0 where it did not.
final class Ticks {

    private static final byte[] NAME = "\"tick\":".getBytes(StandardCharsets.US_ASCII);

    private final AtomicLongArray times;
    private volatile int count;

    /// How much of the name was matched; after it all, the number so far.
    private int matched;

    private int number;

    Ticks(int size) {
        times = new AtomicLongArray(size);
    }

    /// Notes that a row came. Different rows may be noted by different threads.
    void came(int row, long time) {
        times.set(row, time);
    }

    /// How many rows there may be.
    int size() {
        return times.length();
    }

    long time(int row) {
        return times.get(row);
    }

    /// How many rows one thread noted by [#scan] or [#next].
    int count() {
        return count;
    }

    /// Notes the next row of a thread that gets them all.
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one thread writes it
    void next(int row, long time) {
        came(row, time);
        count++;
    }

    /// Finds rows in the next piece of a feed's stream, wherever it was cut.
    void scan(byte[] piece, int length, long time) {
        scan(piece, 0, length, time);
    }

    /// The same in a part of an array.
    void scan(byte[] piece, int from, int to, long time) {
        for (int i = from; i < to; i++) {
            byte next = piece[i];
            if (matched < NAME.length) {
                matched = next == NAME[matched] ? matched + 1 : next == NAME[0] ? 1 : 0;
                number = 0;
            } else if (next >= '0' && next <= '9') {
                number = 10 * number + next - '0';
            } else {
                matched = 0;
                next(number, time);
            }
        }
    }
}
