package io.fustor.source.mysql.history;

import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;

/// A table with what further DDL needs to know of it, beyond what its rows need.
///
/// @param collation the number of the table's default collation
/// @param primaryKey the names of its columns in the key's order
record TableDefinition(
        TableId id, int collation, List<Definition> columns, List<String> primaryKey) {

    /// The name of the column that `sql_generate_invisible_primary_key` makes.
    private static final String GENERATED_KEY = "my_row_id";

    /// A column with what else decides about the order of columns.
    record Definition(Column column, boolean invisible, boolean autoIncrement) {

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
            return new Definition(other, invisible, autoIncrement);
        }

        Definition hidden(boolean hidden) {
            return new Definition(column, hidden, autoIncrement);
        }
    }

    TableDefinition {
        columns = List.copyOf(columns);
        primaryKey = List.copyOf(primaryKey);
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
        return new TableDefinition(other, collation, columns, primaryKey);
    }

    /// Whether the first column is a primary key that the server made itself, or that looks just
    /// the same: nothing goes in front of it. Source: the server's
    /// `table_has_generated_invisible_primary_key`.
    boolean hasGeneratedKey() {
        Definition first = columns.getFirst();
        return first.column().name().equals(GENERATED_KEY)
                && first.column().type() == ColumnType.BIGINT
                && first.column().unsigned()
                && first.invisible()
                && first.autoIncrement()
                && primaryKey.equals(List.of(GENERATED_KEY));
    }

    /// What the table's rows need.
    TableSchema schema() {
        List<Column> plain = new ArrayList<>(columns.size());
        for (Definition column : columns) {
            plain.add(column.column());
        }
        int[] key = new int[primaryKey.size()];
        for (int i = 0; i < key.length; i++) {
            key[i] = ordinal(columns, primaryKey.get(i));
        }
        return new TableSchema(id, plain, key);
    }
}
