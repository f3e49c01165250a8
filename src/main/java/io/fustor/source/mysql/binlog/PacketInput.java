package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;

/// Packets of the client/server protocol, taken off a socket after the dump command. A packet is
/// read in place in one buffer; one of 16 MiB or more, which the protocol cuts into parts, is put
/// together in an array of its own.
///
/// For one thread. The socket's read timeout gives the ticks on which [#next] returns without a
/// packet; what was read before stays in the buffer.
final class PacketInput {

    private static final int LARGEST_PART = 0xFF_FFFF;
    private static final int BUFFER = 256 * 1024;
    private static final int EVENT_SIZE_AT = 1 + 9;

    private final InputStream in;
    private final long silenceNanos;

    private byte[] buffer = new byte[BUFFER];
    private int at;
    private int limit;
    private long lastRead = System.nanoTime();

    /// A packet of several parts under construction, and how much of it is there.
    private byte[] large = new byte[0];

    private int largeLength;
    private boolean largeUnfinished;

    private byte[] packet = buffer;
    private int from;
    private int to;

    /// @param silence after which the server counts as stalled
    PacketInput(InputStream in, Duration silence) {
        this.in = in;
        this.silenceNanos = silence.toNanos();
    }

    /// Moves to the next packet; waits for it until the socket's read timeout.
    ///
    /// @return false where the time passed without a whole packet
    /// @throws SourceException `SERVER_STALLED` where the server was silent for too long
    /// @throws EOFException where the server closed the connection
    boolean next() throws IOException {
        large = largeUnfinished ? large : new byte[0];
        while (true) {
            int length = limit - at < 4 ? -1 : partLength();
            if (length >= 0 && limit - at >= 4 + length) {
                if (take(length)) {
                    return true;
                }
            } else if (!fill(length < 0 ? 4 : 4 + length)) {
                return false;
            }
        }
    }

    private int partLength() {
        return (buffer[at] & 0xFF) | (buffer[at + 1] & 0xFF) << 8 | (buffer[at + 2] & 0xFF) << 16;
    }

    /// Takes the part of `length` bytes that stands whole in the buffer; true where it ends a
    /// packet.
    private boolean take(int length) {
        int start = at + 4;
        at = start + length;
        if (!largeUnfinished && length < LARGEST_PART) {
            packet = buffer;
            from = start;
            to = start + length;
            return true;
        }
        if (!largeUnfinished) {
            large = new byte[expectedLength(start, length)];
            largeLength = 0;
            largeUnfinished = true;
        }
        if (largeLength + length > large.length) {
            large = Arrays.copyOf(large, largeLength + length);
        }
        System.arraycopy(buffer, start, large, largeLength, length);
        largeLength += length;
        if (length == LARGEST_PART) {
            return false;
        }
        largeUnfinished = false;
        packet = large;
        from = 0;
        to = largeLength;
        shrink();
        return true;
    }

    /// What the event's header says of its size, so that its parts are copied once.
    private int expectedLength(int start, int length) {
        long size = 0;
        for (int i = 3; i >= 0; i--) {
            size = size << 8 | (buffer[start + EVENT_SIZE_AT + i] & 0xFF);
        }
        return (int) Math.max(length, Math.min(size + 1, 1L << 30));
    }

    /// Gives a buffer that grew for one large part back.
    private void shrink() {
        if (buffer.length > BUFFER && limit - at <= BUFFER) {
            byte[] small = new byte[BUFFER];
            System.arraycopy(buffer, at, small, 0, limit - at);
            limit -= at;
            at = 0;
            buffer = small;
        }
    }

    private boolean fill(int needed) throws IOException {
        if (at > 0) {
            System.arraycopy(buffer, at, buffer, 0, limit - at);
            limit -= at;
            at = 0;
        }
        if (needed > buffer.length) {
            buffer = Arrays.copyOf(buffer, needed + 4);
        }
        try {
            int count = in.read(buffer, limit, buffer.length - limit);
            if (count < 0) {
                throw new EOFException("the server closed the connection");
            }
            limit += count;
            lastRead = System.nanoTime();
            return true;
        } catch (SocketTimeoutException e) {
            if (System.nanoTime() - lastRead > silenceNanos) {
                throw new SourceException(
                        FailureCode.SERVER_STALLED,
                        "the server sent nothing, not even a replication heartbeat, for "
                                + silenceNanos / 1_000_000_000
                                + " s",
                        e);
            }
            return false;
        }
    }

    /// Whether more bytes of the stream are here already, so that the next packet is likely not to
    /// be waited for.
    boolean hasBuffered() {
        return limit > at;
    }

    /// The array that holds the packet, valid until the next call of [#next].
    byte[] array() {
        return packet;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    /// Whether the packet stands in an array that nobody else will write to.
    @SuppressWarnings("ReferenceEquality") // the same array, not an equal one
    boolean isOwned() {
        return packet == large;
    }
}
