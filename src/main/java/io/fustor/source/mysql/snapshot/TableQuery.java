package io.fustor.source.mysql.snapshot;

import io.fustor.source.mysql.condition.BoundCondition;
import io.fustor.source.mysql.condition.Condition;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.server.KeyOrder;
import io.fustor.source.mysql.server.Quoting;
import io.fustor.source.mysql.server.TableDescription;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// How one table is read: which columns, in the order of which key, and from which row on.
///
/// A result row holds the columns of [#columns] in table order and after them, for each key column
/// whose values MySQL compares otherwise than it orders them, its number ([#isNumbered]).
public final class TableQuery {

    private final TableDescription table;
    private final int[] columns;
    private final int shape;
    private final @Nullable String superset;

    /// @param condition which rows are wanted; null for all
    TableQuery(TableDescription table, Selection selection, @Nullable Condition condition) {
        TableSchema schema = table.schema();
        this.table = isOrderVisible(table, selection) ? table : inNoOrder(table);
        int[] tested =
                condition == null ? new int[0] : BoundCondition.of(condition, schema).ordinals();
        this.superset = Superset.of(condition, schema);
        this.columns =
                IntStream.range(0, schema.columnCount())
                        .filter(
                                ordinal ->
                                        isNeeded(ordinal, selection)
                                                || Arrays.binarySearch(tested, ordinal) >= 0)
                        .toArray();
        this.shape = shape(this.table);
    }

    /// The place in a snapshot holds the last row's key, which clients have in their tokens: a
    /// table whose key is not visible is read in one pass.
    private static boolean isOrderVisible(TableDescription table, Selection selection) {
        TableSchema schema = table.schema();
        return IntStream.of(table.order().columns())
                .mapToObj(ordinal -> schema.columns().get(ordinal).name())
                .allMatch(name -> selection.scope().includes(schema.id(), name));
    }

    private static TableDescription inNoOrder(TableDescription table) {
        return new TableDescription(
                table.schema(),
                KeyOrder.NONE,
                table.nullable(),
                table.isTransactional(),
                table.estimatedRows());
    }

    private boolean isNeeded(int ordinal, Selection selection) {
        TableSchema schema = table.schema();
        return selection.includes(schema.id(), schema.columns().get(ordinal).name())
                || IntStream.of(this.table.order().columns()).anyMatch(key -> key == ordinal);
    }

    /// A checksum over columns and key: rows that were read under another one do not belong with
    /// those that follow.
    private static int shape(TableDescription table) {
        CRC32C crc = new CRC32C();
        KeyOrder order = table.order();
        String key =
                Arrays.toString(order.columns())
                        + (IntStream.range(0, order.columns().length)
                                        .noneMatch(i -> order.descending()[i])
                                ? ""
                                : Arrays.toString(order.descending()));
        crc.update((table.schema().columns() + key).getBytes(StandardCharsets.UTF_8));
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
        int[] key = table.order().columns();
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
        return IntStream.of(table.order().columns())
                .mapToObj(table.schema().columns()::get)
                .toList();
    }

    /// Whether the table's rows come in an order in which reading can go on after a row.
    public boolean isResumable() {
        return !table.order().isNone();
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

    /// As a cell of eight bytes: MariaDB sends a number of few digits, also one that is cast, as a
    /// cell of four, and the results of bit operations only are as wide on every server.
    private static String wideNumber(Column column) {
        return number(column) + " | 0";
    }

    /// Takes the locks of a reading, and fails as one where there is something in its way, without
    /// reading a row.
    public String probe() {
        return "SELECT " + list() + " FROM " + name() + " LIMIT 0";
    }

    /// Whether the server may leave out rows that the condition leaves out.
    boolean isNarrowed() {
        return superset != null;
    }

    /// The statement of [#select] by whatever index the server chooses, for it may know a better
    /// one for the condition.
    String selectByAny(byte[] lastKey) {
        return select("", lastKey);
    }

    /// @param lastKey the cells of the key after which to read; empty for all rows
    String select(byte[] lastKey) {
        String index = index();
        return select(
                index.isEmpty() ? "" : " FORCE INDEX (" + Quoting.identifier(index) + ")", lastKey);
    }

    private String select(String hint, byte[] lastKey) {
        String sql = "SELECT " + list() + " FROM " + name();
        if (!isResumable()) {
            return sql + where(null);
        }
        String rest = lastKey.length == 0 ? null : after(KeyCells.read(key(), lastKey));
        return sql + hint + where(rest) + " ORDER BY " + order();
    }

    private String where(@Nullable String rest) {
        if (superset == null) {
            return rest == null ? "" : " WHERE " + rest;
        }
        return " WHERE " + superset + (rest == null ? "" : " AND (" + rest + ")");
    }

    /// The index's own order, also where it is descending: the server has nothing to sort.
    private String order() {
        List<Column> key = key();
        List<String> order = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            String name = Quoting.identifier(key.get(i).name());
            order.add(isDescending(i) ? name + " DESC" : name);
        }
        return String.join(", ", order);
    }

    private boolean isDescending(int part) {
        return table.order().descending()[part];
    }

    /// The index that gives the rows their order; empty where there is none.
    String index() {
        return table.order().index();
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
        key().stream()
                .filter(TableQuery::isNumbered)
                .forEach(column -> list.add(wideNumber(column)));
        return String.join(", ", list);
    }

    /// `a > 1 OR (a = 1 AND b > 2)`: a comparison of whole rows would not use the index. Where the
    /// index descends, so does the comparison.
    private String after(List<String> values) {
        List<Column> key = key();
        StringBuilder equal = new StringBuilder();
        StringBuilder condition = new StringBuilder();
        for (int i = 0; i < values.size(); i++) {
            Column column = key.get(i);
            String side = isNumbered(column) ? number(column) : Quoting.identifier(column.name());
            if (i > 0) {
                condition.append(" OR ");
            }
            condition.append('(').append(equal).append(side);
            condition.append(isDescending(i) ? " < " : " > ").append(values.get(i)).append(')');
            equal.append(side).append(" = ").append(values.get(i)).append(" AND ");
        }
        return condition.toString();
    }

    @Override
    public String toString() {
        return name() + (columns.length == table.schema().columnCount() ? "" : " in part");
    }
}
