package io.fustor.source.mysql.snapshot;

import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.server.Quoting;
import io.fustor.source.mysql.server.TableDescription;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/// How one table is read: which columns, in the order of which key, and from which row on.
///
/// A result row holds the columns of [#columns] in table order and behind them, for each key column
/// whose values MySQL compares otherwise than it orders them, its number ([#isNumbered]).
public final class TableQuery {

    private final TableDescription table;
    private final int[] columns;
    private final int shape;

    TableQuery(TableDescription table, Selection selection) {
        TableSchema schema = table.schema();
        this.table = table;
        this.columns =
                IntStream.range(0, schema.columnCount())
                        .filter(ordinal -> isNeeded(ordinal, selection))
                        .toArray();
        this.shape = shape(table);
    }

    private boolean isNeeded(int ordinal, Selection selection) {
        TableSchema schema = table.schema();
        return selection.includes(schema.id(), schema.columns().get(ordinal).name())
                || IntStream.of(table.key()).anyMatch(key -> key == ordinal);
    }

    /// A checksum over columns and key: rows that were read under another one do not belong with
    /// those that follow.
    private static int shape(TableDescription table) {
        CRC32C crc = new CRC32C();
        List<Integer> key = IntStream.of(table.key()).boxed().toList();
        crc.update((table.schema().columns() + "" + key).getBytes(StandardCharsets.UTF_8));
        return (int) crc.getValue();
    }

    public TableDescription table() {
        return table;
    }

    /// The ordinals of the columns that are read, ascending: the wanted ones and the key's.
    public int[] columns() {
        return columns.clone();
    }

    /// Which cells of a result row make the row's key, in the key's order.
    public int[] keyCells() {
        int[] key = table.key();
        int[] cells = new int[key.length];
        int numbers = columns.length;
        for (int i = 0; i < key.length; i++) {
            boolean isNumbered = isNumbered(table.schema().columns().get(key[i]));
            cells[i] = isNumbered ? numbers++ : Arrays.binarySearch(columns, key[i]);
        }
        return cells;
    }

    /// How many cells a result row has.
    public int cellCount() {
        return columns.length + (int) key().stream().filter(TableQuery::isNumbered).count();
    }

    /// The names of the key's columns, in its order; none where the table has no key.
    public List<String> keyNames() {
        return key().stream().map(Column::name).toList();
    }

    /// The key's columns, in its order; none where the table has no key.
    List<Column> key() {
        return IntStream.of(table.key()).mapToObj(table.schema().columns()::get).toList();
    }

    /// Whether the table's rows come in an order in which reading can go on behind a row.
    public boolean isResumable() {
        return table.key().length > 0;
    }

    public int shape() {
        return shape;
    }

    /// Whether a key column's place in the order is its number rather than its text: labels are
    /// ordered by number and compared as text, and small years are taken for years of this century.
    public static boolean isNumbered(Column column) {
        return switch (column.type()) {
            case ENUM, SET, YEAR, BIT -> true;
            default -> false;
        };
    }

    private static String number(Column column) {
        return "CAST(" + Quoting.identifier(column.name()) + " AS UNSIGNED)";
    }

    /// Takes the locks of a reading, and fails as one where there is something in its way, without
    /// reading a row.
    public String probe() {
        return "SELECT " + list() + " FROM " + name() + " LIMIT 0";
    }

    /// @param lastKey the cells of the key behind which to read; empty for all rows
    String select(byte[] lastKey) {
        String sql = "SELECT " + list() + " FROM " + name();
        if (!isResumable()) {
            return sql;
        }
        String order =
                key().stream()
                        .map(column -> Quoting.identifier(column.name()))
                        .collect(Collectors.joining(", "));
        return sql
                + " FORCE INDEX ("
                + Quoting.identifier(table.keyName())
                + ")"
                + (lastKey.length == 0 ? "" : " WHERE " + behind(KeyCells.read(key(), lastKey)))
                + " ORDER BY "
                + order;
    }

    private String name() {
        return Quoting.identifier(table.schema().id().schema())
                + "."
                + Quoting.identifier(table.schema().id().table());
    }

    private String list() {
        List<String> list = new ArrayList<>();
        for (int ordinal : columns) {
            list.add(Quoting.identifier(table.schema().columns().get(ordinal).name()));
        }
        key().stream().filter(TableQuery::isNumbered).forEach(column -> list.add(number(column)));
        return String.join(", ", list);
    }

    /// `a > 1 OR (a = 1 AND b > 2)`: a comparison of whole rows would not use the index.
    private String behind(List<String> values) {
        List<Column> key = key();
        StringBuilder equal = new StringBuilder();
        StringBuilder condition = new StringBuilder();
        for (int i = 0; i < values.size(); i++) {
            Column column = key.get(i);
            String side = isNumbered(column) ? number(column) : Quoting.identifier(column.name());
            if (i > 0) {
                condition.append(" OR ");
            }
            condition.append('(').append(equal).append(side).append(" > ").append(values.get(i));
            condition.append(')');
            equal.append(side).append(" = ").append(values.get(i)).append(" AND ");
        }
        return condition.toString();
    }

    @Override
    public String toString() {
        return name() + (columns.length == table.schema().columnCount() ? "" : " in part");
    }
}
