package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.StatementContext;
import io.fustor.source.mysql.schema.StatementContext.Doubt;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.schemahistory.SchemaChange.AlterSchema;
import io.fustor.source.mysql.schemahistory.SchemaChange.AlterTable;
import io.fustor.source.mysql.schemahistory.SchemaChange.CreateLike;
import io.fustor.source.mysql.schemahistory.SchemaChange.CreateSchema;
import io.fustor.source.mysql.schemahistory.SchemaChange.CreateTable;
import io.fustor.source.mysql.schemahistory.SchemaChange.CreateView;
import io.fustor.source.mysql.schemahistory.SchemaChange.DropSchema;
import io.fustor.source.mysql.schemahistory.SchemaChange.DropTable;
import io.fustor.source.mysql.schemahistory.SchemaChange.DropView;
import io.fustor.source.mysql.schemahistory.SchemaChange.IfExists;
import io.fustor.source.mysql.schemahistory.SchemaChange.LoseTable;
import io.fustor.source.mysql.schemahistory.SchemaChange.RenameTable;
import io.fustor.source.mysql.schemahistory.TableDefinition.Definition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// All databases and tables of a server at one moment. Immutable: a statement produces a new
/// catalog, by the rules of the server.
public final class Catalog {

    /// What is known of a table.
    sealed interface Entry {

        /// The table's definition.
        ///
        /// @throws SourceException `SCHEMA_UNKNOWN` if it has none
        default TableSchema schema(TableId table) {
            return switch (this) {
                case Known(TableDefinition known) -> known.schema();
                case Lost(String why) ->
                        throw new SourceException(
                                FailureCode.SCHEMA_UNKNOWN,
                                "the columns of %s are not known: %s".formatted(table, why));
                case View _ ->
                        throw new SourceException(
                                FailureCode.SCHEMA_UNKNOWN,
                                "%s is a view by the statements in the binlog".formatted(table));
            };
        }

        record Known(TableDefinition table) implements Entry {}

        /// There is a table, or may be one, whose definition is not known.
        ///
        /// @param why the end of a sentence for a person
        record Lost(String why) implements Entry {

            /// Why a table is lost that also holds earlier versions of its rows (decision 0019).
            static final String VERSIONED = "it is system-versioned";

            boolean isVersioned() {
                return why.equals(VERSIONED);
            }
        }

        /// A view: `CREATE TABLE IF NOT EXISTS` creates no table of this name.
        record View() implements Entry {}
    }

    private final ServerNames server;
    private final Map<String, Integer> collations;
    private final Map<TableId, Entry> tables;

