package io.fustor.source.mysql.server;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;

/// Packets of the client/server protocol, taken off a socket while a command's answer streams in: a
/// binlog, or rows. A packet is read in place in one buffer; one of 16 MiB or more, which the
/// protocol cuts into parts, is put together in an array of its own.
///
/// For one thread. The socket's read timeout gives the ticks on which [#next] returns without a
/// packet; what was read before stays in the buffer.
public final class PacketInput {

    private static final int LARGEST_PART = 0xFF_FFFF;
    private static final int BUFFER = 256 * 1024;
    private static final byte[] NONE = {};
    private static final int LONGEST_PACKET = Integer.MAX_VALUE - 8;

    private final InputStream in;
    private final long silenceNanos;
    private final String stalled;
    private final FirstPart firstPart;

    private byte[] buffer = new byte[BUFFER];
    private int at;
    private int limit;
    private long waitedNanos;

    /// A packet of several parts under construction, and how much of it is there.
    private byte[] large = NONE;

    private int largeLength;
    private boolean largeUnfinished;

    private byte[] packet = buffer;
    private int from;
    private int to;

    /// Tells the length of a packet of several parts by what stands in its first one, so that its
    /// parts are copied once.
    public interface FirstPart {

        /// How many bytes the whole packet has, as far as that can be told.
        ///
        /// @param from where the first part starts in the array
        /// @param length of the first part
        long packetLength(byte[] bytes, int from, int length);
    }

    /// @param silence after how much waiting the server counts as stalled
    /// @param stalled says so, as in 'the server sent nothing'; `for 60 s` is put behind it
    public PacketInput(InputStream in, Duration silence, String stalled, FirstPart firstPart) {
        this.in = in;
        this.silenceNanos = silence.toNanos();
        this.stalled = stalled;
        this.firstPart = firstPart;
    }

    /// Moves to the next packet; waits for it until the socket's read timeout.
    ///
    /// @return false where the time passed without a whole packet
    /// @throws SourceException `SERVER_STALLED` where the server was silent for too long
    /// @throws EOFException where the server closed the connection
    public boolean next() throws IOException {
        if (!largeUnfinished) {
            large = NONE;
            packet = buffer;
        }
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
            long expected = Math.min(firstPart.packetLength(buffer, start, length), 1L << 30);
            large = new byte[(int) Math.max(length, expected)];
            largeLength = 0;
            largeUnfinished = true;
        }
        if (length > large.length - largeLength) {
            large = Arrays.copyOf(large, grown(length));
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

    private int grown(int more) {
        long half = large.length * 3L / 2;
        return Math.toIntExact(Math.max((long) largeLength + more, Math.min(half, LONGEST_PACKET)));
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
        long start = System.nanoTime();
        try {
            int count = in.read(buffer, limit, buffer.length - limit);
            if (count < 0) {
                throw new EOFException("the server closed the connection");
            }
            limit += count;
            waitedNanos = 0;
            return true;
        } catch (SocketTimeoutException e) {
            // Only waiting counts: a caller may have been away for longer than that.
            waitedNanos += System.nanoTime() - start;
            if (waitedNanos > silenceNanos) {
                throw new SourceException(
                        FailureCode.SERVER_STALLED,
                        stalled + " for " + silenceNanos / 1_000_000_000 + " s",
                        e);
            }
            return false;
        }
    }

    /// Whether more bytes of the stream are here already, so that the next packet is likely not to
    /// be waited for.
    public boolean hasBuffered() {
        return limit > at;
    }

    /// The array that holds the packet, valid until the next call of [#next].
    public byte[] array() {
        return packet;
    }

    /// Where the packet starts in the array.
    public int from() {
        return from;
    }

    /// Where the packet ends in the array.
    public int to() {
        return to;
    }

    /// Whether the packet stands in an array that nobody else will write to.
    @SuppressWarnings("ReferenceEquality") // the same array, not an equal one
    public boolean isOwned() {
        return packet == large;
    }
}
