package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/// One binlog event as bytes: a window on a buffer, with the header's fields and a cursor over the
/// body. The reading thread reuses one instance for all events.
///
/// Source: the server's `Log_event_header`: timestamp (4 bytes), type (1), server id (4), size (4),
/// end position (4), flags (2), all little-endian.
final class EventBytes {

    static final int HEADER = 19;

    /// The part of an offset that an event's header contains.
    static final long HEADER_POSITION = 0xFFFF_FFFFL;

    private static final int FLAGS = 17;
    private static final int THREAD_SPECIFIC = 0x4;
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
    /// @param checksummed whether a CRC-32 of four bytes ends the event; it is verified and removed
    /// @throws SourceException `CORRUPT_EVENT` if the sizes or the checksum are wrong
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
        // A format description tells itself whether events have checksums, and always ends in its
        // own.
        if (checksummed && type() != EventType.FORMAT_DESCRIPTION && !cutChecksumIfAny()) {
            throw corrupt("its checksum does not match its bytes");
        }
    }

    /// Points the window at the beginning of an event that is not here completely.
    void begin(byte[] source, int from, int to) {
        bytes = source;
        start = from;
        end = to;
        cursor = from + HEADER;
    }

    /// Releases the event's bytes.
    void release() {
        begin(NONE, 0, 0);
    }

    /// Whether four bytes equal a checksum.
    static boolean isChecksum(int value, byte[] four) {
        for (int i = 0; i < 4; i++) {
            if (four[i] != (byte) (value >> (8 * i))) {
                return false;
            }
        }
        return true;
    }

    /// Removes the last four bytes if they are the checksum of the bytes before them. Called
    /// directly only for events before the first format description.
    boolean cutChecksumIfAny() {
        crc.reset();
        crc.update(bytes, start, end - 4 - start);
        if ((int) crc.getValue() != int32(end - 4)) {
            return false;
        }
        end -= 4;
        return true;
    }

    /// Whether the last four bytes are the checksum of the bytes before them, apart from the flag
    /// that a server sets in the head of a file while it writes the file. Source: the server's
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

    /// The start of the event.
    int start() {
        return start;
    }

    /// The start of the body's unread part.
    int cursor() {
        return cursor;
    }

    /// The offset after the body's last byte.
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
        return sizeOf(bytes, start);
    }

    /// The size of an event, by its header.
    static long sizeOf(byte[] bytes, int header) {
        return int32(bytes, header + 9) & 0xFFFF_FFFFL;
    }

    /// The lower 32 bits of the offset after the event in its file; 0 in events that stand in no
    /// file.
    long endPosition() {
        return int32(start + 13) & HEADER_POSITION;
    }

    /// Whether the header can mean an offset after the event.
    boolean saysEnd(long offset) {
        return (offset & HEADER_POSITION) == endPosition();
    }

    /// Whether the server made the event for this connection, so that it is in no file.
    boolean isArtificial() {
        return isMarkedArtificial() || endPosition() == 0;
    }

    boolean isMarkedArtificial() {
        return (flags() & ARTIFICIAL) != 0;
    }

    boolean isIgnorable() {
        return (flags() & IGNORABLE) != 0;
    }

    /// Whether a query event's statement used temporary tables of its session
    /// (`LOG_EVENT_THREAD_SPECIFIC_F`).
    boolean isThreadSpecific() {
        return (flags() & THREAD_SPECIFIC) != 0;
    }

    private int flags() {
        return (bytes[start + FLAGS] & 0xFF) | (bytes[start + FLAGS + 1] & 0xFF) << 8;
    }

    private int int32(int at) {
        return int32(bytes, at);
    }

    private static int int32(byte[] bytes, int at) {
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

    /// A length-encoded integer that has to fit into the rest of the event.
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

    /// Moves the cursor back to the body's first byte.
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
                "the server sent an unreadable binlog event: "
                        + why
                        + (end - start >= HEADER
                                ? " (type " + type() + ", end position " + endPosition() + ")"
                                : ""));
    }
}
