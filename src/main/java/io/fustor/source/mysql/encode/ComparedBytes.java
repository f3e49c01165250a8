package io.fustor.source.mysql.encode;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fustor.source.mysql.charset.CharacterSet;
import io.fustor.source.mysql.charset.Collations;
import io.fustor.source.mysql.charset.Encoding;
import io.fustor.source.mysql.charset.Encoding.CharacterReader;
import io.fustor.source.mysql.condition.PackedDecimal;
import io.fustor.source.mysql.schema.Column;

/// Reads cells as the bytes by which values of the form
/// [io.fustor.source.mysql.condition.ValueForm#BYTES] compare. Text is what the feed delivers, in
/// UTF-8.
final class ComparedBytes {

    private static final char NONE = '\uFFFD';

    private ComparedBytes() {}

    /// Reads the cell that starts at `at`.
    interface BytesReader {
        void read(byte[] row, int at, LoadedBytes into);
    }

    /// Of a column's cells in row images.
    static BytesReader ofImage(Column column) {
        int prefix = -column.cellWidth();
        return switch (column.type()) {
            case DECIMAL -> (row, at, into) -> into.set(row, at, at - prefix);
            case ENUM -> label(column);
            case SET -> labels(column);
            case BINARY -> padded(column);
            case UUID, INET6, INET4 -> printed(CellCodecs.of(column, false));
            case VARBINARY, BLOB -> afterLength(column);
            default -> {
                Encoding encoding = TextCodecs.encoding(column);
                yield (row, at, into) -> {
                    int length = CellBytes.length(row, at, prefix);
                    text(encoding, row, at + prefix, at + prefix + length, into);
                };
            }
        };
    }

    /// Of a column's cells in row images, for those to whom it does not matter what bytes become
    /// that are no characters.
    static BytesReader storedInImage(Column column) {
        return switch (column.type()) {
            case CHAR, VARCHAR, TEXT ->
                    switch (TextCodecs.encoding(column)) {
                        case Encoding.Utf8 _ -> afterLength(column);
                        case CharacterReader _ -> ofImage(column);
                    };
            default -> ofImage(column);
        };
    }

    private static BytesReader afterLength(Column column) {
        int prefix = -column.cellWidth();
        return (row, at, into) -> {
            int length = CellBytes.length(row, at, prefix);
            into.set(row, at + prefix, at + prefix + length);
        };
    }

    /// Of a column's cells in result rows.
    static BytesReader ofResult(Column column) {
        return switch (column.type()) {
            case DECIMAL -> {
                int width = column.cellWidth();
                yield (row, at, into) -> {
                    int from = at + CellBytes.packedWidth(row, at);
                    int length = CellBytes.packedLength(row, at, from - at);
                    PackedDecimal.pack(row, from, from + length, column, into.take(width));
                };
            }
            case BINARY, VARBINARY, BLOB ->
                    (row, at, into) -> {
                        int from = at + CellBytes.packedWidth(row, at);
                        into.set(row, from, from + CellBytes.packedLength(row, at, from - at));
                    };
            default -> {
                Encoding encoding = resultEncoding(column);
                yield (row, at, into) -> {
                    int from = at + CellBytes.packedWidth(row, at);
                    int length = CellBytes.packedLength(row, at, from - at);
                    text(encoding, row, from, from + length, into);
                };
            }
        };
    }

    /// What the server prints itself is in UTF-8, and so are labels of the collation binary.
    private static Encoding resultEncoding(Column column) {
        boolean isUtf8 =
                switch (column.type()) {
                    case UUID, INET6, INET4 -> true;
                    case ENUM, SET ->
                            Collations.characterSet(column.collation()) == CharacterSet.BINARY;
                    default -> false;
                };
        return isUtf8 ? new Encoding.Utf8() : TextCodecs.encoding(column);
    }

    private static void text(Encoding encoding, byte[] row, int from, int end, LoadedBytes into) {
        switch (encoding) {
            case Encoding.Utf8 _ -> utf8(row, from, end, into);
            case CharacterReader reader -> {
                if (reader.startsWithAscii() && JsonStrings.asciiEnd(row, from, end) == end) {
                    into.set(row, from, end);
                    return;
                }
                into.start();
                int at = from;
                while (at < end) {
                    long next = reader.next(row, at, end);
                    int character = CharacterReader.character(next);
                    into.append(JsonStrings.isCharacter(character) ? character : NONE);
                    at += CharacterReader.length(next);
                }
            }
        }
    }

    /// Only text with bytes that are no characters is copied.
    private static void utf8(byte[] row, int from, int end, LoadedBytes into) {
        int at = from;
        while ((at = JsonStrings.asciiEnd(row, at, end)) < end) {
            int valid = JsonStrings.validLength(row, at, end);
            if (valid < 0) {
                repaired(row, from, end, into);
                return;
            }
            at += valid;
        }
        into.set(row, from, end);
    }

    private static void repaired(byte[] row, int from, int end, LoadedBytes into) {
        into.start();
        int at = from;
        while (at < end) {
            int valid = row[at] >= 0 ? 1 : JsonStrings.validLength(row, at, end);
            if (valid > 0) {
                into.append(row, at, valid);
                at += valid;
            } else {
                into.append(NONE);
                at -= valid;
            }
        }
    }

    /// The binlog leaves out the zero bytes at the end.
    private static BytesReader padded(Column column) {
        int prefix = -column.cellWidth();
        int size = column.size();
        return (row, at, into) -> {
            int length = CellBytes.length(row, at, prefix);
            if (length == size) {
                into.set(row, at + prefix, at + prefix + length);
                return;
            }
            into.start();
            into.append(row, at + prefix, length);
            into.zeros(size - length);
        };
    }

    private static BytesReader label(Column column) {
        TextCodecs.requireLabels(column);
        int width = column.cellWidth();
        byte[][] labels = new byte[column.labels().size() + 1][];
        labels[0] = new byte[0];
        for (int i = 1; i < labels.length; i++) {
            labels[i] = column.labels().get(i - 1).getBytes(UTF_8);
        }
        return (row, at, into) -> {
            byte[] label = labels[TextCodecs.labelNumber(row, at, width, labels.length)];
            into.set(label, 0, label.length);
        };
    }

    private static BytesReader labels(Column column) {
        TextCodecs.requireLabels(column);
        int width = column.cellWidth();
        byte[][] labels =
                column.labels().stream().map(l -> l.getBytes(UTF_8)).toArray(byte[][]::new);
        return (row, at, into) -> {
            into.start();
            long bits = CellBytes.littleEndian(row, at, width);
            for (long left = bits; left != 0; left &= left - 1) {
                int number = TextCodecs.bitNumber(left, labels.length);
                if (left != bits) {
                    into.append(',');
                }
                into.append(labels[number], 0, labels[number].length);
            }
        };
    }

    /// What a codec prints as a JSON string of ASCII without escapes.
    private static BytesReader printed(CellCodec codec) {
        JsonBuffer text = new JsonBuffer(64);
        return (row, at, into) -> {
            text.reset();
            codec.write(row, at, text);
            into.set(text.array(), 1, text.size() - 1);
        };
    }
}
