package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.charset.CharacterSet;
import io.fustor.source.mysql.charset.Collations;
import io.fustor.source.mysql.charset.Encoding;
import io.fustor.source.mysql.charset.Encoding.CharacterReader;
import io.fustor.source.mysql.schema.Column;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/// Codecs of MariaDB's own types in row images, as the server prints them. A cell is a length byte
/// and the value's bytes without trailing zero bytes. Source: MariaDB's `UUID::to_string`,
/// `Inet6::to_string`, `Inet4::to_string` and `field_comp.cc`.
final class MariaDbCodecs {

    private static final byte[] HEX = CellBytes.ascii("0123456789abcdef");

    private static final int UUID_BYTES = 16;
    private static final int INET6_BYTES = 16;
    private static final int INET4_BYTES = 4;
    private static final int WORDS = 8;

    /// Parts of a compressed value's first byte: the method, whether zlib's header is left out, and
    /// the number of bytes of the uncompressed length.
    private static final int METHOD = 0xF0;

    private static final int ZLIB = 0x80;
    private static final int RAW = 8;
    private static final int LENGTH_BYTES = 7;

    private static final byte[] NOTHING = {};

    private MariaDbCodecs() {}

    /// A byte of a value, including the zero bytes that its cell leaves out.
    private static int value(byte[] row, int at, int index) {
        int length = length(row, at);
        return index < length ? row[at + 1 + index] & 0xFF : 0;
    }

    private static int length(byte[] row, int at) {
        return row[at] & 0xFF;
    }

    private static void requireLength(byte[] row, int at, int most) {
        if (length(row, at) > most) {
            throw CellBytes.corrupt("a value has more bytes than its type");
        }
    }

    /// The binlog has the bytes in the order of the text, however the table stores them.
    static CellCodec uuid() {
        return (row, at, out) -> {
            requireLength(row, at, UUID_BYTES);
            out.put('"');
            for (int i = 0; i < UUID_BYTES; i++) {
                if (i == 4 || i == 6 || i == 8 || i == 10) {
                    out.put('-');
                }
                hex(value(row, at, i), out);
            }
            out.put('"');
            return at + 1 + length(row, at);
        };
    }

    private static void hex(int one, JsonBuffer out) {
        out.write(HEX[one >> 4]);
        out.write(HEX[one & 15]);
    }

    static CellCodec inet4() {
        return (row, at, out) -> {
            requireLength(row, at, INET4_BYTES);
            out.put('"');
            inet4(row, at, 0, out);
            out.put('"');
            return at + 1 + length(row, at);
        };
    }

    private static void inet4(byte[] row, int at, int from, JsonBuffer out) {
        for (int i = from; i < from + INET4_BYTES; i++) {
            if (i > from) {
                out.put('.');
            }
            out.number(value(row, at, i));
        }
    }

    static CellCodec inet6() {
        return (row, at, out) -> {
            requireLength(row, at, INET6_BYTES);
            out.put('"');
            inet6(row, at, out);
            out.put('"');
            return at + 1 + length(row, at);
        };
    }

    /// The first of the longest runs of zero words is left out; an address with an embedded IPv4
    /// address ends in that form.
    private static void inet6(byte[] row, int at, JsonBuffer out) {
        int gap = gap(row, at);
        int gapEnd = gap < 0 ? -1 : gap + run(row, at, gap);
        for (int word = 0; word < WORDS; word++) {
            if (word == gap) {
                out.put(':');
                if (word == 0) {
                    out.put(':');
                }
                word = gapEnd - 1;
            } else if (word == 6 && isIpv4(row, at, gap, gapEnd)) {
                inet4(row, at, 12, out);
                return;
            } else {
                number(word(row, at, word), out);
                if (word < WORDS - 1) {
                    out.put(':');
                }
            }
        }
    }

    private static int gap(byte[] row, int at) {
        int longest = 0;
        int gap = -1;
        for (int word = 0; word < WORDS; word++) {
            int run = run(row, at, word);
            if (run > longest) {
                longest = run;
                gap = word;
            }
            word += run;
        }
        return gap;
    }

    private static int run(byte[] row, int at, int from) {
        int end = from;
        while (end < WORDS && word(row, at, end) == 0) {
            end++;
        }
        return end - from;
    }

    private static boolean isIpv4(byte[] row, int at, int gap, int gapEnd) {
        return gap == 0 && (gapEnd == 6 || (gapEnd == 5 && word(row, at, 5) == 0xFFFF));
    }

    private static int word(byte[] row, int at, int word) {
        return value(row, at, 2 * word) << 8 | value(row, at, 2 * word + 1);
    }

    private static void number(int word, JsonBuffer out) {
        for (int shift = Math.max(0, (31 - Integer.numberOfLeadingZeros(word)) / 4 * 4);
                shift >= 0;
                shift -= 4) {
            out.write(HEX[word >> shift & 15]);
        }
    }

    /// Text or bytes. Each value tells whether it is compressed; a compressed value takes memory of
    /// its own until it is written.
    static CellCodec compressed(Column column) {
        int prefix = -column.cellWidth();
        boolean isText = Collations.characterSet(column.collation()) != CharacterSet.BINARY;
        Encoding encoding = isText ? TextCodecs.encoding(column) : null;
        return (row, at, out) -> {
            int length = CellBytes.length(row, at, prefix);
            int from = at + prefix;
            if (length == 0) {
                write(encoding, NOTHING, 0, 0, out);
            } else if (row[from] == 0) {
                write(encoding, row, from + 1, length - 1, out);
            } else {
                byte[] plain = unpacked(row, from, length);
                write(encoding, plain, 0, plain.length, out);
            }
            return from + length;
        };
    }

    private static void write(
            @Nullable Encoding encoding, byte[] bytes, int from, int length, JsonBuffer out) {
        switch (encoding) {
            case null -> out.base64(bytes, from, length);
            case Encoding.Utf8 _ -> out.utf8String(bytes, from, length);
            case CharacterReader reader ->
                    TextCodecs.quote(reader, bytes, from, from + length, out);
        }
    }

    /// A value is limited by the expansion of its compressed bytes: zlib makes at most 1,032 bytes
    /// of one.
    private static byte[] unpacked(byte[] row, int from, int length) {
        int head = row[from] & 0xFF;
        int width = head & LENGTH_BYTES;
        if ((head & METHOD) != ZLIB || width > 4 || width + 1 > length) {
            throw CellBytes.corrupt("a value is compressed with an unknown method");
        }
        long size = CellBytes.bigEndian(row, from + 1, width);
        int packed = length - 1 - width;
        if (size > 1032L * packed + 64) {
            throw CellBytes.corrupt("a compressed value has an impossible length");
        }
        byte[] plain = new byte[(int) size];
        try (Inflater inflater = new Inflater((head & RAW) != 0)) {
            inflater.setInput(row, from + 1 + width, packed);
            int count = 0;
            while (count < plain.length) {
                int more = inflater.inflate(plain, count, plain.length - count);
                if (more == 0) {
                    throw CellBytes.corrupt("a compressed value is shorter than its length");
                }
                count += more;
            }
        } catch (DataFormatException e) {
            throw CellBytes.corrupt("a compressed value cannot be unpacked");
        }
        return plain;
    }
}
