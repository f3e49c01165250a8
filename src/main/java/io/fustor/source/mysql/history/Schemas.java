package io.fustor.source.mysql.history;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.history.SchemaChange.AlterSchema;
import io.fustor.source.mysql.history.SchemaChange.AlterTable;
import io.fustor.source.mysql.history.SchemaChange.CreateLike;
import io.fustor.source.mysql.history.SchemaChange.CreateSchema;
import io.fustor.source.mysql.history.SchemaChange.CreateTable;
import io.fustor.source.mysql.history.SchemaChange.DropSchema;
import io.fustor.source.mysql.history.SchemaChange.DropTable;
import io.fustor.source.mysql.history.SchemaChange.LoseTable;
import io.fustor.source.mysql.history.SchemaChange.RenameTable;
import io.fustor.source.mysql.history.TableDefinition.Definition;
import io.fustor.source.mysql.schema.TableId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// All databases and tables of a server as of one moment. Immutable: a statement makes another one
/// of it, by the rules of the server.
public final class Schemas {

    /// What is known of a table.
    sealed interface Entry {

        record Known(TableDefinition table) implements Entry {}

        /// There is a table, or may be one, of which nobody can say what it looks like.
        ///
        /// @param why the end of a sentence for a person
        record Lost(String why) implements Entry {}
    }

    private final ServerNames server;
    private final Map<String, Integer> collations;
    private final Map<TableId, Entry> tables;

    /// @param collations default collations by database
    Schemas(ServerNames server, Map<String, Integer> collations, Map<TableId, Entry> tables) {
        this.server = server;
        this.collations = Map.copyOf(collations);
        this.tables = Map.copyOf(tables);
    }

    ServerNames server() {
        return server;
    }

    Map<String, Integer> collations() {
        return collations;
    }

    Map<TableId, Entry> tables() {
        return tables;
    }

    /// Null where there is no such table.
    @Nullable Entry table(TableId id) {
        return tables.get(server.stored(id));
    }

    /// A name as the server has it.
    TableId stored(TableId table) {
        return server.stored(table);
    }

    /// These databases and tables after a statement.
    Schemas after(DdlStatement statement, StatementContext context) {
        return switch (statement) {
            case DdlStatement.None _ -> this;
            case DdlStatement.Changes(List<SchemaChange> changes) -> {
                Draft draft = new Draft(context);
                changes.forEach(draft::apply);
                yield draft.schemas();
            }
            case DdlStatement.Unknown unknown -> {
                Draft draft = new Draft(context);
                draft.lose(unknown);
                yield draft.schemas();
            }
        };
    }

    /// The same without what statements touch: nobody knows what that looks like.
    public Schemas without(TouchedTables touched) {
        Entry lost = new Entry.Lost("it was changed again and again while it was read");
        Map<TableId, Entry> left = new HashMap<>(tables);
        left.replaceAll((table, entry) -> touched.includes(table) ? lost : entry);
        touched.named().forEach(table -> left.put(table, lost));
        return new Schemas(server, collations, left);
    }

    /// One statement at work.
    private final class Draft {

        private final StatementContext context;
        private final ColumnTypes types;
        private final Map<String, Integer> newCollations = new HashMap<>(collations);
        private final Map<TableId, Entry> newTables = new HashMap<>(tables);

        Draft(StatementContext context) {
            this.context = context;
            this.types = new ColumnTypes(server, context);
        }

        Schemas schemas() {
            return new Schemas(server, newCollations, newTables);
        }

        /// What cannot be worked out leaves its table lost instead of stopping others.
        void apply(SchemaChange change) {
            try {
                switch (change) {
                    case CreateSchema created -> create(created);
                    case AlterSchema altered -> alter(altered);
                    case DropSchema(String schema) -> drop(server.stored(schema));
                    case CreateTable created -> create(created);
                    case CreateLike created -> copy(created);
                    case AlterTable altered -> alter(altered);
                    case RenameTable(TableId from, TableId to) ->
                            rename(server.stored(from), server.stored(to));
                    case DropTable(TableId table) -> newTables.remove(server.stored(table));
                    case LoseTable(TableId table, String why) ->
                            newTables.put(server.stored(table), new Entry.Lost(why));
                }
            } catch (SourceException e) {
                TouchedTables.changed(change).forEach(table -> lose(table, e.getMessage()));
            }
        }

