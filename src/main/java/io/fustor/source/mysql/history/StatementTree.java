package io.fustor.source.mysql.history;

import io.debezium.ddl.parser.mysql.generated.MySqlParser.AlterDatabaseContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.AlterDatabaseOptionContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.AlterListContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.AlterListItemContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.AlterTableContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.CreateDatabaseContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.CreateDatabaseOptionContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.CreateIndexContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.CreateTableContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.CreateTableOptionContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.CreateTableOptionsEtcContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.CreateTableOptionsSpaceSeparatedContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.DropIndexContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.DropStatementContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.DropTableContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.IndexRefContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.RenamePairContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.SimpleStatementContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.TableRefContext;
import io.fustor.source.mysql.history.SchemaChange.Action;
import io.fustor.source.mysql.history.SchemaChange.AlterSchema;
import io.fustor.source.mysql.history.SchemaChange.AlterTable;
import io.fustor.source.mysql.history.SchemaChange.CreateLike;
import io.fustor.source.mysql.history.SchemaChange.CreateSchema;
import io.fustor.source.mysql.history.SchemaChange.CreateTable;
import io.fustor.source.mysql.history.SchemaChange.Defaults;
import io.fustor.source.mysql.history.SchemaChange.DropSchema;
import io.fustor.source.mysql.history.SchemaChange.DropTable;
import io.fustor.source.mysql.history.SchemaChange.LoseTable;
import io.fustor.source.mysql.history.SchemaChange.RenameTable;
import io.fustor.source.mysql.schema.TableId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Turns a statement's tree into what it changes.
final class StatementTree {

    private final SqlText names;
    private final TableElements elements;
    private final AlterActions actions;

    StatementTree(StatementContext context) {
        this.names = new SqlText(context);
        this.elements = new TableElements(names, context);
        this.actions = new AlterActions(names, elements);
    }

    /// The changes in their order; none for a statement about something else.
    ///
    /// @throws UnknownStatementException where something in it is not known here
    List<SchemaChange> changes(SimpleStatementContext statement) {
        if (statement.createStatement() != null) {
            if (statement.createStatement().createIndex() != null) {
                return created(statement.createStatement().createIndex());
            }
            return created(
                    statement.createStatement().createTable(),
                    statement.createStatement().createDatabase());
        }
        if (statement.alterStatement() != null) {
            return altered(
                    statement.alterStatement().alterTable(),
                    statement.alterStatement().alterDatabase());
        }
        if (statement.dropStatement() != null) {
            return dropped(statement.dropStatement());
        }
        if (statement.renameTableStatement() != null) {
            List<SchemaChange> renamed = new ArrayList<>();
            for (RenamePairContext pair : statement.renameTableStatement().renamePair()) {
                renamed.add(
                        new RenameTable(
                                names.table(pair.tableRef()), names.table(pair.tableName())));
            }
            return renamed;
        }
        return List.of();
    }

    private List<SchemaChange> created(
            @Nullable CreateTableContext table, @Nullable CreateDatabaseContext schema) {
        if (schema != null) {
            Defaults defaults = Defaults.NONE;
            for (CreateDatabaseOptionContext option : schema.createDatabaseOption()) {
                defaults =
                        elements.with(defaults, option.defaultCharset(), option.defaultCollation());
            }
            String name = names.name(schema.schemaName().identifier());
            return List.of(new CreateSchema(name, schema.ifNotExists() != null, defaults));
        }
        return table == null || table.TEMPORARY_SYMBOL() != null ? List.of() : created(table);
    }

    private List<SchemaChange> created(CreateTableContext tree) {
        TableId table = names.table(tree.tableName());
        boolean ifNotExists = tree.ifNotExists() != null;
        if (tree.LIKE_SYMBOL() != null) {
            return List.of(new CreateLike(table, ifNotExists, names.table(tree.tableRef())));
        }
        Defaults defaults = Defaults.NONE;
        CreateTableOptionsEtcContext options = tree.createTableOptionsEtc();
        if (options != null) {
            if (hasSelect(options)) {
                return List.of(new LoseTable(table, "its columns come from a SELECT"));
            }
            if (options.createTableOptions() != null) {
                for (CreateTableOptionContext option :
                        options.createTableOptions().createTableOption()) {
                    defaults = elements.with(defaults, option);
                }
            }
        }
        if (tree.tableElementList() == null) {
            throw new UnknownStatementException("a table without columns");
        }
        List<ColumnSpec> columns = new ArrayList<>();
        List<TableKey> keys = new ArrayList<>();
        elements.read(tree.tableElementList(), columns, keys);
        return List.of(new CreateTable(table, ifNotExists, columns, keys, defaults));
    }

