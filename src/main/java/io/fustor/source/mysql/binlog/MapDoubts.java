package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a table map leaves open although it decides how rows are read. MariaDB's `UUID`, `INET6`,
/// `INET4` and `VECTOR` look like `BINARY` and `VARBINARY`, its old times lack their fraction, and
/// system versioning is invisible. MySQL before 8.0.13 leaves out the character set of labels. The
/// statements that created the table have the answers (decision 0019).
///
/// @param columns by ordinal: whether the column's type is open
/// @param mayBeVersioned whether the table has two columns that could be its system time; if
///   versions are counted in transactions, the server writes statements instead of rows
/// @param isMariaDb whether the binlog is MariaDB's
@SuppressWarnings("ArrayRecordComponent") // never compared
record MapDoubts(boolean[] columns, boolean mayBeVersioned, boolean isMariaDb) {

    private static final String VERSIONED =
            "the table %s is system-versioned, and the service cannot separate its history from its"
                    + " current rows: leave it out of the selection";
    private static final int UUID_BYTES = 16;
    private static final int INET4_BYTES = 4;
    private static final int FLOAT_BYTES = 4;
    private static final int MICROSECONDS = 6;

    /// @param nullable a bit for each column
    static MapDoubts of(TableSchema table, byte[] nullable, boolean isMariaDb) {
        boolean[] columns = new boolean[table.columnCount()];
        int times = 0;
        for (int ordinal = 0; ordinal < columns.length; ordinal++) {
            Column column = table.columns().get(ordinal);
            columns[ordinal] = isMariaDb ? isOpen(column) : lacksLabels(column);
            boolean isNullable = (nullable[ordinal >> 3] & 1 << (ordinal & 7)) != 0;
            times += !isNullable && isTime(column) ? 1 : 0;
        }
        return new MapDoubts(columns, isMariaDb && times > 1, isMariaDb);
    }

    private static boolean isOpen(Column column) {
        return switch (column.type()) {
            case BINARY -> column.size() == UUID_BYTES || column.size() == INET4_BYTES;
            case VARBINARY -> column.size() % FLOAT_BYTES == 0 && column.size() > 0;
            default -> isOld(column);
        };
    }

    private static boolean isOld(Column column) {
        return switch (column.type()) {
            case OLD_TIME, OLD_DATETIME, OLD_TIMESTAMP -> true;
            default -> false;
        };
    }

    private static boolean lacksLabels(Column column) {
        return (column.type() == ColumnType.ENUM || column.type() == ColumnType.SET)
                && column.labels().isEmpty();
    }

    private static boolean isTime(Column column) {
        return column.type() == ColumnType.TIMESTAMP && column.scale() == MICROSECONDS;
    }

    boolean isAny() {
        for (boolean isOpen : columns) {
            if (isOpen) {
                return true;
            }
        }
        return mayBeVersioned;
    }

    /// The table with its open columns completed from the statements.
    ///
    /// @param explained by [ColumnNames#explain]; null if nothing is known
    TableSchema cleared(TableSchema map, @Nullable TableSchema explained) {
        if (explained != null && !explained.isSupported()) {
            return map.unsupported(VERSIONED.formatted(map.id()));
        }
        if (mayBeVersioned && isVersionedByNames(map)) {
            return map.unsupported(VERSIONED.formatted(map.id()));
        }
        List<Column> result = new ArrayList<>(columns.length);
        for (int ordinal = 0; ordinal < columns.length; ordinal++) {
            Column column = map.columns().get(ordinal);
            if (columns[ordinal] && explained != null) {
                column = explained.columns().get(ordinal);
            } else if (columns[ordinal] && isOld(column)) {
                return map.unsupported(
                        "the table "
                                + map.id()
                                + " has times in MariaDB's old format, and the statements that define"
                                + " their length are unknown: rebuild it with"
                                + " mysql56_temporal_format=ON (ALTER TABLE … FORCE), and start from a"
                                + " position after that");
            } else if (columns[ordinal] && isMariaDb) {
                column = column.as(ColumnType.UNCLEAR, column.size());
            }
            result.add(column);
        }
        return new TableSchema(map.id(), result, map.primaryKey());
    }

    /// A table that the statements have named.
    TableSchema checked(TableSchema named) {
        return mayBeVersioned && isVersionedByNames(named)
                ? named.unsupported(VERSIONED.formatted(named.id()))
                : named;
    }

    /// The names that the server gives to its own columns at the end of a table.
    private static boolean isVersionedByNames(TableSchema table) {
        int count = table.columnCount();
        Column start = table.columns().get(count - 2);
        Column end = table.columns().get(count - 1);
        return start.name().equals("row_start")
                && end.name().equals("row_end")
                && isTime(start)
                && isTime(end);
    }
}
