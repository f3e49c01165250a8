package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.schema.ColumnType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A column's type as written in a statement, before the defaults of table, database and server
/// apply.
///
/// @param type for text always the text type (`CHAR`, `VARCHAR`, `TEXT`) unless the statement says
///   binary; the character set `binary` changes it to the binary type
/// @param length `DECIMAL` the precision, `BIT` the bits, strings the characters (bytes if binary);
///   `TEXT` and `BLOB` the requested characters; -1 if the statement has none
/// @param scale `DECIMAL`: digits after the point; times: digits of the fraction; `TEXT` and
///   `BLOB`: bytes of the length before a value
record TypeSpec(
        ColumnType type,
        long length,
        int scale,
        boolean unsigned,
        List<String> labels,
        TextSpec text) {

    /// The character set of a text, as written in a statement.
    ///
    /// @param binary whether the attribute `BINARY` asks for the set's `_bin` collation
    record TextSpec(@Nullable String characterSet, @Nullable String collation, boolean binary) {

        static final TextSpec OPEN = new TextSpec(null, null, false);

        TextSpec withCollation(String name) {
            return new TextSpec(characterSet, name, binary);
        }
    }

    static TypeSpec of(ColumnType type) {
        return of(type, -1, 0);
    }

    static TypeSpec of(ColumnType type, long length, int scale) {
        return new TypeSpec(type, length, scale, false, List.of(), TextSpec.OPEN);
    }

    TypeSpec asUnsigned() {
        return new TypeSpec(type, length, scale, true, labels, text);
    }

    TypeSpec with(TextSpec other) {
        return new TypeSpec(type, length, scale, unsigned, labels, other);
    }
}
