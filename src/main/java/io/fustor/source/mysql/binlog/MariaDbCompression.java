package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Turns the events that MariaDB compresses one by one (`log_bin_compress`) into the plain ones
/// that they stand for. Source: its `binlog_buf_compress`: a byte with the method and the width of
/// what follows, the length before compression, and the compressed rest of the body.
final class MariaDbCompression {

    private static final int LARGEST_EVENT = 1 << 30;
    private static final int ZLIB = 0;

    private MariaDbCompression() {}

    /// Whether an event is of a compressed type.
    static boolean isIn(EventBytes event) {
        return event.type() >= EventType.MARIADB_QUERY_COMPRESSED
                && event.type() <= EventType.MARIADB_DELETE_ROWS_COMPRESSED;
    }

    /// Points the window at a copy of the event that is plain.
    ///
    /// @param event of a compressed type, with the cursor at its body
    static void unpack(EventBytes event) {
        int from = event.cursor() - EventBytes.HEADER;
        int type = event.type();
        if (type == EventType.MARIADB_QUERY_COMPRESSED) {
            skipQueryHead(event);
        } else {
            skipRowsHead(event, type >= EventType.MARIADB_WRITE_ROWS_COMPRESSED, isUpdate(type));
        }
        int head = event.cursor() - from;
        int kind = event.unsignedByte();
        int length = length(event, kind & 7);
        if ((kind & 0x80) == 0 || ((kind >> 4) & 7) != ZLIB) {
            throw new SourceException(
                    FailureCode.UNSUPPORTED_EVENT,
                    "an event is compressed by a method that this service does not know: " + kind);
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

    private static void skipQueryHead(EventBytes event) {
        event.skip(8);
        int schemaLength = event.unsignedByte();
        event.skip(2);
        event.skip((int) event.number(2));
        event.skip(schemaLength + 1);
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
            throw event.corrupt("it says that " + length + " bytes are compressed in it");
        }
        return (int) length;
    }

    private static void inflate(EventBytes event, byte[] into, int at) {
        try (Inflater inflater = new Inflater()) {
            inflater.setInput(event.array(), event.cursor(), event.remaining());
            int length = at == into.length ? 0 : inflater.inflate(into, at, into.length - at);
            if (length != into.length - at) {
                throw event.corrupt("it has less than it says when unpacked");
            }
        } catch (DataFormatException e) {
            throw event.corrupt("it cannot be unpacked: " + e.getMessage());
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
