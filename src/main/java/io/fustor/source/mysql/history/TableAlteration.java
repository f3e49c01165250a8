package io.fustor.source.mysql.history;

import io.fustor.source.mysql.history.ColumnSpec.Place;
import io.fustor.source.mysql.history.SchemaChange.Action;
import io.fustor.source.mysql.history.TableDefinition.Definition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One `ALTER TABLE` at work. Its actions do not run one after the other: names that exist mean the
/// table as it was before, places mean the columns as they come out. Source: the server's
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
    TableDefinition apply(List<Action> actions, int schemaCollation) {
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
                    // Columns and keys come when the defaults are known.
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

    /// The columns that were there, each changed, renamed or left as it is; those that get a new
    /// place, and the new ones, are kept for later.
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
        if (place instanceof Place.Unchanged) {
            columns.add(column);
        } else {
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

    /// Places are taken in the order of the statement.
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
            switch (each.place()) {
                case Place.First _ -> columns.add(front, each.column());
                case Place.Unchanged _ -> columns.add(each.column());
                case Place.After(String anchor) -> {
                    int at = TableDefinition.ordinal(columns, anchor);
                    if (at < 0) {
                        throw ColumnTypes.unknown(
                                "%s has no column %s, behind which another is put"
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

    /// Those that were there come first, with the names that the columns have now.
    private List<TableKey> keys(List<Action> actions) {
        List<TableKey> keys = new ArrayList<>();
        for (TableKey key : before.keys()) {
            TableKey kept = kept(key.withColumns(newNames), actions);
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
