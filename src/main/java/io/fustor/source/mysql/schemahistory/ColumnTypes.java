package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.StatementContext;
import io.fustor.source.mysql.schemahistory.CollationNames.Named;
import io.fustor.source.mysql.schemahistory.SchemaChange.Defaults;
import io.fustor.source.mysql.schemahistory.TypeSpec.TextSpec;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Builds columns from definitions in statements, with a server's collations and a session's
/// settings. Sizes and collations are the same as the server's.
final class ColumnTypes {

    /// The longest value of a `VARCHAR` in bytes; a longer one becomes a `TEXT`.
    private static final long LONGEST_VARCHAR = 65535;

    private static final int BINARY = 63;

    private final CollationNames collations;
    private final int utf8mb4Collation;
    private final boolean isMariaDb;

    ColumnTypes(Catalog.ServerNames server, StatementContext context) {
        this.collations = server.collations();
        this.isMariaDb = server.isMariaDb();
        this.utf8mb4Collation = context.utf8mb4Collation();
    }

    /// The collation that a statement requests.
    ///
    /// @param otherwise the collation if it requests none
    int collation(Defaults defaults, int otherwise) {
        return collation(defaults.characterSet(), defaults.collation(), otherwise);
    }

    private int collation(
            @Nullable String characterSet, @Nullable String collation, int otherwise) {
        if (collation != null) {
            return collations.collation(collation).id();
        }
        return characterSet == null ? otherwise : defaultOf(characterSet).id();
    }

    private Named defaultOf(String characterSet) {
        Named named = collations.defaultOf(characterSet);
        boolean isSessions = utf8mb4Collation != 0 && named.characterSet().equals("utf8mb4");
        return isSessions ? collations.byId(utf8mb4Collation) : named;
    }

    /// @param tableCollation the table's default
    Column column(ColumnSpec spec, int tableCollation) {
        return of(spec.name(), spec.type(), tableCollation);
    }

    private Column of(String name, TypeSpec type, int tableCollation) {
        return switch (type.type()) {
            case DECIMAL ->
                    new Column(
                            name,
                            ColumnType.DECIMAL,
                            (int) type.length(),
                            type.scale(),
                            type.unsigned(),
                            0,
                            List.of());
            case BIT ->
                    plain(name, ColumnType.BIT, type.length() == 0 ? 1 : (int) type.length(), 0);
            case TIME, DATETIME, TIMESTAMP -> plain(name, type.type(), 0, type.scale());
            // In MariaDB, JSON is a text.
            case JSON ->
                    isMariaDb
                            ? text(name, ColumnType.TEXT, 4, collations.binaryOf("utf8mb4"))
                            : plain(name, ColumnType.JSON, 4, 0);
            case GEOMETRY -> plain(name, ColumnType.GEOMETRY, 4, 0);
            // In MariaDB, VECTOR is a VARBINARY.
            case VECTOR ->
                    isMariaDb
                            ? bytes(
                                    name,
                                    ColumnType.VECTOR,
                                    Column.lengthBytes((int) type.length() * Float.BYTES))
                            : plain(name, ColumnType.VECTOR, 4, 0);
            case UUID, INET6 -> bytes(name, type.type(), 16);
            case INET4 -> bytes(name, ColumnType.INET4, 4);
            case CHAR, VARCHAR, TEXT, ENUM, SET ->
                    text(name, type, textCollation(type.text(), tableCollation));
            default -> new Column(name, type.type(), 0, 0, type.unsigned(), 0, List.of());
        };
    }

    private static Column bytes(String name, ColumnType type, int size) {
        return new Column(name, type, size, 0, false, BINARY, List.of());
    }

    private static Column plain(String name, ColumnType type, int size, int scale) {
        return new Column(name, type, size, scale, false, 0, List.of());
    }

    private Named textCollation(TextSpec text, int tableCollation) {
        if (text.collation() != null) {
            return collations.collation(text.collation());
        }
        Named named =
                text.characterSet() == null
                        ? collations.byId(tableCollation)
                        : defaultOf(text.characterSet());
        return text.binary() ? collations.binaryOf(named.characterSet()) : named;
    }

    private static Column text(String name, TypeSpec type, Named collation) {
        return switch (type.type()) {
            case ENUM -> labelled(name, type, collation, type.labels().size() < 256 ? 1 : 2);
            case SET -> labelled(name, type, collation, setBytes(type.labels().size()));
            case TEXT -> {
                int width =
                        type.length() < 0
                                ? type.scale()
                                : lengthBytes(type.length() * collation.maxBytes());
                yield text(name, ColumnType.TEXT, width, collation);
            }
            default -> characters(name, type.type(), type.length(), collation);
        };
    }

