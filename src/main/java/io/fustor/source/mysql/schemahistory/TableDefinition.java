package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A table with everything that further DDL depends on, in addition to what its rows need.
///
/// @param collation the number of the table's default collation
/// @param keys in the server's own order
record TableDefinition(TableId id, int collation, List<Definition> columns, List<TableKey> keys) {

    /// The column that `sql_generate_invisible_primary_key` creates.
    private static final String GENERATED_KEY = "my_row_id";

    /// A column with further properties that affect the order of columns.
    record Definition(Column column, boolean nullable, boolean invisible, boolean autoIncrement) {

        Definition named(String name) {
            return with(
                    new Column(
                            name,
                            column.type(),
                            column.size(),
                            column.scale(),
                            column.unsigned(),
                            column.collation(),
                            column.labels()));
        }

        Definition with(Column other) {
            return new Definition(other, nullable, invisible, autoIncrement);
        }

        Definition hidden(boolean hidden) {
            return new Definition(column, nullable, hidden, autoIncrement);
        }

        Definition neverNull() {
            return new Definition(column, false, invisible, autoIncrement);
        }
    }

    TableDefinition {
        columns = List.copyOf(columns);
        keys = List.copyOf(keys);
    }

    static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    static int ordinal(List<Definition> columns, String name) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).column().name().equalsIgnoreCase(name)) {
                return i;
            }
        }
        return -1;
    }

    TableDefinition renamed(TableId other) {
        return new TableDefinition(other, collation, columns, keys);
    }

    /// The same table after the effects of its keys: keys in the server's order, and no NULL in the
    /// primary key.
    TableDefinition arranged() {
        List<Definition> arranged = new ArrayList<>(columns);
        for (TableKey key : keys) {
            for (TableKey.Part part : key.isPrimary() ? key.parts() : List.<TableKey.Part>of()) {
                int at = ordinal(arranged, part.column());
                if (at >= 0) {
                    arranged.set(at, arranged.get(at).neverNull());
                }
            }
        }
        List<TableKey> sorted = new ArrayList<>(keys);
        TableDefinition table = new TableDefinition(id, collation, arranged, keys);
        sorted.sort(TableKey.order(table));
        return new TableDefinition(id, collation, arranged, sorted);
    }

    /// Whether a part of a key may be NULL, or is not a column.
    boolean mayBeNull(TableKey key) {
        for (TableKey.Part part : key.parts()) {
            int at = ordinal(columns, part.column());
            if (at < 0 || columns.get(at).nullable()) {
                return true;
            }
        }
        return false;
    }

    /// Whether the first column is a primary key that the server generated, or that looks the same:
    /// no column can be placed before it. Source: the server's
    /// `table_has_generated_invisible_primary_key`.
    boolean hasGeneratedKey() {
        Definition first = columns.getFirst();
        return first.column().name().equals(GENERATED_KEY)
                && first.column().type() == ColumnType.BIGINT
                && first.column().unsigned()
                && first.invisible()
                && first.autoIncrement()
                && keys.stream()
                        .anyMatch(key -> key.equals(TableKey.of(TableKey.PRIMARY, GENERATED_KEY)));
    }

    /// The first key if it is the primary key, or a unique key of whole columns that are never
    /// NULL, which the server then uses as one.
    private List<TableKey.Part> primaryKey() {
        if (keys.isEmpty()) {
            return List.of();
        }
        TableKey first = keys.getFirst();
        boolean tellsRowsApart = first.unique() && first.isWhole() && !mayBeNull(first);
        return first.isPrimary() || tellsRowsApart ? first.parts() : List.of();
    }

    /// The part that the table's rows need.
    TableSchema schema() {
        List<Column> plain = new ArrayList<>(columns.size());
        for (Definition column : columns) {
            plain.add(column.column());
        }
        List<TableKey.Part> parts = primaryKey();
        int[] key = new int[parts.size()];
        for (int i = 0; i < key.length; i++) {
            key[i] = ordinal(columns, parts.get(i).column());
        }
        return new TableSchema(id, plain, key);
    }
}
