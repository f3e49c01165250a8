package io.fustor.source.mysql.history;

import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.schema.TableId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which tables the statements of a stretch of a binlog touch, and where they last do. For one
/// thread; once it is handed to a [SchemaHistory], for that.
public final class TouchedTables {

    private final Schemas.ServerNames server;
    private final DdlParser parser;
    private final Map<TableId, SchemaPlace> tables = new HashMap<>();

    /// Whose tables are all touched.
    private final Map<String, SchemaPlace> schemas = new HashMap<>();

    private boolean isEmpty = true;

    /// @param schemas any of the server's
    public TouchedTables(Schemas schemas) {
        this.server = schemas.server();
        this.parser = new DdlParser(server.version(), server.isMariaDb());
    }

    /// Takes the next statement in.
    ///
    /// @param start of its transaction
    public void take(FeedPosition start, byte[] sql, StatementContext context) {
        DdlStatement statement = parser.parse(context.text(sql), context);
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

    /// The tables that a change is about, by the names before and after it.
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
            case SchemaChange.LoseTable(TableId table, String _) -> Set.of(table);
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

    /// Whether no statement had to do with databases or tables.
    public boolean isEmpty() {
        return isEmpty;
    }

    /// Whether any statement touches a table.
    boolean includes(TableId table) {
        return tables.containsKey(table) || schemas.containsKey(table.schema());
    }

    /// Every table that a statement names.
    Set<TableId> named() {
        return tables.keySet();
    }

    /// Adds what later statements touch.
    void add(TouchedTables later) {
        tables.putAll(later.tables);
        schemas.putAll(later.schemas);
    }

    /// Whether a statement behind a place touches a table.
    boolean isTouchedBehind(TableId table, SchemaPlace place) {
        return isBehind(tables.get(table), place) || isBehind(schemas.get(table.schema()), place);
    }

    private static boolean isBehind(@Nullable SchemaPlace last, SchemaPlace place) {
        return last != null && last.compareTo(place) > 0;
    }
}