    private static Column characters(
            String name, ColumnType type, long characters, Named collation) {
        long bytes = characters * collation.maxBytes();
        return type == ColumnType.VARCHAR && bytes > LONGEST_VARCHAR
                ? text(name, ColumnType.TEXT, lengthBytes(bytes), collation)
                : text(name, type, (int) bytes, collation);
    }

    private static Column text(String name, ColumnType type, int size, Named collation) {
        boolean isBinary = collation.id() == BINARY;
        ColumnType real =
                switch (type) {
                    case CHAR -> isBinary ? ColumnType.BINARY : ColumnType.CHAR;
                    case VARCHAR -> isBinary ? ColumnType.VARBINARY : ColumnType.VARCHAR;
                    default -> isBinary ? ColumnType.BLOB : ColumnType.TEXT;
                };
        return new Column(name, real, size, 0, false, collation.id(), List.of());
    }

    private static Column labelled(String name, TypeSpec type, Named collation, int size) {
        return new Column(name, type.type(), size, 0, false, collation.id(), type.labels());
    }

    private static int setBytes(int labels) {
        int bytes = (labels + 7) / 8;
        return bytes > 4 ? 8 : bytes;
    }

    /// The number of bytes for the length of a value of at most this size.
    private static int lengthBytes(long bytes) {
        if (bytes < 1 << 8) {
            return 1;
        }
        if (bytes < 1 << 16) {
            return 2;
        }
        return bytes < 1 << 24 ? 3 : 4;
    }

    /// A column after `CONVERT TO CHARACTER SET`: the same number of characters, whatever bytes
    /// they take.
    Column converted(Column column, int collationId) {
        Named to = collations.byId(collationId);
        return switch (column.type()) {
            case CHAR, VARCHAR -> {
                long characters = column.size() / collations.byId(column.collation()).maxBytes();
                yield characters(column.name(), column.type(), characters, to);
            }
            case TEXT -> text(column.name(), ColumnType.TEXT, grown(column, to), to);
            case ENUM, SET ->
                    column.collation() == BINARY
                            ? column
                            : new Column(
                                    column.name(),
                                    column.type(),
                                    column.size(),
                                    0,
                                    false,
                                    collationId,
                                    column.labels());
            default -> column;
        };
    }

    /// Whether a key may cover a prefix of the column. Source: the server's
    /// `Field::type_can_have_key_part`.
    static boolean mayHavePrefix(Column column) {
        return switch (column.type()) {
            case CHAR, VARCHAR, TEXT, BINARY, VARBINARY, BLOB, JSON, GEOMETRY -> true;
            default -> false;
        };
    }

    /// Whether a key of a whole column covers only a prefix of it after the column's type was
    /// changed. MySQL keeps the key's length in bytes, and takes `ENUM` and `SET` for texts: the
    /// key of an `ENUM('a', 'bc')` in `latin1` has one byte, so it covers the first character
    /// later.
    ///
    /// @param altered a column that may have a prefix
    boolean becomesPrefix(Column old, Column altered) {
        if (isMariaDb || (old.type() != ColumnType.ENUM && old.type() != ColumnType.SET)) {
            return false;
        }
        int maxBytes = collations.byId(old.collation()).maxBytes();
        int prefix = old.size() / maxBytes;
        if (prefix == 0 || printedCharacters(old) * maxBytes == old.size()) {
            return false;
        }
        return switch (altered.type()) {
            case CHAR, VARCHAR, BINARY, VARBINARY ->
                    altered.size() / collations.byId(altered.collation()).maxBytes() > prefix;
            default -> true;
        };
    }

    /// The length of the longest value of an `ENUM` or `SET` in characters.
    private static long printedCharacters(Column column) {
        LongStream lengths =
                column.labels().stream()
                        .mapToLong(label -> label.codePointCount(0, label.length()));
        return column.type() == ColumnType.ENUM
                ? lengths.max().orElse(0)
                : lengths.sum() + column.labels().size() - 1;
    }

    private int grown(Column column, Named to) {
        int before = collations.byId(column.collation()).maxBytes();
        if (to.maxBytes() <= before || column.size() == 4) {
            return column.size();
        }
        long bytes = (1L << (8 * column.size())) - 1;
        return lengthBytes(bytes / before * to.maxBytes());
    }

    /// The failure of a table or a database that is not in the history.
    static SourceException unknown(String what) {
        return new SourceException(FailureCode.SCHEMA_UNKNOWN, what);
    }
}
