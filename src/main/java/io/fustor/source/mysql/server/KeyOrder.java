package io.fustor.source.mysql.server;

import io.fustor.source.mysql.charset.Collations;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/// The order in which a table's rows can be read in parts: that of a unique index whose entries the
/// server compares exactly as a statement's conditions do. If no index is known to have this
/// property, there is no order: see `docs/decisions/0017-order-of-an-index.md`.
///
/// @param index its name, or empty
/// @param columns ordinals, in the index's order; empty if there is no order
/// @param descending the columns that the index has in descending order
@SuppressWarnings("ArrayRecordComponent") // never compared
public record KeyOrder(String index, int[] columns, boolean[] descending) {

    /// The rows have no order and are read in one pass.
    public static final KeyOrder NONE = new KeyOrder("", new int[0], new boolean[0]);

    /// These engines read an index in order. The tables of a `MERGE` table have separate keys;
    /// other engines guarantee less.
    private static final Set<String> ENGINES = Set.of("innodb", "myisam", "aria", "memory");

    private static final Set<ColumnType> TYPES =
            EnumSet.of(
                    ColumnType.TINYINT,
                    ColumnType.SMALLINT,
                    ColumnType.MEDIUMINT,
                    ColumnType.INT,
                    ColumnType.BIGINT,
                    ColumnType.DECIMAL,
                    ColumnType.FLOAT,
                    ColumnType.DOUBLE,
                    ColumnType.BIT,
                    ColumnType.YEAR,
                    ColumnType.DATE,
                    ColumnType.TIME,
                    ColumnType.DATETIME,
                    ColumnType.TIMESTAMP,
                    ColumnType.CHAR,
                    ColumnType.VARCHAR,
                    ColumnType.BINARY,
                    ColumnType.VARBINARY,
                    ColumnType.ENUM,
                    ColumnType.SET);

    /// Whether an engine reads the rows of an index in its order.
    static boolean isKept(String engine) {
        return ENGINES.contains(engine.toLowerCase(Locale.ROOT));
    }

    /// Whether an index over a column's whole values has the order in which the values are
    /// compared.
    ///
    /// @param type as `COLUMN_TYPE` prints it
    /// @param collation as `COLLATION_NAME` prints it; empty for none
    /// @param extra as `EXTRA` prints it
    static boolean isGivenBy(Column column, String type, String collation, String extra) {
        // The server may recompute such a column in one place and read it in another.
        if (!TYPES.contains(column.type()) || extra.contains("VIRTUAL")) {
            return false;
        }
        return switch (column.type()) {
            // With a number of decimals, the compared value is rounded again.
            case FLOAT, DOUBLE -> type.indexOf('(') < 0;
            // MariaDB's index includes the padding blanks, and its comparison does not.
            case CHAR -> isKnown(column) && !collation.contains("_nopad_");
            case VARCHAR -> isKnown(column);
            default -> true;
        };
    }

    private static boolean isKnown(Column column) {
        return Collations.characterSet(column.collation()) != null;
    }

    public boolean isNone() {
        return columns.length == 0;
    }
}
