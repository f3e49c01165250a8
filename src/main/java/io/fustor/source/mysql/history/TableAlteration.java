package io.fustor.source.mysql.history;

import io.fustor.source.mysql.history.ColumnSpec.Nullability;
import io.fustor.source.mysql.history.ColumnSpec.Place;
import io.fustor.source.mysql.history.KeySpec.Kind;
import io.fustor.source.mysql.history.KeySpec.Part;
import io.fustor.source.mysql.history.SchemaChange.Action;
import io.fustor.source.mysql.history.TableDefinition.Definition;
import io.fustor.source.mysql.schema.ColumnType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One `ALTER TABLE` at work. Its actions do not run one after the other: names that exist mean the
/// table as it was before, places mean the columns as they come out. Source: the server's
/// `mysql_prepare_alter_table` and `prepare_fields_and_keys`.
final class TableAlteration {

    private final TableDefinition before;
    private final ColumnTypes types;
    private final boolean explicitTimestamps;

    private final List<Definition> columns = new ArrayList<>();
    private final Map<String, String> newNames = new HashMap<>();
    private final List<Placed> placed = new ArrayList<>();
    private int collation;

    private record Placed(Definition column, Place place) {}

    TableAlteration(TableDefinition before, ColumnTypes types, StatementContext context) {
        this.before = before;
        this.types = types;
        this.explicitTimestamps = context.explicitTimestamps();
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
        return TableDefinition.of(before.id(), collation, columns, keys(actions));
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
        for (Placed each : placed) {
            switch (each.place()) {
                case Place.First _ -> columns.addFirst(each.column());
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
        return define(spec, types, collation, explicitTimestamps);
    }

    static Definition define(
            ColumnSpec spec, ColumnTypes types, int collation, boolean explicitTimestamps) {
        boolean isOpenTimestamp =
                spec.nullability() == null && spec.type().type() == ColumnType.TIMESTAMP;
        boolean nullable =
                spec.nullability() != Nullability.NOT_NULL
                        && (explicitTimestamps || !isOpenTimestamp);
        return new Definition(types.column(spec, collation), nullable);
    }

    private List<KeySpec> keys(List<Action> actions) {
        List<KeySpec> keys = new ArrayList<>();
        for (KeySpec key : before.keys()) {
            String name = newName(key, actions);
            List<Part> parts = name == null ? List.of() : parts(key);
            if (name != null && !parts.isEmpty()) {
                keys.add(new KeySpec(name, key.kind(), parts));
            }
        }
        for (Action action : actions) {
            if (action instanceof Action.AddKey(KeySpec key)) {
                // The server has the primary key in front, whenever it came.
                keys.add(key.kind() == Kind.PRIMARY ? 0 : keys.size(), key);
            }
        }
        return keys;
    }

    /// Null where the key is dropped.
    private static @Nullable String newName(KeySpec key, List<Action> actions) {
        for (Action action : actions) {
            if (action instanceof Action.DropKey(String name)
                    && name.equalsIgnoreCase(key.name())) {
                return null;
            }
            if (action instanceof Action.RenameKey(String from, String to)
                    && from.equalsIgnoreCase(key.name())) {
                return to;
            }
        }
        return key.name();
    }

    private List<Part> parts(KeySpec key) {
        List<Part> parts = new ArrayList<>();
        for (Part part : key.parts()) {
            if (part.column().isEmpty()) {
                parts.add(part);
                continue;
            }
            String name = newNames.getOrDefault(lower(part.column()), part.column());
            if (!name.isEmpty()) {
                parts.add(new Part(name, part.whole()));
            }
        }
        return parts;
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
