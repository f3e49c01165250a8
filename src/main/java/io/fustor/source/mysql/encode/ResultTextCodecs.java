package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.schema.CharacterSet;
import io.fustor.source.mysql.schema.Collations;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.Encoding;
import io.fustor.source.mysql.schema.Encoding.CharacterReader;

/// Codecs of text, bytes and all else that stands in a result row behind a length-encoded length.
/// Text is in the column's own character set, for `character_set_results` is NULL.
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

    private static CellCodec utf8() {
        return (row, at, out) -> {
            int from = at + CellBytes.packedWidth(row, at);
            int length = CellBytes.packedLength(row, at, from - at);
            out.utf8String(row, from, length);
            return from + length;
        };
    }

    /// The label or labels of an `ENUM` or `SET`, which the server writes itself. Those of the
    /// collation binary are bytes that it prints as they are.
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
