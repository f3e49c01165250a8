package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.schemahistory.ColumnSpec.Place;
import io.fustor.source.mysql.schemahistory.SchemaChange.Action;
import io.fustor.source.mysql.schemahistory.SchemaChange.Defaults;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Parses the actions of `ALTER TABLE`. Leaves out actions that change neither columns nor keys.
final class AlterActions {

    private static final Place UNCHANGED = new Place.Unchanged();

    /// Actions on partitions, locks and files, which change no column.
    private static final Set<String> OTHER =
            Set.of(
                    "ALGORITHM",
                    "ANALYZE",
                    "CHECK",
                    "COALESCE",
                    "DISABLE",
                    "DISCARD",
                    "ENABLE",
                    "EXCHANGE",
                    "FORCE",
                    "IMPORT",
                    "LOCK",
                    "OPTIMIZE",
                    "PARTITION",
                    "REBUILD",
                    "REMOVE",
                    "REORGANIZE",
                    "REPAIR",
                    "SECONDARY_LOAD",
                    "SECONDARY_UNLOAD",
                    "TRUNCATE",
                    "UPGRADE",
                    "WITH",
                    "WITHOUT");

    private static final Set<String> KEY = Set.of("KEY", "INDEX");
    private static final Set<String> TO = Set.of("TO", "AS");

    private final StatementCursor words;
    private final TableElements elements;
    private final TableOptions options;
    private final List<Action> actions = new ArrayList<>();
    private Defaults defaults = Defaults.NONE;

    AlterActions(StatementCursor words, TableElements elements, TableOptions options) {
        this.words = words;
        this.elements = elements;
        this.options = options;
    }

    /// Reads to the end of the statement.
    List<Action> read() {
        while (!words.isEnd() && !words.isSign(';')) {
            readItem();
            words.accept(',');
        }
        words.expectEnd();
        if (!defaults.isEmpty()) {
            actions.addFirst(new Action.SetDefaults(defaults));
        }
        return actions;
    }

    /// Whether an action contains a column type.
    static boolean namesTypes(Action action) {
        return switch (action) {
            case Action.AddColumn _, Action.ChangeColumn _ -> true;
            case Action.Conditional(Action inner) -> namesTypes(inner);
            case Action.DropColumn _,
                    Action.RenameColumn _,
                    Action.HideColumn _,
                    Action.AddKey _,
                    Action.DropKey _,
                    Action.RenameKey _,
                    Action.SetDefaults _,
                    Action.Convert _,
                    Action.RenameTo _ ->
                    false;
        };
    }

    private void readItem() {
        switch (words.word()) {
            case "ADD" -> add();
            case "CHANGE", "MODIFY" -> change();
            case "DROP" -> drop();
            case "RENAME" -> rename();
            case "ALTER" -> alter();
            case "CONVERT" -> convert();
            case "ORDER" -> order();
            default -> other();
        }
    }

    private void other() {
        Defaults said = options.table(defaults);
        if (said != null) {
            defaults = said;
            return;
        }
        if (words.is("WITH", "SYSTEM")) {
            throw versioned();
        }
        boolean isPartitioned = words.is("PARTITION", "BY") || words.is("REORGANIZE");
        if (!words.acceptAny(OTHER)) {
            throw words.unexpected();
        }
        if (isPartitioned) {
            words.skipAll();
            return;
        }
        while (!words.isEnd() && !words.isSign(',') && !words.isSign(';')) {
            words.skipOne();
        }
        skipPartitionNames();
    }

    /// `DROP PARTITION a, b`: after a comma comes another name, unless an action begins there.
    private void skipPartitionNames() {
        while (words.isSign(',') && words.peek(1).isName() && isListed(2)) {
            words.take();
            words.take();
        }
    }

    /// Whether a list of names continues or ends after this number of tokens.
    private boolean isListed(int ahead) {
        SqlToken next = words.peek(ahead);
        return next.kind() == SqlToken.Kind.END || next.isSign(',') || next.isSign(';');
    }

    private void order() {
        words.expect("ORDER", "BY");
        orderColumn();
        while (words.isSign(',') && isOrderColumn()) {
            words.take();
            orderColumn();
        }
    }

    private boolean isOrderColumn() {
        int ahead = 2;
        while (words.peek(ahead).isSign('.')) {
            ahead += 2;
        }
        String order = words.peek(ahead).word();
        boolean isOrdered = order.equals("ASC") || order.equals("DESC");
        return words.peek(1).isName()
                && !words.peek(1).word().equals("FORCE")
                && isListed(isOrdered ? ahead + 1 : ahead);
    }

    private void orderColumn() {
        words.column();
        if (!words.accept("ASC")) {
            words.accept("DESC");
        }
    }

    private void alter() {
        words.take();
        if (words.is("INDEX") || words.is("KEY") || words.is("CHECK") || words.is("CONSTRAINT")) {
            words.skipItem();
            return;
        }
        words.accept("COLUMN");
        boolean isConditional = words.accept("IF", "EXISTS");
        String column = words.column();
        boolean isInvisible = words.is("SET", "INVISIBLE");
        if (isInvisible || words.is("SET", "VISIBLE")) {
            add(new Action.HideColumn(column, isInvisible), isConditional);
        } else if (!words.is("SET", "DEFAULT") && !words.is("DROP", "DEFAULT")) {
            throw words.unexpected();
        }
        words.skipItem();
    }