    /// @param collations default collations by database
    Catalog(ServerNames server, Map<String, Integer> collations, Map<TableId, Entry> tables) {
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

    /// The first tables by name whose definitions are not known, and why.
    Map<TableId, String> lost(int most) {
        Map<TableId, String> lost = new LinkedHashMap<>();
        tables.entrySet().stream()
                .filter(entry -> entry.getValue() instanceof Entry.Lost)
                .sorted(Comparator.comparing(entry -> entry.getKey().toString()))
                .limit(most)
                .forEach(
                        entry -> {
                            if (entry.getValue() instanceof Entry.Lost(String why)) {
                                lost.put(entry.getKey(), why);
                            }
                        });
        return lost;
    }

    /// Null if there is no such table.
    @Nullable Entry table(TableId id) {
        return tables.get(server.stored(id));
    }

    /// A name as the server stores it.
    TableId stored(TableId table) {
        return server.stored(table);
    }

    /// The catalog after a statement.
    Catalog after(DdlStatement statement, StatementContext context) {
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

    /// Whether there is no table or view.
    public boolean isEmpty() {
        return tables.isEmpty();
    }

    /// The databases without their tables.
    Catalog onlySchemas() {
        return new Catalog(server, collations, Map.of());
    }

    /// The same catalog with another definition of one table.
    Catalog with(TableDefinition table) {
        Map<TableId, Entry> all = new HashMap<>(tables);
        all.put(table.id(), new Entry.Known(table));
        return new Catalog(server, collations, all);
    }

    /// The same without the tables that statements touch: their definitions are not known.
    public Catalog without(TouchedTables touched) {
        Entry lost = new Entry.Lost("it was changed again and again while it was read");
        Map<TableId, Entry> left = new HashMap<>(tables);
        left.replaceAll((table, entry) -> touched.includes(table) ? lost : entry);
        touched.named().forEach(table -> left.put(table, lost));
        return new Catalog(server, collations, left);
    }

    /// The state while one statement is applied.
    private final class Draft {

        private final StatementContext context;
        private final ColumnTypes types;
        private final Map<String, Integer> newCollations = new HashMap<>(collations);
        private final Map<TableId, Entry> newTables = new HashMap<>(tables);

        Draft(StatementContext context) {
            this.context = context;
            this.types = new ColumnTypes(server, context);
        }

        Catalog schemas() {
            return new Catalog(server, newCollations, newTables);
        }

        /// If a change cannot be computed, its table is lost, and other tables are not affected.
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
                    case DropTable(TableId table) -> drop(server.stored(table));
                    case CreateView created -> create(created);
                    case DropView(TableId view) ->
                            newTables.remove(server.stored(view), new Entry.View());
                    case IfExists(TableId table, SchemaChange inner) -> {
                        if (newTables.containsKey(server.stored(table))) {
                            apply(inner);
                        }
                    }
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
            String why =
                    statement.why().equals(Entry.Lost.VERSIONED)
                            ? Entry.Lost.VERSIONED
                            : "a statement could not be read: " + statement.why();
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
            if (statement.isOfEverything()) {
                newTables.replaceAll((_, _) -> new Entry.Lost(why));
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
            int collation = types.collation(created.defaults(), defaultCollation(created, id));
            List<Definition> columns = new ArrayList<>();
            for (ColumnSpec spec : created.columns()) {
                columns.add(TableAlteration.define(spec, types, collation));
            }
            List<TableKey> keys = new ArrayList<>();
            created.keys().forEach(key -> TableKey.addTo(keys, key));
            put(new TableDefinition(id, collation, columns, keys).arranged());
        }

        private void create(CreateView created) {
            TableId id = server.stored(created.view());
            if (!created.ifNotExists() || !newTables.containsKey(id)) {
                newTables.put(id, new Entry.View());
            }
        }

        /// Views are dropped by another statement.
        private void drop(TableId table) {
            if (!(newTables.get(table) instanceof Entry.View)) {
                newTables.remove(table);
            }
        }

        /// The default of a new table that names none. For `CREATE TABLE … LIKE` a temporary table
        /// the server writes the new table's columns without its character set, which is that of
        /// the temporary one (`store_create_info`). For `CREATE TABLE … SELECT` it is the
        /// database's.
        private int defaultCollation(CreateTable created, TableId table) {
            boolean mayBeLikeTemporary = context.doubt() == Doubt.TEMPORARY && !created.filled();
            return mayBeLikeTemporary ? 0 : schemaCollation(table);
        }

        /// 0 if the database's collation is unknown: only a name that needs it then fails.
        private int schemaCollation(TableId table) {
            return newCollations.getOrDefault(table.schema(), 0);
        }

        /// `DEFAULT` refers to the session's database, not the table's.
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

        /// An unknown table is one that the source's user cannot see.
        private void rename(TableId from, TableId to) {
            Entry moved = newTables.remove(from);
            newTables.remove(to);
            switch (moved) {
                case null ->
                        lose(
                                to,
                                "it had the name %s before, and its structure is unknown"
                                        .formatted(from));
                case Entry.Known(TableDefinition table) -> put(table.renamed(to));
                case Entry.Lost _, Entry.View _ -> newTables.put(to, moved);
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
                case Entry.View _ -> throw ColumnTypes.unknown(id + " is a view");
            };
        }
    }

    /// How a server treats names.
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