        private void lose(TableId table, String why) {
            newTables.put(server.stored(table), new Entry.Lost(why));
        }

        void lose(DdlStatement.Unknown statement) {
            String why = "a statement could not be read: " + statement.why();
            for (TableId table : statement.tables()) {
                if (newTables.containsKey(server.stored(table))) {
                    lose(table, why);
                }
            }
            for (TableId table : statement.made()) {
                lose(table, why);
            }
            for (String schema : statement.schemas()) {
                loseAll(server.stored(schema), why);
            }
        }

        private void loseAll(String schema, String why) {
            for (TableId table : List.copyOf(newTables.keySet())) {
                if (table.schema().equals(schema)) {
                    lose(table, why);
                }
            }
        }

        private void create(CreateSchema created) {
            String schema = server.stored(created.schema());
            if (!newCollations.containsKey(schema)) {
                int server = context.serverCollation();
                newCollations.put(schema, types.collation(created.defaults(), server));
            }
        }

        private void alter(AlterSchema altered) {
            String schema = server.stored(altered.schema());
            newCollations.put(
                    schema, types.collation(altered.defaults(), context.serverCollation()));
        }

        private void drop(String schema) {
            newCollations.remove(schema);
            newTables.keySet().removeIf(table -> table.schema().equals(schema));
        }

        private void create(CreateTable created) {
            TableId id = server.stored(created.table());
            if (created.ifNotExists() && newTables.containsKey(id)) {
                return;
            }
            int collation = types.collation(created.defaults(), schemaCollation(id));
            List<Definition> columns = new ArrayList<>();
            for (ColumnSpec spec : created.columns()) {
                columns.add(TableAlteration.define(spec, types, collation));
            }
            List<TableKey> keys = new ArrayList<>();
            created.keys().forEach(key -> TableKey.addTo(keys, key));
            put(new TableDefinition(id, collation, columns, keys).arranged());
        }

        /// 0 where nothing says what the database has: a name that needs it fails then, and no
        /// other.
        private int schemaCollation(TableId table) {
            return newCollations.getOrDefault(table.schema(), 0);
        }

        /// What `DEFAULT` means: not the table's database, but the session's.
        private int sessionCollation() {
            String schema = server.stored(context.schema());
            return newCollations.getOrDefault(schema, context.serverCollation());
        }

        private void copy(CreateLike created) {
            TableId id = server.stored(created.table());
            if (created.ifNotExists() && newTables.containsKey(id)) {
                return;
            }
            put(definition(created.like()).renamed(id));
        }

        private void alter(AlterTable altered) {
            TableId id = server.stored(altered.table());
            TableDefinition before = definition(id);
            put(new TableAlteration(before, types).apply(altered.actions(), sessionCollation()));
            for (SchemaChange.Action action : altered.actions()) {
                if (action instanceof SchemaChange.Action.RenameTo(TableId to)) {
                    rename(id, server.stored(to));
                }
            }
        }

        /// What is not known to be a table is a view, or a table that nobody let us see.
        private void rename(TableId from, TableId to) {
            Entry moved = newTables.remove(from);
            newTables.remove(to);
            switch (moved) {
                case null -> {
                    // Nothing is known of the new name either.
                }
                case Entry.Known(TableDefinition table) -> put(table.renamed(to));
                case Entry.Lost lost -> newTables.put(to, lost);
            }
        }

        private void put(TableDefinition table) {
            newTables.put(table.id(), new Entry.Known(table));
        }

        private TableDefinition definition(TableId id) {
            return switch (newTables.get(server.stored(id))) {
                case null -> throw ColumnTypes.unknown(id + " is not known");
                case Entry.Known(TableDefinition table) -> table;
                case Entry.Lost(String why) -> throw ColumnTypes.unknown(why);
            };
        }
    }

    /// A server's own ways with names.
    ///
    /// @param version as in [DdlParser]
    /// @param lowerCase whether the names of databases and tables are stored in lower case
    ///   (`lower_case_table_names`)
    record ServerNames(
            int version, boolean isMariaDb, boolean lowerCase, CollationNames collations) {

        TableId stored(TableId id) {
            return lowerCase ? new TableId(stored(id.schema()), stored(id.table())) : id;
        }

        String stored(String name) {
            return lowerCase ? name.toLowerCase(Locale.ROOT) : name;
        }
    }
}
