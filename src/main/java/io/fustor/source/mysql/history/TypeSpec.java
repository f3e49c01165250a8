package io.fustor.source.mysql.history;

import io.fustor.source.mysql.schema.ColumnType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A column's type as a statement has it: what the defaults of table, database and server leave
/// open is not decided yet.
///
/// @param type of text always the text twin (`CHAR`, `VARCHAR`, `TEXT`), unless the statement says
///   binary; the character set `binary` makes the other one of it
/// @param length `DECIMAL` the precision, `BIT` the bits, strings the characters (bytes if binary);
///   of `TEXT` and `BLOB` the characters asked for; -1 where the statement has none
/// @param scale `DECIMAL`: digits behind the point; times: digits of the fraction; `TEXT` and
///   `BLOB`: bytes of the length in front of a value
record TypeSpec(
        ColumnType type,
        long length,
        int scale,
        boolean unsigned,
        List<String> labels,
        TextSpec text) {

    /// What a statement says about a text's character set.
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
