package io.fustor.source.mysql.connection;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.thread.SupervisedThread;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads packets of the client/server protocol from a socket while a command's answer streams in: a
/// binlog, or rows. A packet is read in place in one buffer. Of a packet of more than 1 MiB only
/// the beginning is there. A caller [#read]s the rest directly to its target, across the boundaries
/// at which the protocol splits packets of 16 MiB or more.
///
/// For one thread. After each of the socket's read timeouts, [#next] and [#read] return without
/// data; what was read before stays in the buffer.
public final class PacketInput {

    /// The longest packet that is read as a whole.
    public static final int LARGEST_WHOLE = 1024 * 1024;

    /// How much of a longer packet is in the buffer.
    public static final int BEGINNING = 4 * 1024;

    private static final int LARGEST_PART = 0xFF_FFFF;

    /// The buffer of a reader that may have little to read; it grows to the larger size if the
    /// server sends that much.
    public static final int SMALL_BUFFER = 16 * 1024;

    public static final int BUFFER = 256 * 1024;

    /// With less room in the buffer, reading after packets that have to stay is not worthwhile.
    private static final int LEAST_ROOM = 16 * 1024;

    private final InputStream in;
    private final long silenceNanos;
    private final String stalled;

    /// Whether the socket may have had more than the buffer had room for.
    private boolean wasFilled;

    private byte[] buffer;

    /// Whether a packet in the buffer has to stay where it is.
    private boolean isKept;

    /// The previous buffer, if it holds packets that have to stay, and a free one.
    private byte @Nullable [] kept;

    private byte @Nullable [] spare;

    private int at;
    private int limit;
    private long waitedNanos;

    /// Whether the packet is longer than what is in the buffer, and not read to its end.
    private boolean begun;

    /// How much of the long packet's current part remains, and whether another part follows.
    private int partLeft;

    private boolean moreParts;

    private int from;
    private int to;

    /// @param silence how long the server may send nothing before it counts as stalled
    /// @param stalled the message for that, such as 'the server sent nothing'; `for 60 s` is
    ///   appended
    /// @param capacity the initial size of the buffer, [#SMALL_BUFFER] or [#BUFFER]
    public PacketInput(InputStream in, Duration silence, String stalled, int capacity) {
        this.in = in;
        this.buffer = new byte[capacity];
        this.silenceNanos = silence.toNanos();
        this.stalled = stalled;
    }

    /// Moves to the next packet, past the rest of the current one; waits until the socket's read
    /// timeout.
    ///
    /// @return false if no packet arrived in that time
    /// @throws SourceException `SERVER_STALLED` if the server was silent for too long
    /// @throws EOFException if the server closed the connection
    public boolean next() throws IOException {
        if (begun && !skipRest()) {
            return false;
        }
        while (limit - at < needed()) {
            if (!fill(needed())) {
                return false;
            }
        }
        int length = partLength();
        begun = length > LARGEST_WHOLE;
        from = at + 4;
        to = from + (begun ? BEGINNING : length);
        at = to;
        if (begun) {
            partLeft = length - BEGINNING;
            moreParts = length == LARGEST_PART;
        }
        return true;
    }

    /// How many bytes of the next packet must be in the buffer before it is complete.
    private int needed() {
        if (limit - at < 4) {
            return 4;
        }
        int length = partLength();
        return 4 + (length > LARGEST_WHOLE ? BEGINNING : length);
    }

    private int partLength() {
        return (buffer[at] & 0xFF) | (buffer[at + 1] & 0xFF) << 8 | (buffer[at + 2] & 0xFF) << 16;
    }

    private boolean skipRest() throws IOException {
        while (true) {
            int more = more();
            if (more <= 0) {
                return more == 0;
            }
            if (limit == at && !fill(1)) {
                return false;
            }
            int count = Math.min(more, limit - at);
            at += count;
            partLeft -= count;
        }
    }

    /// Whether the array has only the beginning of the packet, and more can be [#read].
    public boolean isBegun() {
        return begun;
    }

