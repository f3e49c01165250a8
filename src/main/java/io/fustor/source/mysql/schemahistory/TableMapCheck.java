package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Compares the history's definition of a table with a table map: the number of columns, their
/// types and sizes, and their signs and collations if the table map has them. Names that fail the
/// check are never used.
final class TableMapCheck {

    private final TableSchema known;
    private final TableSchema map;
    private final boolean hasMetadata;
    private final List<Column> columns = new ArrayList<>();

    /// @param map the table as its map describes it, without names
    /// @param hasMetadata whether the map has the optional metadata of `MINIMAL`: signs and
    ///   collations
    TableMapCheck(TableSchema known, TableSchema map, boolean hasMetadata) {
        this.known = known;
        this.map = map;
        this.hasMetadata = hasMetadata;
    }

    /// The table with names, or with the contradiction.
    TableNaming run() {
        if (known.columnCount() != map.columnCount()) {
            return new TableNaming(
                    map,
                    "%s has %d columns by the statements in the binlog, and %d in its rows"
                            .formatted(map.id(), known.columnCount(), map.columnCount()));
        }
        boolean isSame = true;
        for (int i = 0; i < known.columnCount(); i++) {
            Column column = agreed(known.columns().get(i), map.columns().get(i));
            if (column == null) {
                return new TableNaming(map, contradiction(i));
            }
            isSame &= column.equals(known.columns().get(i));
            columns.add(column);
        }
        return new TableNaming(
                isSame ? known : new TableSchema(map.id(), columns, known.primaryKey()), null);
    }

    private String contradiction(int ordinal) {
        return "column %d of %s is %s by the statements in the binlog, and %s in its rows"
                .formatted(
                        ordinal + 1,
                        map.id(),
                        print(known.columns().get(ordinal)),
                        print(map.columns().get(ordinal)));
    }

    private static String print(Column column) {
        return "%s%s(%d,%d)%s collation %d"
                .formatted(
                        column.name().isEmpty() ? "" : column.name() + " ",
                        column.type(),
                        column.size(),
                        column.scale(),
                        column.unsigned() ? " UNSIGNED" : "",
                        column.collation());
    }

    /// The column that both agree on, or null if they contradict each other. The old form of times
    /// is not a contradiction: a table keeps it if it was never rebuilt since 5.6.4, or if MariaDB
    /// created it with `mysql56_temporal_format=OFF`.
    private @Nullable Column agreed(Column said, Column seen) {
        if (!seen.name().isEmpty() && !seen.name().equals(said.name())) {
            return null;
        }
        ColumnType old = old(said.type());
        if (old != null && seen.type() == old) {
            return new Column(said.name(), old, 0, said.scale(), said.unsigned(), 0, List.of());
        }
        if (said.type() == ColumnType.VECTOR && seen.type() == ColumnType.VARBINARY) {
            return said.size() == Column.lengthBytes(seen.size()) ? said : null;
        }
        if (seen.type() == ColumnType.COMPRESSED && said.collation() == seen.collation()) {
            return isCompressed(said, seen) ? seen.named(said.name()) : null;
        }
        // Not all maps have the collation of labels.
        boolean isText = seen.type() != ColumnType.ENUM && seen.type() != ColumnType.SET;
        boolean agrees =
                wire(said.type()) == wire(seen.type())
                        && said.size() == seen.size()
                        && said.scale() == seen.scale()
                        && (!hasMetadata || said.unsigned() == seen.unsigned())
                        && (!hasMetadata || !isText || said.collation() == seen.collation());
        return agrees ? said : null;
    }

    /// A value of a `VARCHAR` has one byte more than its longest text. The parser ignores
    /// `COMPRESSED`, since table maps have it themselves.
    private static boolean isCompressed(Column said, Column seen) {
        return switch (said.type()) {
            case VARCHAR, VARBINARY -> Column.lengthBytes(said.size() + 1) == seen.size();
            case TEXT, BLOB -> said.size() == seen.size();
            default -> false;
        };
    }

    private static @Nullable ColumnType old(ColumnType type) {
        return switch (type) {
            case TIME -> ColumnType.OLD_TIME;
            case DATETIME -> ColumnType.OLD_DATETIME;
            case TIMESTAMP -> ColumnType.OLD_TIMESTAMP;
            default -> null;
        };
    }

    /// Text and binary types share one type code; only a collation distinguishes them. The same
    /// applies to MariaDB's own types.
    private static ColumnType wire(ColumnType type) {
        return switch (type) {
            case BINARY, UUID, INET6, INET4 -> ColumnType.CHAR;
            case VARBINARY -> ColumnType.VARCHAR;
            case BLOB -> ColumnType.TEXT;
            default -> type;
        };
    }
}
