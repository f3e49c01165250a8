package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.schemahistory.ColumnSpec.Place;
import io.fustor.source.mysql.schemahistory.SchemaChange.Action;
import io.fustor.source.mysql.schemahistory.TableDefinition.Definition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Applies one `ALTER TABLE`. Its actions do not run one after the other: existing names refer to
/// the table before the statement, positions refer to the resulting columns. Source: the server's
/// `mysql_prepare_alter_table` and `prepare_fields_and_keys`.
final class TableAlteration {

    private final TableDefinition before;
    private final ColumnTypes types;

    private final List<Definition> columns = new ArrayList<>();
    private final Map<String, String> newNames = new HashMap<>();
    private final List<Placed> placed = new ArrayList<>();
    private int collation;

    private record Placed(Definition column, Place place) {}

    TableAlteration(TableDefinition before, ColumnTypes types) {
        this.before = before;
        this.types = types;
        this.collation = before.collation();
    }

    /// @param schemaCollation the database's default, for `CONVERT TO CHARACTER SET DEFAULT`
    TableDefinition apply(List<Action> all, int schemaCollation) {
        List<Action> actions = decided(all);
        boolean isConverted = false;
        for (Action action : actions) {
            switch (action) {
                case Action.SetDefaults(SchemaChange.Defaults defaults) ->
                        collation = types.collation(defaults, collation);
                case Action.Convert(SchemaChange.Defaults defaults) -> {
                    collation = types.collation(defaults, schemaCollation);
                    isConverted = true;
                }
                default -> {
                    // Columns and keys are handled once the defaults are known.
                }
            }
        }
        keepColumns(actions);
        placeColumns();
        if (isConverted) {
            columns.replaceAll(c -> c.with(types.converted(c.column(), collation)));
        }
        return new TableDefinition(before.id(), collation, columns, keys(actions)).arranged();
    }

    /// The actions that apply, after evaluating their conditions.
    private List<Action> decided(List<Action> all) {
        List<Action> decided = new ArrayList<>();
        for (Action action : all) {
            if (!(action instanceof Action.Conditional(Action inner))) {
                decided.add(action);
            } else if (isDone(inner)) {
                decided.add(inner);
            }
        }
        return decided;
    }

    private boolean isDone(Action action) {
        return switch (action) {
            case Action.AddColumn(ColumnSpec column, Place _) -> !hasColumn(column.name());
            case Action.DropColumn(String column) -> hasColumn(column);
            case Action.RenameColumn(String from, String _) -> hasColumn(from);
            case Action.ChangeColumn(String old, ColumnSpec _, Place _) -> hasColumn(old);
            case Action.HideColumn(String column, boolean _) -> hasColumn(column);
            case Action.AddKey(TableKey key) -> !hasKey(key.name());
            case Action.DropKey(String name) -> hasKey(name);
            case Action.RenameKey(String from, String _) -> hasKey(from);
            case Action.SetDefaults _, Action.Convert _, Action.RenameTo _, Action.Conditional _ ->
                    throw new IllegalStateException("never with a condition: " + action);
        };
    }

    private boolean hasColumn(String name) {
        return TableDefinition.ordinal(before.columns(), name) >= 0;
    }

    private boolean hasKey(String name) {
        return before.keys().stream().anyMatch(key -> key.isNamed(name));
    }

    /// Keeps the existing columns in place, each changed, renamed or unchanged. Columns with a new
    /// position, and new columns, are recorded for later.
    private void keepColumns(List<Action> actions) {
        for (Definition old : before.columns()) {
            String name = old.column().name();
            Action action = about(name, actions);
            switch (action) {
                case null -> keep(name, old, new Place.Unchanged());
                case Action.DropColumn _ -> newNames.put(lower(name), "");
                case Action.RenameColumn(String _, String to) ->
                        keep(name, old.named(to), new Place.Unchanged());
                case Action.ChangeColumn(String _, ColumnSpec spec, Place place) ->
                        keep(name, define(spec), place);
                case Action.HideColumn(String _, boolean invisible) ->
                        keep(name, old.hidden(invisible), new Place.Unchanged());
                default -> throw new IllegalStateException("not about a column: " + action);
            }
        }
        for (Action action : actions) {
            if (action instanceof Action.AddColumn(ColumnSpec spec, Place place)) {
                placed.add(new Placed(define(spec), place));
            }
        }
        sortByStatement(actions);
    }

