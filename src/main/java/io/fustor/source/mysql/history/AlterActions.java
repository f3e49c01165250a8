package io.fustor.source.mysql.history;

import io.debezium.ddl.parser.mysql.generated.MySqlParser.AlterListItemContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.PlaceContext;
import io.fustor.source.mysql.history.ColumnSpec.Place;
import io.fustor.source.mysql.history.SchemaChange.Action;
import io.fustor.source.mysql.history.SchemaChange.Defaults;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the actions of `ALTER TABLE`. What changes neither columns nor keys is left out.
final class AlterActions {

    private static final Place UNCHANGED = new Place.Unchanged();

    private final SqlText names;
    private final TableElements elements;

    AlterActions(SqlText names, TableElements elements) {
        this.names = names;
        this.elements = elements;
    }

    void read(AlterListItemContext tree, List<Action> actions) {
        // ALTER COLUMN may drop too, a default.
        if (tree.ALTER_SYMBOL() != null) {
            alter(tree, actions);
        } else if (tree.ADD_SYMBOL() != null) {
            add(tree, actions);
        } else if (tree.CHANGE_SYMBOL() != null || tree.MODIFY_SYMBOL() != null) {
            change(tree, actions);
        } else if (tree.DROP_SYMBOL() != null) {
            drop(tree, actions);
        } else if (tree.RENAME_SYMBOL() != null) {
            rename(tree, actions);
        } else if (tree.CONVERT_SYMBOL() != null) {
            actions.add(new Action.Convert(converted(tree)));
        }
    }

    private void alter(AlterListItemContext tree, List<Action> actions) {
        if (tree.columnInternalRef() != null && tree.visibility() != null) {
            actions.add(
                    new Action.HideColumn(
                            names.name(tree.columnInternalRef().identifier()),
                            tree.visibility().INVISIBLE_SYMBOL() != null));
        }
    }

    private void add(AlterListItemContext tree, List<Action> actions) {
        if (tree.tableConstraintDef() != null) {
            List<TableKey> keys = new ArrayList<>();
            elements.readKey(tree.tableConstraintDef(), keys);
            keys.forEach(key -> actions.add(new Action.AddKey(key)));
            return;
        }
        if (tree.tableElementList() != null) {
            List<ColumnSpec> columns = new ArrayList<>();
            List<TableKey> keys = new ArrayList<>();
            elements.read(tree.tableElementList(), columns, keys);
            for (ColumnSpec column : columns) {
                actions.add(new Action.AddColumn(column, UNCHANGED));
            }
            keys.forEach(key -> actions.add(new Action.AddKey(key)));
            return;
        }
        ColumnSpec column = elements.column(names.name(tree.identifier()), tree.fieldDefinition());
        actions.add(new Action.AddColumn(column, place(tree.place())));
        addOwnKey(column, actions);
    }

    private static void addOwnKey(ColumnSpec column, List<Action> actions) {
        List<TableKey> keys = new ArrayList<>();
        column.addKeys(keys);
        keys.forEach(key -> actions.add(new Action.AddKey(key)));
    }

    private void change(AlterListItemContext tree, List<Action> actions) {
        String old = names.name(tree.columnInternalRef().identifier());
        String name = tree.CHANGE_SYMBOL() == null ? old : names.name(tree.identifier());
        ColumnSpec column = elements.column(name, tree.fieldDefinition());
        actions.add(new Action.ChangeColumn(old, column, place(tree.place())));
        addOwnKey(column, actions);
    }

    private Place place(@Nullable PlaceContext tree) {
        if (tree == null) {
            return UNCHANGED;
        }
        return tree.FIRST_SYMBOL() == null
                ? new Place.After(names.name(tree.identifier()))
                : new Place.First();
    }

    private void drop(AlterListItemContext tree, List<Action> actions) {
        if (tree.PRIMARY_SYMBOL() != null) {
            actions.add(new Action.DropKey(TableKey.PRIMARY));
        } else if (tree.indexRef() != null) {
            actions.add(new Action.DropKey(StatementTree.key(names, tree.indexRef())));
        } else if (tree.CONSTRAINT_SYMBOL() != null) {
            actions.add(new Action.DropKey(names.name(tree.identifier())));
        } else if (tree.columnInternalRef() != null && tree.FOREIGN_SYMBOL() == null) {
            actions.add(new Action.DropColumn(names.name(tree.columnInternalRef().identifier())));
        }
    }

    private void rename(AlterListItemContext tree, List<Action> actions) {
        if (tree.COLUMN_SYMBOL() != null) {
            actions.add(
                    new Action.RenameColumn(
                            names.name(tree.columnInternalRef().identifier()),
                            names.name(tree.identifier())));
        } else if (tree.indexRef() != null) {
            actions.add(
                    new Action.RenameKey(
                            StatementTree.key(names, tree.indexRef()),
                            names.name(tree.indexName().identifier())));
        } else if (tree.tableName() != null) {
            actions.add(new Action.RenameTo(names.table(tree.tableName())));
        }
    }

    private Defaults converted(AlterListItemContext tree) {
        String set = tree.charsetName() == null ? null : elements.characterSet(tree.charsetName());
        String collation = tree.collate() == null ? null : elements.collation(tree.collate());
        return new Defaults(set, collation);
    }
}
