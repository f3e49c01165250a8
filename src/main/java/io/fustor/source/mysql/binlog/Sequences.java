package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.List;

/// MariaDB's sequences. In its binlog they look like tables with one row that is inserted
/// repeatedly. They are not tables and never appear in a feed.
final class Sequences {

    private static final List<String> NAMES =
            List.of(
                    "next_not_cached_value",
                    "minimum_value",
                    "maximum_value",
                    "start_value",
                    "increment",
                    "cache_size",
                    "cycle_option",
                    "cycle_count");

    private static final int CYCLE_OPTION = 6;

    private Sequences() {}

    /// Whether a table map is that of a sequence: by the names of its columns or, if it has none,
    /// by their types, provided that the statements created no table of that name.
    static boolean isOne(TableSchema map) {
        return map.columnCount() == NAMES.size()
                && map.primaryKey().length == 0
                && hasTypes(map)
                && (map.isNamed() ? hasNames(map) : map.problem() != null);
    }

    private static boolean hasTypes(TableSchema map) {
        for (int ordinal = 0; ordinal < NAMES.size(); ordinal++) {
            ColumnType type = map.columns().get(ordinal).type();
            boolean isRight =
                    ordinal == CYCLE_OPTION
                            ? type == ColumnType.TINYINT
                            : type == ColumnType.BIGINT || (ordinal < 5 && isInteger(type));
            if (!isRight) {
                return false;
            }
        }
        return true;
    }

    /// Since 11.5 a sequence may have another type than `BIGINT`.
    private static boolean isInteger(ColumnType type) {
        return switch (type) {
            case TINYINT, SMALLINT, MEDIUMINT, INT -> true;
            default -> false;
        };
    }

    private static boolean hasNames(TableSchema map) {
        return map.columns().stream().map(Column::name).toList().equals(NAMES);
    }
}