    /// How many bytes of a long packet are certain to follow: 0 at its end, -1 if that is unknown
    /// until the socket's read timeout.
    public int more() throws IOException {
        while (begun && partLeft == 0) {
            if (!moreParts) {
                begun = false;
                break;
            }
            while (limit - at < 4) {
                if (!fill(4)) {
                    return -1;
                }
            }
            partLeft = partLength();
            moreParts = partLeft == LARGEST_PART;
            at += 4;
        }
        return begun ? partLeft : 0;
    }

    /// Whether the last part of a long packet has begun, so that [#more] is all that remains.
    public boolean isInLastPart() {
        return !moreParts;
    }

    /// Reads the next bytes of a long packet, after its beginning.
    ///
    /// @return how many bytes, 0 if none arrived before the socket's read timeout, -1 at the
    ///   packet's end
    public int read(byte[] into, int offset, int most) throws IOException {
        int more = more();
        if (more <= 0) {
            return more == 0 ? -1 : 0;
        }
        int count = Math.min(Math.min(more, most), limit - at);
        if (count > 0) {
            System.arraycopy(buffer, at, into, offset, count);
            at += count;
        } else {
            count = receive(into, offset, Math.min(more, most));
        }
        partLeft -= count;
        return count;
    }

    /// Keeps the last packet where it is while later packets are read, until [#reuse]. For whole
    /// packets only.
    public void keep() {
        isKept = true;
    }

    /// The kept packets are no longer needed.
    public void reuse() {
        isKept = false;
        if (kept != null) {
            spare = kept;
            kept = null;
        }
    }

    private boolean fill(int needed) throws IOException {
        if (isKept) {
            if (needed > buffer.length - at || buffer.length - limit < LEAST_ROOM) {
                moveOn();
            }
        } else if (at > 0) {
            System.arraycopy(buffer, at, buffer, 0, limit - at);
            limit -= at;
            at = 0;
        }
        if (needed > buffer.length || (wasFilled && buffer.length < BUFFER)) {
            buffer =
                    Arrays.copyOf(
                            buffer, Math.max(needed + 4, Math.min(2 * buffer.length, BUFFER)));
        }
        int count = receive(buffer, limit, buffer.length - limit);
        limit += count;
        wasFilled = limit == buffer.length;
        return count > 0;
    }

    /// Continues in another buffer with the unread bytes of this one.
    private void moveOn() {
        byte[] free = spare;
        byte[] next =
                free != null && free.length > limit - at
                        ? free
                        : new byte[Math.max(buffer.length, BUFFER)];
        System.arraycopy(buffer, at, next, 0, limit - at);
        limit -= at;
        at = 0;
        kept = buffer;
        spare = null;
        buffer = next;
        isKept = false;
    }

    /// Reads some bytes from the socket; none if none arrive before its read timeout.
    private int receive(byte[] into, int offset, int most) throws IOException {
        long start = System.nanoTime();
        try {
            int count = in.read(into, offset, most);
            if (count < 0) {
                throw new EOFException("the server closed the connection");
            }
            waitedNanos = 0;
            SupervisedThread.beat();
            return count;
        } catch (SocketTimeoutException e) {
            // Only waiting counts: the caller may have spent longer elsewhere.
            waitedNanos += System.nanoTime() - start;
            SupervisedThread.beat();
            if (waitedNanos > silenceNanos) {
                throw new SourceException(
                        FailureCode.SERVER_STALLED,
                        stalled + " for " + silenceNanos / 1_000_000_000 + " s",
                        e);
            }
            return 0;
        }
    }

    /// Whether more bytes of the stream have already arrived, so that the next packet is likely
    /// available without waiting.
    public boolean hasBuffered() {
        return limit > at;
    }

    /// The array that has the packet, or its beginning; valid until the next call of [#next] or
    /// [#read].
    public byte[] array() {
        return buffer;
    }

    /// The packet's offset in the array.
    public int from() {
        return from;
    }

    /// The end of the packet, or of the part that is there, in the array.
    public int to() {
        return to;
    }
}
