package io.fustor.source.mysql.encode;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fustor.source.mysql.charset.CharacterSet;
import io.fustor.source.mysql.charset.Collations;
import io.fustor.source.mysql.charset.Encoding;
import io.fustor.source.mysql.charset.Encoding.CharacterReader;
import io.fustor.source.mysql.schema.Column;

/// Codecs of text, of the labels of `ENUM` and `SET`, and of binary bytes.
final class TextCodecs {

    private static final byte[] SRID = "{\"srid\":".getBytes(UTF_8);
    private static final byte[] WKB = ",\"wkb\":".getBytes(UTF_8);

    private TextCodecs() {}

    /// Text in the column's own character set. A `CHAR` arrives without its trailing spaces.
    static CellCodec text(Column column) {
        int prefix = -column.cellWidth();
        return switch (encoding(column)) {
            case Encoding.Utf8 _ ->
                    (row, at, out) -> {
                        int length = CellBytes.length(row, at, prefix);
                        out.utf8String(row, at + prefix, length);
                        return at + prefix + length;
                    };
            case CharacterReader reader ->
                    (row, at, out) -> {
                        int length = CellBytes.length(row, at, prefix);
                        quote(reader, row, at + prefix, at + prefix + length, out);
                        return at + prefix + length;
                    };
        };
    }

    /// The encoding of a column's text.
    static Encoding encoding(Column column) {
        CharacterSet set = Collations.characterSet(column.collation());
        if (set == null) {
            throw CellCodecs.unsupported(column, "the collation " + column.collation());
        }
        if (set == CharacterSet.BINARY) {
            throw CellCodecs.unsupported(column, "text of the collation binary");
        }
        return set.encoding();
    }

    /// Writes text of an encoding other than UTF-8 as a JSON string.
    static void quote(CharacterReader reader, byte[] text, int from, int end, JsonBuffer out) {
        boolean startsWithAscii = reader.startsWithAscii();
        out.put('"');
        int at = from;
        while (at < end) {
            if (startsWithAscii && text[at] >= 0) {
                int plain = JsonStrings.plainEnd(text, at, end);
                out.write(text, at, plain - at);
                at = plain;
                if (at == end) {
                    break;
                }
            }
            long next = reader.next(text, at, end);
            JsonStrings.escape(CharacterReader.character(next), out);
            at += CharacterReader.length(next);
        }
        out.put('"');
    }

    /// Bytes as base64.
    static CellCodec bytes(Column column) {
        int prefix = -column.cellWidth();
        return (row, at, out) -> {
            int length = CellBytes.length(row, at, prefix);
            out.base64(row, at + prefix, length);
            return at + prefix + length;
        };
    }

    /// Bytes of a fixed length as base64: the binlog leaves out trailing zero bytes. Source: the
    /// server's `Field_string::pack`.
    static CellCodec paddedBytes(Column column) {
        int prefix = -column.cellWidth();
        int size = column.size();
        return (row, at, out) -> {
            int length = CellBytes.length(row, at, prefix);
            out.put('"');
            Base64Text.writePadded(row, at + prefix, length, size - length, out);
            out.put('"');
            return at + prefix + length;
        };
    }

    /// The label with a number; number 0 is MySQL's error value, the empty string.
    static CellCodec label(Column column) {
        requireLabels(column);
        int width = column.cellWidth();
        byte[][] labels = new byte[column.labels().size() + 1][];
        labels[0] = quoted("");
        for (int i = 1; i < labels.length; i++) {
            labels[i] = quoted(column.labels().get(i - 1));
        }
        return (row, at, out) -> {
            out.write(labels[labelNumber(row, at, width, labels.length)]);
            return at + width;
        };
    }

    /// The labels whose bits are set, in the order of their numbers.
    static CellCodec labels(Column column) {
        requireLabels(column);
        int width = column.cellWidth();
        byte[][] labels = new byte[column.labels().size()][];
        for (int i = 0; i < labels.length; i++) {
            byte[] quoted = quoted(column.labels().get(i));
            labels[i] = java.util.Arrays.copyOfRange(quoted, 1, quoted.length - 1);
        }
        return (row, at, out) -> {
            long bits = CellBytes.littleEndian(row, at, width);
            out.put('"');
            for (long left = bits; left != 0; left &= left - 1) {
                int number = bitNumber(left, labels.length);
                if (left != bits) {
                    out.put(',');
                }
                out.write(labels[number]);
            }
            out.put('"');
            return at + width;
        };
    }

    /// The number of an `ENUM`'s label.
    ///
    /// @param count how many numbers there are, with 0
    static int labelNumber(byte[] row, int at, int width, int count) {
        long number = CellBytes.littleEndian(row, at, width);
        if (number >= count) {
            throw CellBytes.corrupt("an ENUM has a number without a label");
        }
        return (int) number;
    }

    /// The number of the label of a `SET`'s lowest bit.
    static int bitNumber(long bits, int count) {
        int number = Long.numberOfTrailingZeros(bits);
        if (number >= count) {
            throw CellBytes.corrupt("a SET has a bit without a label");
        }
        return number;
    }

    /// MySQL before 8.0.13 does not write the character set of labels.
    static void requireLabels(Column column) {
        if (column.labels().isEmpty()) {
            throw CellCodecs.unsupported(column, "labels in an unknown character set");
        }
    }

    private static byte[] quoted(String label) {
        JsonBuffer out = new JsonBuffer();
        out.string(label);
        return java.util.Arrays.copyOf(out.array(), out.size());
    }

    /// `{"srid":n,"wkb":base64}`: four bytes of spatial reference id, then well-known binary.
    /// Source: the manual's 'Internal Geometry Storage Format'.
    static CellCodec geometry(Column column) {
        int prefix = -column.cellWidth();
        return (row, at, out) -> {
            int length = CellBytes.length(row, at, prefix);
            geometry(row, at + prefix, length, out);
            return at + prefix + length;
        };
    }

    /// Writes the geometry that starts at `from`.
    static void geometry(byte[] row, int from, int length, JsonBuffer out) {
        if (length == 0) {
            out.ascii("null");
            return;
        }
        if (length < 4) {
            throw CellBytes.corrupt("a GEOMETRY has no spatial reference id");
        }
        out.write(SRID);
        out.number(CellBytes.uint32(row, from));
        out.write(WKB);
        out.base64(row, from + 4, length - 4);
        out.put('}');
    }

    /// An array of floats, four bytes each. Source: the manual's 'The VECTOR Type'.
    static CellCodec vector(Column column) {
        int prefix = -column.cellWidth();
        return (row, at, out) -> {
            int length = CellBytes.length(row, at, prefix);
            vector(row, at + prefix, length, out);
            return at + prefix + length;
        };
    }

    /// Writes the vector that starts at `from`.
    static void vector(byte[] row, int from, int length, JsonBuffer out) {
        if (length % 4 != 0) {
            throw CellBytes.corrupt("a VECTOR ends within a number");
        }
        out.put('[');
        for (int next = from; next < from + length; next += 4) {
            if (next > from) {
                out.put(',');
            }
            FloatingText.write(Float.intBitsToFloat(CellBytes.int32(row, next)), out);
        }
        out.put(']');
    }
}
