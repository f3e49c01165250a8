package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Decompresses single events that MariaDB compresses (`log_bin_compress`). Source: its
/// `binlog_buf_compress`: a byte with the method and the width of the next field, the uncompressed
/// length, and the compressed rest of the body.
final class MariaDbCompression {

    private static final int LARGEST_EVENT = 1 << 30;
    private static final int ZLIB = 0;

    /// The maximum output of zlib for one byte.
    private static final long MOST_OF_A_BYTE = 1032;

    private MariaDbCompression() {}

    /// Whether an event is of a compressed type.
    static boolean isIn(EventBytes event) {
        return event.type() >= EventType.MARIADB_QUERY_COMPRESSED
                && event.type() <= EventType.MARIADB_DELETE_ROWS_COMPRESSED;
    }

    /// The uncompressed length of the compressed part, as declared in the event; does not move the
    /// window.
    static int unpackedLength(EventBytes event) {
        skipHead(event);
        int kind = event.unsignedByte();
        int length = length(event, kind & 7);
        if (length > MOST_OF_A_BYTE * event.remaining()) {
            throw event.corrupt(
                    "its "
                            + event.remaining()
                            + " bytes cannot contain "
                            + length
                            + " uncompressed ones");
        }
        event.rewind();
        return length;
    }

    /// Points the window at an uncompressed copy of the event.
    ///
    /// @param event of a compressed type, with the cursor at its body
    static void unpack(EventBytes event) {
        event.rewind();
        int from = event.cursor() - EventBytes.HEADER;
        int type = event.type();
        skipHead(event);
        int head = event.cursor() - from;
        int kind = event.unsignedByte();
        int length = length(event, kind & 7);
        if ((kind & 0x80) == 0 || ((kind >> 4) & 7) != ZLIB) {
            throw new SourceException(
                    FailureCode.UNSUPPORTED_EVENT,
                    "an event is compressed with an unsupported method: " + kind);
        }
        byte[] plain = new byte[head + length];
        System.arraycopy(event.array(), from, plain, 0, head);
        inflate(event, plain, head);
        plain[4] = (byte) plainType(type);
        for (int i = 0; i < 4; i++) {
            plain[9 + i] = (byte) (plain.length >> (8 * i));
        }
        event.set(plain, 0, plain.length, false);
    }

    private static void skipHead(EventBytes event) {
        int type = event.type();
        if (type == EventType.MARIADB_QUERY_COMPRESSED) {
            QueryEvent.read(event);
        } else {
            skipRowsHead(event, type >= EventType.MARIADB_WRITE_ROWS_COMPRESSED, isUpdate(type));
        }
    }

    private static void skipRowsHead(EventBytes event, boolean hasExtra, boolean isUpdate) {
        event.skip(8);
        if (hasExtra) {
            event.skip((int) event.number(2) - 2);
        }
        long columns = event.packed();
        int bitmap = (int) Math.min((columns + 7) / 8, LARGEST_EVENT);
        event.skip(bitmap);
        event.skip(isUpdate ? bitmap : 0);
    }

    private static boolean isUpdate(int type) {
        return type == EventType.MARIADB_UPDATE_ROWS_COMPRESSED_V1
                || type == EventType.MARIADB_UPDATE_ROWS_COMPRESSED;
    }

    private static int length(EventBytes event, int width) {
        long length = 0;
        for (int i = 0; i < width; i++) {
            length = length << 8 | event.unsignedByte();
        }
        if (length > LARGEST_EVENT) {
            throw event.corrupt("it cannot contain " + length + " uncompressed bytes");
        }
        return (int) length;
    }

    private static void inflate(EventBytes event, byte[] into, int at) {
        try (Inflater inflater = new Inflater()) {
            inflater.setInput(event.array(), event.cursor(), event.remaining());
            int length = at == into.length ? 0 : inflater.inflate(into, at, into.length - at);
            if (length != into.length - at) {
                throw event.corrupt("it is shorter than its declared length");
            }
        } catch (DataFormatException e) {
            throw event.corrupt("it cannot be decompressed: " + e.getMessage());
        }
    }

    private static int plainType(int type) {
        if (type == EventType.MARIADB_QUERY_COMPRESSED) {
            return EventType.QUERY;
        }
        return type >= EventType.MARIADB_WRITE_ROWS_COMPRESSED
                ? type - EventType.MARIADB_WRITE_ROWS_COMPRESSED + EventType.WRITE_ROWS
                : type - EventType.MARIADB_WRITE_ROWS_COMPRESSED_V1 + EventType.WRITE_ROWS_V1;
    }
}
