package io.fustor.source.mysql.history;

import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Holds what the history says of a table against what a table map says of it: as many columns,
/// each of the same type and size, and where the table map tells, of the same sign and collation.
/// Names that do not pass are never used.
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

    /// The table with names, or with what contradicts them.
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

    /// The column as both have it, or null where they contradict each other. A table that was never
    /// rebuilt since 5.6.4 keeps its times in the old form: that is explained.
    private @Nullable Column agreed(Column said, Column seen) {
        ColumnType old = old(said.type());
        if (old != null && said.scale() == 0 && seen.type() == old) {
            return new Column(said.name(), old, 0, 0, said.unsigned(), 0, List.of());
        }
        boolean isText = seen.type() != ColumnType.ENUM && seen.type() != ColumnType.SET;
        boolean agrees =
                wire(said.type()) == wire(seen.type())
                        && said.size() == seen.size()
                        && said.scale() == seen.scale()
                        && (!hasMetadata || said.unsigned() == seen.unsigned())
                        && (!hasMetadata || !isText || said.collation() == seen.collation());
        return agrees ? said : null;
    }

    private static @Nullable ColumnType old(ColumnType type) {
        return switch (type) {
            case TIME -> ColumnType.OLD_TIME;
            case DATETIME -> ColumnType.OLD_DATETIME;
            case TIMESTAMP -> ColumnType.OLD_TIMESTAMP;
            default -> null;
        };
    }

    /// Text and binary have one type code; only a collation tells them apart.
    private static ColumnType wire(ColumnType type) {
        return switch (type) {
            case BINARY -> ColumnType.CHAR;
            case VARBINARY -> ColumnType.VARCHAR;
            case BLOB -> ColumnType.TEXT;
            default -> type;
        };
    }
}
