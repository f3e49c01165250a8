package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;

/// One binlog event as bytes: a window on a buffer with the header's fields and a cursor over the
/// body. One instance is used for event after event by the thread that reads.
///
/// Source: the server's `Log_event_header`: timestamp (4 bytes), type (1), server id (4), size (4),
/// end position (4), flags (2), all little-endian.
final class EventBytes {

    static final int HEADER = 19;

    private static final int FLAGS = 17;
    private static final int IN_USE = 0x01;
    private static final int ARTIFICIAL = 0x20;
    private static final int IGNORABLE = 0x80;

    private final CRC32 crc = new CRC32();

    private static final byte[] NONE = {};

    private byte[] bytes = NONE;
    private int start;
    private int end;
    private int cursor;

    /// Points the window at an event.
    ///
    /// @param checksummed whether a CRC-32 of four bytes ends the event; it is verified and cut off
    /// @throws SourceException `CORRUPT_EVENT` where the sizes or the checksum are wrong
    void set(byte[] source, int from, int to, boolean checksummed) {
        bytes = source;
        start = from;
        end = to;
        cursor = from + HEADER;
        if (to - from < HEADER + (checksummed ? 4 : 0) || size() != to - from) {
            throw corrupt(
                    "it says "
                            + (to - from < HEADER ? 0 : size())
                            + " bytes and has "
                            + (to - from));
        }
        // A format description says itself whether events have checksums, and always ends in one of
        // its own.
        if (checksummed && type() != EventType.FORMAT_DESCRIPTION && !cutChecksumIfAny()) {
            throw corrupt("its checksum does not match its bytes");
        }
    }

    /// Points the window at the beginning of an event whose rest is not here.
    void begin(byte[] source, int from, int to) {
        bytes = source;
        start = from;
        end = to;
        cursor = from + HEADER;
    }

    /// Lets go of the event's bytes.
    void release() {
        begin(NONE, 0, 0);
    }

    /// Whether four bytes are a checksum.
    static boolean isChecksum(int value, byte[] four) {
        for (int i = 0; i < 4; i++) {
            if (four[i] != (byte) (value >> (8 * i))) {
                return false;
            }
        }
        return true;
    }

    /// Cuts the last four bytes off where they are the checksum of what stands before them. Of use
    /// by itself only for what comes in front of the first format description.
    boolean cutChecksumIfAny() {
        crc.reset();
        crc.update(bytes, start, end - 4 - start);
        if ((int) crc.getValue() != int32(end - 4)) {
            return false;
        }
        end -= 4;
        return true;
    }

    /// Whether the last four bytes are the checksum of what stands before them, but for the mark
    /// that a server sets on the head of a file while it writes to it. Source: the server's
    /// `Log_event_footer::event_checksum_test`.
    boolean endsInChecksum() {
        int marked = start + FLAGS;
        crc.reset();
        crc.update(bytes, start, FLAGS);
        crc.update(bytes[marked] & ~IN_USE);
        crc.update(bytes, marked + 1, end - 4 - marked - 1);
        return (int) crc.getValue() == int32(end - 4);
    }

    byte[] array() {
        return bytes;
    }

    /// Where the event starts.
    int start() {
        return start;
    }

    /// Where the body's unread part starts.
    int cursor() {
        return cursor;
    }

    /// Behind the body's last byte.
    int end() {
        return end;
    }

    int remaining() {
        return end - cursor;
    }

    long timestamp() {
        return int32(start) & 0xFFFF_FFFFL;
    }

    int type() {
        return bytes[start + 4] & 0xFF;
    }

    long serverId() {
        return int32(start + 5) & 0xFFFF_FFFFL;
    }

    long size() {
        return int32(start + 9) & 0xFFFF_FFFFL;
    }

    /// The offset behind the event in its file, of which the header has the lower 32 bits; 0 in
    /// events that stand in no file.
    long endPosition() {
        return int32(start + 13) & 0xFFFF_FFFFL;
    }

    /// Whether the server made the event for this connection, so that it stands in no file.
    boolean isArtificial() {
        return (flags() & ARTIFICIAL) != 0 || endPosition() == 0;
    }

    boolean isIgnorable() {
        return (flags() & IGNORABLE) != 0;
    }

    private int flags() {
        return (bytes[start + FLAGS] & 0xFF) | (bytes[start + FLAGS + 1] & 0xFF) << 8;
    }

    private int int32(int at) {
        return (bytes[at] & 0xFF)
                | (bytes[at + 1] & 0xFF) << 8
                | (bytes[at + 2] & 0xFF) << 16
                | (bytes[at + 3] & 0xFF) << 24;
    }

    /// The next `width` bytes (1 to 8) as a little-endian number.
    long number(int width) {
        need(width);
        long value = 0;
        for (int i = 0; i < width; i++) {
            value |= (bytes[cursor + i] & 0xFFL) << (8 * i);
        }
        cursor += width;
        return value;
    }

    /// The next eight bytes as a big-endian number, as in a UUID.
    long bigEndian() {
        need(8);
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value = value << 8 | (bytes[cursor++] & 0xFF);
        }
        return value;
    }

    int unsignedByte() {
        need(1);
        return bytes[cursor++] & 0xFF;
    }

    /// A length-encoded integer of the protocol.
    long packed() {
        int first = unsignedByte();
        return switch (first) {
            case 0xFC -> number(2);
            case 0xFD -> number(3);
            case 0xFE -> number(8);
            case 0xFB, 0xFF -> throw corrupt("a length is not a number");
            default -> first;
        };
    }

    /// A length-encoded integer that has to fit into what is left of the event.
    int packedLength() {
        long length = packed();
        if (length < 0 || length > remaining()) {
            throw corrupt("a part is longer than the event");
        }
        return (int) length;
    }

    String text(int length) {
        need(length);
        String text = new String(bytes, cursor, length, StandardCharsets.UTF_8);
        cursor += length;
        return text;
    }

    /// Whether the unread part ends with these bytes.
    boolean endsWith(byte[] suffix) {
        return remaining() >= suffix.length
                && Arrays.equals(bytes, end - suffix.length, end, suffix, 0, suffix.length);
    }

    byte[] copy(int length) {
        need(length);
        byte[] copy = new byte[length];
        System.arraycopy(bytes, cursor, copy, 0, length);
        cursor += length;
        return copy;
    }

    void skip(int length) {
        need(length);
        cursor += length;
    }

    /// Goes back to the body's first byte.
    void rewind() {
        cursor = start + HEADER;
    }

    /// Narrows the body to the next `length` bytes and returns the old end for [#widen].
    int narrow(int length) {
        need(length);
        int old = end;
        end = cursor + length;
        return old;
    }

    void widen(int oldEnd) {
        cursor = end;
        end = oldEnd;
    }

    private void need(int length) {
        if (length < 0 || length > remaining()) {
            throw corrupt("it ends in the middle of a field");
        }
    }

    SourceException corrupt(String why) {
        return new SourceException(
                FailureCode.CORRUPT_EVENT,
                "the server sent a binlog event that cannot be read: "
                        + why
                        + (end - start >= HEADER
                                ? " (type " + type() + ", end position " + endPosition() + ")"
                                : ""));
    }
}
