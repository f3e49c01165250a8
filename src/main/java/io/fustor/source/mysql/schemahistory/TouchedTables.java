package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.StatementContext;
import io.fustor.source.mysql.schema.TableId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The tables that the statements in a part of a binlog touch, and the last place of each. For one
/// thread; after it is passed to a [SchemaHistory], for that one.
public final class TouchedTables {

    private final Catalog.ServerNames server;
    private final DdlParser parser;
    private final Map<TableId, SchemaPlace> tables = new HashMap<>();

    /// Databases of which all tables are touched.
    private final Map<String, SchemaPlace> schemas = new HashMap<>();

    private @Nullable SchemaPlace everything;

    private boolean isEmpty = true;

    /// @param schemas a catalog with the server's databases
    public TouchedTables(Catalog schemas) {
        this.server = schemas.server();
        this.parser = new DdlParser(server.version(), server.isMariaDb());
    }

    /// Adds the next statement.
    ///
    /// @param start of its transaction
    public void take(Place start, byte[] sql, StatementContext context) {
        DdlStatement statement = parser.parse(sql, context);
        SchemaPlace place = SchemaPlace.of(start);
        switch (statement) {
            case DdlStatement.None _ -> {
                return;
            }
            case DdlStatement.Changes changes ->
                    changes.changes().forEach(change -> take(change, place));
            case DdlStatement.Unknown unknown -> {
                unknown.tables().forEach(table -> touch(table, place));
                unknown.made().forEach(table -> touch(table, place));
                unknown.schemas().forEach(schema -> schemas.put(server.stored(schema), place));
                everything = unknown.isOfEverything() ? place : everything;
            }
        }
        isEmpty = false;
    }

    private void take(SchemaChange change, SchemaPlace place) {
        if (change instanceof SchemaChange.DropSchema(String schema)) {
            schemas.put(server.stored(schema), place);
        }
        changed(change).forEach(table -> touch(table, place));
    }

    private void touch(TableId table, SchemaPlace place) {
        tables.put(server.stored(table), place);
    }

    /// The tables of a change, by their names before and after it.
    static Set<TableId> changed(SchemaChange change) {
        return switch (change) {
            case SchemaChange.CreateTable created -> Set.of(created.table());
            case SchemaChange.CreateLike created -> Set.of(created.table());
            case SchemaChange.AlterTable altered -> changed(altered);
            case SchemaChange.CreateSchema _,
                    SchemaChange.AlterSchema _,
                    SchemaChange.DropSchema _ ->
                    Set.of();
            case SchemaChange.RenameTable(TableId from, TableId to) -> {
                Set<TableId> both = new HashSet<>();
                both.add(from);
                both.add(to);
                yield both;
            }
            case SchemaChange.DropTable(TableId table) -> Set.of(table);
            case SchemaChange.CreateView(TableId view, boolean _) -> Set.of(view);
            case SchemaChange.DropView(TableId view) -> Set.of(view);
            case SchemaChange.IfExists(TableId _, SchemaChange inner) -> changed(inner);
            case SchemaChange.LoseTable(TableId table, String _) -> Set.of(table);
        };
    }

    /// The databases of a change.
    static Set<String> changedSchemas(SchemaChange change) {
        return switch (change) {
            case SchemaChange.CreateSchema created -> Set.of(created.schema());
            case SchemaChange.AlterSchema altered -> Set.of(altered.schema());
            case SchemaChange.DropSchema(String schema) -> Set.of(schema);
            case SchemaChange.CreateTable _,
                    SchemaChange.CreateLike _,
                    SchemaChange.AlterTable _,
                    SchemaChange.RenameTable _,
                    SchemaChange.DropTable _,
                    SchemaChange.CreateView _,
                    SchemaChange.DropView _,
                    SchemaChange.IfExists _,
                    SchemaChange.LoseTable _ ->
                    Set.of();
        };
    }

    private static Set<TableId> changed(SchemaChange.AlterTable altered) {
        Set<TableId> all = new HashSet<>();
        all.add(altered.table());
        for (SchemaChange.Action action : altered.actions()) {
            if (action instanceof SchemaChange.Action.RenameTo(TableId to)) {
                all.add(to);
            }
        }
        return all;
    }

    /// Whether no statement was about databases or tables.
    public boolean isEmpty() {
        return isEmpty;
    }

    /// Whether any statement touches a table.
    boolean includes(TableId table) {
        return everything != null
                || tables.containsKey(table)
                || schemas.containsKey(table.schema());
    }

    /// Every table that a statement names.
    Set<TableId> named() {
        return tables.keySet();
    }

    /// Adds the tables of later statements.
    void add(TouchedTables later) {
        tables.putAll(later.tables);
        schemas.putAll(later.schemas);
        everything = later.everything == null ? everything : later.everything;
    }

    /// Whether a later transaction than the one at a place touches a table.
    public boolean isTouchedAfter(TableId table, Place start) {
        return isTouchedAfter(server.stored(table), SchemaPlace.of(start));
    }

    /// Whether a statement after a place touches a table.
    boolean isTouchedAfter(TableId table, SchemaPlace place) {
        return isAfter(tables.get(table), place)
                || isAfter(schemas.get(table.schema()), place)
                || isAfter(everything, place);
    }

    private static boolean isAfter(@Nullable SchemaPlace last, SchemaPlace place) {
        return last != null && last.compareTo(place) > 0;
    }
}