    private List<SchemaChange> created(CreateIndexContext tree) {
        if (tree.UNIQUE_SYMBOL() == null) {
            return List.of();
        }
        String name = names.name(tree.indexName().identifier());
        TableKey key =
                new TableKey(
                        name,
                        true,
                        elements.parts(tree.createIndexTarget().keyListWithExpression()));
        return List.of(
                new AlterTable(
                        names.table(tree.createIndexTarget().tableRef()),
                        List.of(new Action.AddKey(key))));
    }

    private static boolean hasSelect(CreateTableOptionsEtcContext options) {
        return options.createPartitioningEtc() != null
                && options.createPartitioningEtc().duplicateAsQe() != null;
    }

    private List<SchemaChange> altered(
            @Nullable AlterTableContext table, @Nullable AlterDatabaseContext schema) {
        if (schema != null) {
            Defaults defaults = Defaults.NONE;
            for (AlterDatabaseOptionContext option : schema.alterDatabaseOption()) {
                if (option.createDatabaseOption() != null) {
                    defaults =
                            elements.with(
                                    defaults,
                                    option.createDatabaseOption().defaultCharset(),
                                    option.createDatabaseOption().defaultCollation());
                }
            }
            return defaults.isEmpty()
                    ? List.of()
                    : List.of(
                            new AlterSchema(names.name(schema.schemaRef().identifier()), defaults));
        }
        if (table == null
                || table.alterTableActions() == null
                || table.alterTableActions().alterCommandList() == null
                || table.alterTableActions().alterCommandList().alterList() == null) {
            return List.of();
        }
        return altered(
                names.table(table.tableRef()),
                table.alterTableActions().alterCommandList().alterList());
    }

    private List<SchemaChange> altered(TableId table, AlterListContext tree) {
        List<Action> result = new ArrayList<>();
        Defaults defaults = Defaults.NONE;
        for (CreateTableOptionsSpaceSeparatedContext options :
                tree.createTableOptionsSpaceSeparated()) {
            for (CreateTableOptionContext option : options.createTableOption()) {
                defaults = elements.with(defaults, option);
            }
        }
        if (!defaults.isEmpty()) {
            result.add(new Action.SetDefaults(defaults));
        }
        for (AlterListItemContext item : tree.alterListItem()) {
            actions.read(item, result);
        }
        return result.isEmpty() ? List.of() : List.of(new AlterTable(table, result));
    }

    private List<SchemaChange> dropped(DropStatementContext tree) {
        if (tree.dropDatabase() != null) {
            return List.of(
                    new DropSchema(names.name(tree.dropDatabase().schemaRef().identifier())));
        }
        if (tree.dropIndex() != null) {
            return dropped(tree.dropIndex());
        }
        DropTableContext tables = tree.dropTable();
        if (tables == null || tables.TEMPORARY_SYMBOL() != null) {
            return List.of();
        }
        List<SchemaChange> dropped = new ArrayList<>();
        for (TableRefContext table : tables.tableRefList().tableRef()) {
            dropped.add(new DropTable(names.table(table)));
        }
        return dropped;
    }

    private List<SchemaChange> dropped(DropIndexContext tree) {
        Action drop = new Action.DropKey(key(names, tree.indexRef()));
        return List.of(new AlterTable(names.table(tree.tableRef()), List.of(drop)));
    }

    static String key(SqlText names, IndexRefContext tree) {
        if (tree.fieldIdentifier().qualifiedIdentifier() == null) {
            return names.name(tree.fieldIdentifier().dotIdentifier().identifier());
        }
        return names.name(tree.fieldIdentifier().qualifiedIdentifier().identifier());
    }
}
