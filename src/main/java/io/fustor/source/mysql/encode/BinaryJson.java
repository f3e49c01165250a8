package io.fustor.source.mysql.encode;

import java.nio.charset.StandardCharsets;

/// Converts MySQL's binary JSON to JSON text without spaces. Each value is written as the server
/// prints it: members in stored order, doubles like `1.0`, decimals with all their digits, dates
/// and times as strings, other opaque values as `"base64:typeNN:…"`. The result equals the server's
/// own text without its spaces.
///
/// Damaged documents fail quickly: containers may not be nested deeper than a server allows, and
/// the parts that are read may not have more bytes in total than the document.
///
/// Source: the comment at the head of the server's `json_binary.h`.
final class BinaryJson {

    private static final int SMALL_OBJECT = 0;
    private static final int LARGE_OBJECT = 1;
    private static final int SMALL_ARRAY = 2;
    private static final int LARGE_ARRAY = 3;
    private static final int LITERAL = 4;
    private static final int INT16 = 5;
    private static final int UINT16 = 6;
    private static final int INT32 = 7;
    private static final int UINT32 = 8;
    private static final int INT64 = 9;
    private static final int UINT64 = 10;
    private static final int DOUBLE = 11;
    private static final int STRING = 12;
    private static final int OPAQUE = 15;

    /// The server's limit is 100.
    private static final int DEEPEST = 100;

    private static final byte[][] LITERALS = {
        "null".getBytes(StandardCharsets.US_ASCII),
        "true".getBytes(StandardCharsets.US_ASCII),
        "false".getBytes(StandardCharsets.US_ASCII)
    };

    private final JsonBuffer out;
    private byte[] bytes = {};
    private boolean bigAsString;
    private int depth;

    /// How many bytes of the document may still be read.
    private int left;

    BinaryJson(JsonBuffer out) {
        this.out = out;
    }

    /// Writes a document. An empty document, which a new `NOT NULL` column has in older rows, is
    /// written as `null`, as by the server.
    void write(byte[] row, int from, int length, boolean bigNumbersAsStrings) {
        if (length == 0) {
            out.write(LITERALS[0]);
            return;
        }
        bytes = row;
        bigAsString = bigNumbersAsStrings;
        depth = 0;
        left = length;
        spend(1);
        value(row[from], from + 1, from + length);
    }

    /// Writes the value of a type, from `at` up to `end`.
    private void value(int type, int at, int end) {
        switch (type) {
            case SMALL_OBJECT, LARGE_OBJECT, SMALL_ARRAY, LARGE_ARRAY -> container(type, at, end);
            case LITERAL -> literal(take(at, 1, end));
            case INT16 -> out.number(CellBytes.int16(bytes, take(at, 2, end)));
            case UINT16 -> out.number(CellBytes.uint16(bytes, take(at, 2, end)));
            case INT32 -> out.number(CellBytes.int32(bytes, take(at, 4, end)));
            case UINT32 -> out.number(CellBytes.uint32(bytes, take(at, 4, end)));
            case INT64 ->
                    NumberText.signed(CellBytes.int64(bytes, take(at, 8, end)), bigAsString, out);
            case UINT64 ->
                    NumberText.unsigned(CellBytes.int64(bytes, take(at, 8, end)), bigAsString, out);
            case DOUBLE -> {
                long bits = CellBytes.int64(bytes, take(at, 8, end));
                FloatingText.writeAsMySqlJson(Double.longBitsToDouble(bits), out);
            }
            case STRING -> string(at, end);
            case OPAQUE -> opaque(at, end);
            default -> throw corrupt();
        }
    }

