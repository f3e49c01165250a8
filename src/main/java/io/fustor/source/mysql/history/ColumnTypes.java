package io.fustor.source.mysql.history;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.history.CollationNames.Named;
import io.fustor.source.mysql.history.SchemaChange.Defaults;
import io.fustor.source.mysql.history.TypeSpec.TextSpec;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes columns of what statements say, with the collations of a server and the settings of a
/// session: the same sizes and collations as the server's.
final class ColumnTypes {

    /// The longest value of a `VARCHAR` in bytes; what is to be longer becomes a `TEXT`.
    private static final long LONGEST_VARCHAR = 65535;

    private static final int BINARY = 63;

    private final CollationNames collations;
    private final int utf8mb4Collation;
    private final boolean isMariaDb;

    ColumnTypes(Schemas.ServerNames server, StatementContext context) {
        this.collations = server.collations();
        this.isMariaDb = server.isMariaDb();
        this.utf8mb4Collation = context.utf8mb4Collation();
    }

    /// The collation that a statement's words ask for.
    ///
    /// @param otherwise what holds where they say nothing
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
            // MariaDB's JSON is a text.
            case JSON ->
                    isMariaDb
                            ? text(name, ColumnType.TEXT, 4, collations.binaryOf("utf8mb4"))
                            : plain(name, ColumnType.JSON, 4, 0);
            case GEOMETRY, VECTOR -> plain(name, type.type(), 4, 0);
            case CHAR, VARCHAR, TEXT, ENUM, SET ->
                    text(name, type, textCollation(type.text(), tableCollation));
            default -> new Column(name, type.type(), 0, 0, type.unsigned(), 0, List.of());
        };
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

    /// How many bytes the length of a value of up to so many bytes takes.
    private static int lengthBytes(long bytes) {
        if (bytes < 1 << 8) {
            return 1;
        }
        if (bytes < 1 << 16) {
            return 2;
        }
        return bytes < 1 << 24 ? 3 : 4;
    }

    /// A column as `CONVERT TO CHARACTER SET` leaves it: as many characters as before, whatever
    /// bytes they take.
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

    private int grown(Column column, Named to) {
        int before = collations.byId(column.collation()).maxBytes();
        if (to.maxBytes() <= before || column.size() == 4) {
            return column.size();
        }
        long bytes = (1L << (8 * column.size())) - 1;
        return lengthBytes(bytes / before * to.maxBytes());
    }

    /// The failure of a table or a database that the history does not have.
    static SourceException unknown(String what) {
        return new SourceException(FailureCode.SCHEMA_UNKNOWN, what);
    }
}
