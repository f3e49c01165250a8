package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.charset.CharacterSet;
import io.fustor.source.mysql.charset.Collations;
import io.fustor.source.mysql.charset.Encoding;
import io.fustor.source.mysql.charset.Encoding.CharacterReader;
import io.fustor.source.mysql.schema.Column;

/// Codecs of text, bytes and all other values with a length-encoded length in a result row. Text is
/// in the column's own character set, since `character_set_results` is NULL.
final class ResultTextCodecs {

    private ResultTextCodecs() {}

    static CellCodec text(Column column) {
        return switch (TextCodecs.encoding(column)) {
            case Encoding.Utf8 _ -> utf8();
            case CharacterReader reader ->
                    (row, at, out) -> {
                        int from = at + CellBytes.packedWidth(row, at);
                        int end = from + CellBytes.packedLength(row, at, from - at);
                        TextCodecs.quote(reader, row, from, end, out);
                        return end;
                    };
        };
    }

    /// The server has decompressed the value.
    static CellCodec compressed(Column column) {
        CharacterSet set = Collations.characterSet(column.collation());
        return set == CharacterSet.BINARY ? bytes() : text(column);
    }

    static CellCodec utf8() {
        return (row, at, out) -> {
            int from = at + CellBytes.packedWidth(row, at);
            int length = CellBytes.packedLength(row, at, from - at);
            out.utf8String(row, from, length);
            return from + length;
        };
    }

    /// The labels of an `ENUM` or `SET`, as text from the server. Labels with the collation binary
    /// are bytes that the server prints unchanged.
    static CellCodec labels(Column column) {
        CharacterSet set = Collations.characterSet(column.collation());
        return set == CharacterSet.BINARY ? utf8() : text(column);
    }

    static CellCodec bytes() {
        return (row, at, out) -> {
            int from = at + CellBytes.packedWidth(row, at);
            int length = CellBytes.packedLength(row, at, from - at);
            out.base64(row, from, length);
            return from + length;
        };
    }

    static CellCodec json(boolean bigAsString) {
        return (row, at, out) -> {
            int from = at + CellBytes.packedWidth(row, at);
            int length = CellBytes.packedLength(row, at, from - at);
            PrintedJson.write(row, from, length, bigAsString, out);
            return from + length;
        };
    }

    static CellCodec geometry() {
        return (row, at, out) -> {
            int from = at + CellBytes.packedWidth(row, at);
            int length = CellBytes.packedLength(row, at, from - at);
            TextCodecs.geometry(row, from, length, out);
            return from + length;
        };
    }

    static CellCodec vector() {
        return (row, at, out) -> {
            int from = at + CellBytes.packedWidth(row, at);
            int length = CellBytes.packedLength(row, at, from - at);
            TextCodecs.vector(row, from, length, out);
            return from + length;
        };
    }
}
