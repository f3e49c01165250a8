package io.fustor.source.mysql.server;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Packets of the client/server protocol, taken off a socket while a command's answer streams in: a
/// binlog, or rows. A packet is read in place in one buffer; of one of more than 1 MiB only the
/// beginning is, and whoever wants the rest [#read]s it to where it belongs, past the borders at
/// which the protocol cuts packets of 16 MiB or more.
///
/// For one thread. The socket's read timeout gives the ticks on which [#next] and [#read] return
/// without anything; what was read before stays in the buffer.
public final class PacketInput {

    /// The longest packet that is read as a whole.
    public static final int LARGEST_WHOLE = 1024 * 1024;

    /// How much is there of a packet that is longer.
    public static final int BEGINNING = 4 * 1024;

    private static final int LARGEST_PART = 0xFF_FFFF;

    /// The buffer of one who may have little to read; it grows to the size of the other where the
    /// server sends as much.
    public static final int SMALL_BUFFER = 16 * 1024;

    public static final int BUFFER = 256 * 1024;

    /// With less room in the buffer it does not pay to read behind packets that have to stay.
    private static final int LEAST_ROOM = 16 * 1024;

    private final InputStream in;
    private final long silenceNanos;
    private final String stalled;

    /// Whether there was more on the socket, perhaps, than the buffer had room for.
    private boolean wasFilled;

    private byte[] buffer;

    /// Whether a packet in the buffer has to stay where it is.
    private boolean isKept;

    /// The buffer before, where it holds packets that have to stay, and one that is free.
    private byte @Nullable [] kept;

    private byte @Nullable [] spare;

    private int at;
    private int limit;
    private long waitedNanos;

    /// Whether the packet is longer than what is in the buffer, and not read to its end.
    private boolean begun;

    /// How much of the begun packet's current part is to come, and whether another part follows.
    private int partLeft;

    private boolean moreParts;

    private int from;
    private int to;

    /// @param silence after how much waiting the server counts as stalled
    /// @param stalled says so, as in 'the server sent nothing'; `for 60 s` is put behind it
    /// @param capacity of the buffer at first, [#SMALL_BUFFER] or [#BUFFER]
    public PacketInput(InputStream in, Duration silence, String stalled, int capacity) {
        this.in = in;
        this.buffer = new byte[capacity];
        this.silenceNanos = silence.toNanos();
        this.stalled = stalled;
    }

    /// Moves to the next packet, past what is left of the one before; waits for it until the
    /// socket's read timeout.
    ///
    /// @return false where the time passed without a packet
    /// @throws SourceException `SERVER_STALLED` where the server was silent for too long
    /// @throws EOFException where the server closed the connection
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

    /// How many bytes of the next packet have to be in the buffer before it is there.
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

    /// Whether only the beginning of the packet is in the array, and more can be [#read].
    public boolean isBegun() {
        return begun;
    }

    /// How many bytes of a begun packet are certain to come: 0 at its end, -1 where that cannot be
    /// told before the socket's read timeout.
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

    /// Whether the last part of a begun packet has been begun, so that [#more] is all there is.
    public boolean isInLastPart() {
        return !moreParts;
    }

    /// Reads what comes next of a begun packet; its beginning is not read again.
    ///
    /// @return how many bytes, 0 where none came before the socket's read timeout, -1 at the
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

    /// Leaves the packet that was read last where it is, whatever is read behind it, until
    /// [#reuse]. Of use for whole packets only.
    public void keep() {
        isKept = true;
    }

    /// What was kept is not needed any more.
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

    /// Goes on in another buffer with what was not read of this one.
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

    /// Some bytes off the socket; none where they did not come before its read timeout.
    private int receive(byte[] into, int offset, int most) throws IOException {
        long start = System.nanoTime();
        try {
            int count = in.read(into, offset, most);
            if (count < 0) {
                throw new EOFException("the server closed the connection");
            }
            waitedNanos = 0;
            return count;
        } catch (SocketTimeoutException e) {
            // Only waiting counts: a caller may have been away for longer than that.
            waitedNanos += System.nanoTime() - start;
            if (waitedNanos > silenceNanos) {
                throw new SourceException(
                        FailureCode.SERVER_STALLED,
                        stalled + " for " + silenceNanos / 1_000_000_000 + " s",
                        e);
            }
            return 0;
        }
    }

    /// Whether more bytes of the stream are here already, so that the next packet is likely not to
    /// be waited for.
    public boolean hasBuffered() {
        return limit > at;
    }

    /// The array that holds the packet, or its beginning, valid until the next call of [#next] or
    /// [#read].
    public byte[] array() {
        return buffer;
    }

    /// Where the packet starts in the array.
    public int from() {
        return from;
    }

    /// Where the packet, or what is there of it, ends in the array.
    public int to() {
        return to;
    }
}