    private void add(Action action, boolean isConditional) {
        actions.add(isConditional ? new Action.Conditional(action) : action);
    }

    private void add() {
        words.take();
        if (words.accept("PARTITION")) {
            words.skipItem();
            return;
        }
        if (words.is("SYSTEM", "VERSIONING")) {
            throw new UnknownStatementException(Catalog.Entry.Lost.VERSIONED);
        }
        if (words.is("PERIOD", "FOR")) {
            throw versioned();
        }
        if (elements.isKey()) {
            addKey();
            return;
        }
        words.accept("COLUMN");
        boolean isConditional = words.accept("IF", "NOT", "EXISTS");
        if (words.isSign('(')) {
            addColumns(isConditional);
            return;
        }
        ColumnSpec column = elements.column(words.column());
        add(new Action.AddColumn(column, place()), isConditional);
        addOwnKey(column, isConditional);
    }

    private static UnknownStatementException versioned() {
        return new UnknownStatementException("it changes a period, or ends system versioning");
    }

    private void addKey() {
        List<TableKey> keys = new ArrayList<>();
        boolean isConditional = elements.readKey(keys);
        keys.forEach(key -> add(new Action.AddKey(key), isConditional));
    }

    private void addColumns(boolean isConditional) {
        List<ColumnSpec> columns = new ArrayList<>();
        List<TableKey> keys = new ArrayList<>();
        elements.read(columns, keys);
        if (isConditional && !keys.isEmpty()) {
            throw new UnknownStatementException("it is unknown whether a key exists");
        }
        columns.forEach(column -> add(new Action.AddColumn(column, UNCHANGED), isConditional));
        keys.forEach(key -> actions.add(new Action.AddKey(key)));
    }

    private void addOwnKey(ColumnSpec column, boolean isConditional) {
        List<TableKey> keys = new ArrayList<>();
        column.addKeys(keys);
        if (isConditional && !keys.isEmpty()) {
            throw new UnknownStatementException("it is unknown whether a key exists");
        }
        keys.forEach(key -> actions.add(new Action.AddKey(key)));
    }

    private void change() {
        boolean isRenamed = words.take().word().equals("CHANGE");
        words.accept("COLUMN");
        boolean isConditional = words.accept("IF", "EXISTS");
        String old = words.column();
        ColumnSpec column = elements.column(isRenamed ? words.column() : old);
        add(new Action.ChangeColumn(old, column, place()), isConditional);
        addOwnKey(column, isConditional);
    }

    private Place place() {
        if (words.accept("FIRST")) {
            return new Place.First();
        }
        return words.accept("AFTER") ? new Place.After(words.column()) : UNCHANGED;
    }

    private void drop() {
        words.take();
        if (words.accept("PRIMARY", "KEY")) {
            actions.add(new Action.DropKey(TableKey.PRIMARY));
        } else if (words.is("FOREIGN") || words.is("CHECK")) {
            words.skipItem();
        } else if (words.accept("PARTITION")) {
            words.accept("IF", "EXISTS");
            words.name();
            skipPartitionNames();
        } else if (words.is("SYSTEM", "VERSIONING") || words.is("PERIOD", "FOR")) {
            throw versioned();
        } else if (words.acceptAny(KEY) || words.accept("CONSTRAINT")) {
            boolean isConditional = words.accept("IF", "EXISTS");
            add(new Action.DropKey(words.column()), isConditional);
        } else {
            words.accept("COLUMN");
            boolean isConditional = words.accept("IF", "EXISTS");
            add(new Action.DropColumn(words.column()), isConditional);
            words.skipItem();
        }
    }

    private void rename() {
        words.take();
        if (words.accept("COLUMN")) {
            boolean isConditional = words.accept("IF", "EXISTS");
            String from = words.column();
            words.expect("TO");
            add(new Action.RenameColumn(from, words.column()), isConditional);
        } else if (words.acceptAny(KEY)) {
            boolean isConditional = words.accept("IF", "EXISTS");
            String from = words.column();
            words.expect("TO");
            add(new Action.RenameKey(from, words.column()), isConditional);
        } else {
            if (!words.acceptAny(TO)) {
                words.accept('=');
            }
            actions.add(new Action.RenameTo(words.table()));
        }
    }

    private void convert() {
        words.take();
        if (!words.accept("TO")) {
            throw words.unexpected();
        }
        if (!DataTypes.acceptCharacterSet(words)) {
            throw words.unexpected();
        }
        words.accept('=');
        String set = words.accept("DEFAULT") ? null : words.nameOrText();
        String collation = null;
        if (words.accept("COLLATE")) {
            words.accept('=');
            collation = words.nameOrText();
        }
        actions.add(new Action.Convert(new Defaults(set, collation)));
    }
}