    private void container(int type, int start, int limit) {
        if (++depth > DEEPEST) {
            throw corrupt();
        }
        boolean isObject = type == SMALL_OBJECT || type == LARGE_OBJECT;
        int width = type == SMALL_OBJECT || type == SMALL_ARRAY ? 2 : 4;
        inside(start, 2L * width, limit);
        long count = word(start, width);
        long size = word(start + width, width);
        int keys = start + 2 * width;
        long values = isObject ? keys + count * (width + 2) : keys;
        long header = values + count * (width + 1) - start;
        if (header > size) {
            throw corrupt();
        }
        inside(start, size, limit);
        // Without the room for values: inlined values count themselves.
        spend((int) (header - count * width));
        int end = start + (int) size;
        out.put(isObject ? '{' : '[');
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                out.put(',');
            }
            if (isObject) {
                key(start, keys + i * (width + 2), width, end);
            }
            element(start, (int) values + i * (width + 1), width, end);
        }
        out.put(isObject ? '}' : ']');
        depth--;
    }

    private void key(int start, int entry, int width, int end) {
        int at = offset(start, entry, width, end);
        int length = CellBytes.uint16(bytes, entry + width);
        take(at, length, end);
        out.utf8String(bytes, at, length);
        out.put(':');
    }

    /// A value that fits is inlined in its entry; the entry of any other has an offset.
    private void element(int start, int entry, int width, int end) {
        int type = bytes[entry];
        boolean isInEntry =
                switch (type) {
                    case LITERAL, INT16, UINT16 -> true;
                    case INT32, UINT32 -> width == 4;
                    default -> false;
                };
        if (isInEntry) {
            value(type, entry + 1, end);
        } else {
            value(type, offset(start, entry + 1, width, end), end);
        }
    }

    private int offset(int start, int at, int width, int end) {
        long offset = word(at, width);
        if (offset > end - start) {
            throw corrupt();
        }
        return start + (int) offset;
    }

    /// Counts, sizes and offsets have two bytes, or four in large containers.
    private long word(int at, int width) {
        return width == 2 ? CellBytes.uint16(bytes, at) : CellBytes.uint32(bytes, at);
    }

    private void literal(int at) {
        int number = bytes[at];
        if (number < 0 || number >= LITERALS.length) {
            throw corrupt();
        }
        out.write(LITERALS[number]);
    }

    private void string(int at, int end) {
        int length = length(at, end);
        int from = at + lengthBytes(length);
        out.utf8String(bytes, take(from, length, end), length);
    }

    private void opaque(int at, int end) {
        int type = bytes[take(at, 1, end)] & 0xFF;
        int length = length(at + 1, end);
        int from = take(at + 1 + lengthBytes(length), length, end);
        OpaqueJson.write(type, bytes, from, length, bigAsString, out);
    }

    /// A length in up to five bytes of seven bits, the low ones first; the top bit of each byte
    /// tells whether another one follows.
    private int length(int at, int end) {
        int first = bytes[take(at, 1, end)];
        if (first >= 0) {
            if (first > end - at) {
                throw corrupt();
            }
            return first;
        }
        long length = first & 0x7FL;
        for (int i = 1; i < 5; i++) {
            int next = bytes[take(at + i, 1, end)];
            length |= (next & 0x7FL) << (7 * i);
            if (next >= 0) {
                if (length > end - at || next == 0) {
                    throw corrupt();
                }
                return (int) length;
            }
        }
        throw corrupt();
    }

    private static int lengthBytes(int length) {
        return length < 128 ? 1 : 1 + (31 - Integer.numberOfLeadingZeros(length | 1)) / 7;
    }

    /// Checks that the bytes end before `end`, and counts them as read.
    private int take(int at, int length, int end) {
        inside(at, length, end);
        spend(length);
        return at;
    }

    private void inside(int at, long length, int end) {
        if (length > end - at) {
            throw corrupt();
        }
    }

    private void spend(int count) {
        left -= count;
        if (left < 0) {
            throw corrupt();
        }
    }

    private static RuntimeException corrupt() {
        return CellBytes.corrupt("a JSON document is not valid MySQL binary JSON");
    }
}
