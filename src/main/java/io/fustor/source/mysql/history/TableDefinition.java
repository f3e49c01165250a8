package io.fustor.source.mysql.history;

import io.fustor.source.mysql.history.KeySpec.Kind;
import io.fustor.source.mysql.history.KeySpec.Part;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A table with what further DDL needs to know of it, beyond what its rows need: the default
/// collation, which columns may be null, and all keys.
///
/// @param collation the number of the table's default collation
/// @param keys in the order in which the server has them
record TableDefinition(TableId id, int collation, List<Definition> columns, List<KeySpec> keys) {

    /// A column and whether it may be null.
    record Definition(Column column, boolean nullable) {

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
            return new Definition(other, nullable);
        }
    }

    TableDefinition {
        columns = List.copyOf(columns);
        keys = List.copyOf(keys);
    }

    /// A table of these columns and keys, each key with the name that the server gives it and the
    /// columns of the primary key without nulls.
    static TableDefinition of(
            TableId id, int collation, List<Definition> columns, List<KeySpec> keys) {
        List<KeySpec> named = named(keys);
        return new TableDefinition(id, collation, withoutNulls(columns, named), named);
    }

    private static List<KeySpec> named(List<KeySpec> keys) {
        Set<String> taken = new HashSet<>();
        for (KeySpec key : keys) {
            taken.add(key.name().toLowerCase(Locale.ROOT));
        }
        List<KeySpec> named = new ArrayList<>();
        for (KeySpec key : keys) {
            named.add(key.name().isEmpty() ? key.named(free(key, taken)) : key);
        }
        return named;
    }

    /// A key without a name is called as its first column, with a number behind where that is
    /// taken.
    private static String free(KeySpec key, Set<String> taken) {
        String column = key.parts().getFirst().column();
        String base = column.isEmpty() ? "functional_index" : column;
        boolean isReserved = base.equalsIgnoreCase(KeySpec.PRIMARY);
        String name = base;
        for (int i = 2; isReserved || !taken.add(name.toLowerCase(Locale.ROOT)); i++) {
            name = base + "_" + i;
            isReserved = false;
        }
        return name;
    }

    private static List<Definition> withoutNulls(List<Definition> columns, List<KeySpec> keys) {
        List<Definition> result = new ArrayList<>(columns);
        for (KeySpec key : keys) {
            if (key.kind() != Kind.PRIMARY) {
                continue;
            }
            for (Part part : key.parts()) {
                int ordinal = ordinal(columns, part.column());
                if (ordinal >= 0) {
                    result.set(ordinal, new Definition(columns.get(ordinal).column(), false));
                }
            }
        }
        return result;
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

    /// What the table's rows need.
    TableSchema schema() {
        List<Column> plain = new ArrayList<>(columns.size());
        for (Definition column : columns) {
            plain.add(column.column());
        }
        KeySpec key = rowKey();
        int[] ordinals = new int[key == null ? 0 : key.parts().size()];
        for (int i = 0; key != null && i < ordinals.length; i++) {
            ordinals[i] = ordinal(columns, key.parts().get(i).column());
        }
        return new TableSchema(id, plain, ordinals);
    }

    /// The primary key, or what the server takes for it: the first unique key over whole columns
    /// that are never null.
    private @Nullable KeySpec rowKey() {
        KeySpec unique = null;
        for (KeySpec key : keys) {
            if (key.kind() == Kind.PRIMARY) {
                return key;
            }
            if (unique == null && key.kind() == Kind.UNIQUE && isWithoutNulls(key)) {
                unique = key;
            }
        }
        return unique;
    }

    private boolean isWithoutNulls(KeySpec key) {
        for (Part part : key.parts()) {
            int ordinal = ordinal(columns, part.column());
            if (ordinal < 0 || !part.whole() || columns.get(ordinal).nullable()) {
                return false;
            }
        }
        return true;
    }
}
