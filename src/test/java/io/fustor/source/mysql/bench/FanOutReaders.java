package io.fustor.source.mysql.bench;

import java.io.IOException;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/// Many clients on one thread that count what their streams bring: little beside what is measured,
/// and the same for every server.
final class FanOutReaders implements AutoCloseable {

    /// How many clients are about to get their streams: fewer than a heap has room for requests.
    private static final int AT_A_TIME = 500;

    private final Crowd crowd;
    private final long[] counts;
    private long first;
    private long last;
    private long marks;
    private long bytes;

    /// Connects, asks, and returns when every server's stream has begun.
    FanOutReaders(int port, String target, int count) throws IOException {
        this(port, _ -> target, count);
    }

    /// The same where each client asks for something else.
    FanOutReaders(int port, IntFunction<String> targets, int count) throws IOException {
        counts = new long[count];
        crowd =
                new Crowd(
                        port,
                        count,
                        Math.min(count, AT_A_TIME),
                        client -> FeedStream.request(targets.apply(client)),
                        this::take);
        try {
            crowd.awaitStreams();
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /// How many rows each client has got.
    long[] counts() {
        return counts.clone();
    }

    /// How many rows all have got.
    long total() {
        return Arrays.stream(counts).sum();
    }

    /// How many bytes came since [#read] began last, or since the streams began.
    long bytes() {
        return bytes;
    }

    /// When the last row came, as the nano clock had it.
    long last() {
        return last;
    }

    /// Reads until something is so.
    void readUntil(BooleanSupplier enough) throws IOException {
        long start = System.nanoTime();
        while (!enough.getAsBoolean()) {
            crowd.readOn(start);
        }
    }

    /// Reads until so many rows came to all clients together.
    ///
    /// @return from the first row to the last one
    Reading read(long rows) throws IOException {
        long start = System.nanoTime();
        first = 0;
        marks = 0;
        bytes = 0;
        while (marks < rows) {
            crowd.readOn(start);
        }
        return new Reading(marks, bytes, last - first);
    }

    private void take(int client, byte[] piece, int from, int to) {
        int found = Marks.count(piece, from, to);
        bytes += to - from;
        if (found == 0) {
            return;
        }
        long now = System.nanoTime();
        last = now;
        first = first == 0 ? now : first;
        marks += found;
        counts[client] += found;
    }

    @Override
    public void close() throws IOException {
        crowd.close();
    }
}
