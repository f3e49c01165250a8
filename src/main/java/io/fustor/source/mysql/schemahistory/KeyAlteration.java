package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schemahistory.TableDefinition.Definition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The keys that a table keeps when its columns are altered: the names of their columns, and
/// whether they still cover whole columns. Source: the server's `prepare_fields_and_keys`.
final class KeyAlteration {

    private final TableDefinition before;
    private final List<Definition> columns;
    private final Map<String, String> newNames;
    private final ColumnTypes types;

    /// @param columns the table's columns after the statement
    /// @param newNames by old names in lower case; empty for a dropped column
    KeyAlteration(
            TableDefinition before,
            List<Definition> columns,
            Map<String, String> newNames,
            ColumnTypes types) {
        this.before = before;
        this.columns = columns;
        this.newNames = newNames;
        this.types = types;
    }

    /// The key after the statement, without the parts whose columns were dropped.
    TableKey apply(TableKey key) {
        List<TableKey.Part> kept = new ArrayList<>();
        for (TableKey.Part part : key.parts()) {
            String name =
                    newNames.getOrDefault(TableDefinition.lower(part.column()), part.column());
            if (part.column().isEmpty()) {
                kept.add(part);
            } else if (!name.isEmpty()) {
                kept.add(new TableKey.Part(name, isWhole(part, name)));
            }
        }
        return new TableKey(key.name(), key.unique(), kept);
    }

    private boolean isWhole(TableKey.Part part, String newName) {
        Column old = column(before.columns(), part.column());
        Column altered = column(columns, newName);
        if (old == null || altered == null || old.type() == altered.type()) {
            return part.whole();
        }
        return !ColumnTypes.mayHavePrefix(altered)
                || (part.whole() && !types.becomesPrefix(old, altered));
    }

    private static @Nullable Column column(List<Definition> columns, String name) {
        int at = TableDefinition.ordinal(columns, name);
        return at < 0 ? null : columns.get(at).column();
    }
}