    private void keep(String oldName, Definition column, Place place) {
        newNames.put(lower(oldName), column.column().name());
        columns.add(column);
        if (!(place instanceof Place.Unchanged)) {
            placed.add(new Placed(column, place));
        }
    }

    private static @Nullable Action about(String column, List<Action> actions) {
        for (Action action : actions) {
            String name =
                    switch (action) {
                        case Action.DropColumn(String dropped) -> dropped;
                        case Action.RenameColumn(String from, String _) -> from;
                        case Action.ChangeColumn(String old, ColumnSpec _, Place _) -> old;
                        case Action.HideColumn(String hidden, boolean _) -> hidden;
                        default -> "";
                    };
            if (name.equalsIgnoreCase(column)) {
                return action;
            }
        }
        return null;
    }

    /// Positions are applied in the order of the statement.
    private void sortByStatement(List<Action> actions) {
        List<Placed> sorted = new ArrayList<>(placed.size());
        for (Action action : actions) {
            String name =
                    switch (action) {
                        case Action.AddColumn(ColumnSpec spec, Place _) -> spec.name();
                        case Action.ChangeColumn(String _, ColumnSpec spec, Place _) -> spec.name();
                        default -> "";
                    };
            for (Placed each : placed) {
                if (!name.isEmpty() && each.column().column().name().equals(name)) {
                    sorted.add(each);
                }
            }
        }
        placed.clear();
        placed.addAll(sorted);
    }

    private void placeColumns() {
        int front = before.hasGeneratedKey() ? 1 : 0;
        for (Placed each : placed) {
            // An existing column moves now, not earlier.
            columns.remove(each.column());
            switch (each.place()) {
                case Place.First _ -> columns.add(front, each.column());
                case Place.Unchanged _ -> columns.add(each.column());
                case Place.After(String anchor) -> {
                    int at = TableDefinition.ordinal(columns, anchor);
                    if (at < 0) {
                        throw ColumnTypes.unknown(
                                "%s has no column %s, after which another is added"
                                        .formatted(before.id(), anchor));
                    }
                    columns.add(at + 1, each.column());
                }
            }
        }
    }

    private Definition define(ColumnSpec spec) {
        return define(spec, types, collation);
    }

    static Definition define(ColumnSpec spec, ColumnTypes types, int collation) {
        return new Definition(
                types.column(spec, collation),
                spec.nullable(),
                spec.invisible(),
                spec.autoIncrement());
    }

    /// Existing keys come first.
    private List<TableKey> keys(List<Action> actions) {
        KeyAlteration alteration = new KeyAlteration(before, columns, newNames, types);
        List<TableKey> keys = new ArrayList<>();
        for (TableKey key : before.keys()) {
            TableKey kept = kept(alteration.apply(key), actions);
            if (kept != null) {
                keys.add(kept);
            }
        }
        for (Action action : actions) {
            if (action instanceof Action.AddKey(TableKey added)) {
                TableKey.addTo(keys, added);
            }
        }
        return keys;
    }

    private static @Nullable TableKey kept(TableKey key, List<Action> actions) {
        TableKey kept = key.parts().isEmpty() ? null : key;
        for (Action action : actions) {
            if (action instanceof Action.DropKey(String name) && key.isNamed(name)) {
                kept = null;
            } else if (action instanceof Action.RenameKey(String from, String to)
                    && key.isNamed(from)) {
                kept = key.named(to);
            }
        }
        return kept;
    }

    private static String lower(String name) {
        return TableDefinition.lower(name);
    }
}
