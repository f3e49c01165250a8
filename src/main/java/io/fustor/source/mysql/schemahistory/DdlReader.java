package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.schema.StatementContext;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schemahistory.SchemaChange.Action;
import io.fustor.source.mysql.schemahistory.SchemaChange.AlterSchema;
import io.fustor.source.mysql.schemahistory.SchemaChange.AlterTable;
import io.fustor.source.mysql.schemahistory.SchemaChange.CreateLike;
import io.fustor.source.mysql.schemahistory.SchemaChange.CreateSchema;
import io.fustor.source.mysql.schemahistory.SchemaChange.CreateTable;
import io.fustor.source.mysql.schemahistory.SchemaChange.CreateView;
import io.fustor.source.mysql.schemahistory.SchemaChange.Defaults;
import io.fustor.source.mysql.schemahistory.SchemaChange.DropSchema;
import io.fustor.source.mysql.schemahistory.SchemaChange.DropTable;
import io.fustor.source.mysql.schemahistory.SchemaChange.DropView;
import io.fustor.source.mysql.schemahistory.SchemaChange.LoseTable;
import io.fustor.source.mysql.schemahistory.SchemaChange.RenameTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Parses one statement: its changes to databases, tables and views.
final class DdlReader {

    private static final Set<String> TABLE = Set.of("TABLE", "TABLES");
    private static final Set<String> SCHEMA = Set.of("DATABASE", "SCHEMA");
    private static final Set<String> HOW = Set.of("ONLINE", "OFFLINE", "IGNORE");
    private static final Set<String> KINDS_OF_KEY =
            Set.of("UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR");
    private static final Set<String> QUERY = Set.of("SELECT", "WITH", "TABLE", "VALUES");
    private static final Set<String> SCHEMA_OPTIONS =
            Set.of(
                    "DEFAULT",
                    "CHARACTER",
                    "CHAR",
                    "CHARSET",
                    "COLLATE",
                    "ENCRYPTION",
                    "READ",
                    "COMMENT");

    private final StatementCursor words;
    private final StatementContext context;
    private final TableElements elements;
    private final TableOptions options;
    private boolean isVersioned;
    private boolean isFilled;

    DdlReader(StatementCursor words, StatementContext context, boolean isMariaDb) {
        this.words = words;
        this.context = context;
        this.elements = new TableElements(words, context, isMariaDb);
        this.options = new TableOptions(words, isMariaDb);
    }

    /// The changes in order; none for a statement about something else.
    ///
    /// @throws UnknownStatementException if it contains unknown syntax
    List<SchemaChange> read() {
        if (words.accept("SET", "STATEMENT")) {
            skipSettings();
        }
        List<SchemaChange> changes =
                switch (words.take().word()) {
                    case "CREATE" -> create();
                    case "ALTER" -> alter();
                    case "DROP" -> drop();
                    case "RENAME" -> rename();
                    default -> throw new UnknownStatementException("its first words are unknown");
                };
        words.expectEnd();
        return changes;
    }

    /// MariaDB's `SET STATEMENT a = 1, b = 2 FOR …`.
    private void skipSettings() {
        while (!words.is("FOR")) {
            if (words.isEnd()) {
                throw words.unexpected();
            }
            words.skipOne();
        }
        words.take();
    }

    private List<SchemaChange> create() {
        boolean isReplaced = words.accept("OR", "REPLACE");
        skipDefiner();
        if (words.accept("VIEW")) {
            return createView();
        }
        words.acceptAny(HOW);
        if (words.acceptAny(SCHEMA)) {
            return createSchema(isReplaced);
        }
        if (words.accept("TEMPORARY")) {
            words.skipAll();
            return List.of();
        }
        if (words.acceptAny(TABLE)) {
            return createTable(isReplaced);
        }
        boolean isUnique = words.is("UNIQUE");
        words.acceptAny(KINDS_OF_KEY);
        if (words.accept("INDEX")) {
            return createIndex(isUnique, isReplaced);
        }
        throw words.unexpected();
    }

    /// The words that may precede `VIEW`.
    private void skipDefiner() {
        if (words.accept("ALGORITHM")) {
            words.expect('=');
            words.name();
        }
        if (words.accept("DEFINER")) {
            words.expect('=');
            words.nameOrText();
            if (words.accept('@')) {
                words.nameOrText();
            } else if (words.isSign('(')) {
                words.skipGroup();
            }
        }
        if (words.accept("SQL", "SECURITY")) {
            words.name();
        }
    }

    private List<SchemaChange> createView() {
        boolean ifNotExists = words.accept("IF", "NOT", "EXISTS");
        TableId view = words.table();
        words.skipAll();
        return List.of(new CreateView(view, ifNotExists));
    }

    private List<SchemaChange> createSchema(boolean isReplaced) {
        boolean ifNotExists = words.accept("IF", "NOT", "EXISTS");
        String name = words.name();
        SchemaChange created = new CreateSchema(name, ifNotExists, schemaOptions());
        return isReplaced ? List.of(new DropSchema(name), created) : List.of(created);
    }

    private Defaults schemaOptions() {
        Defaults defaults = Defaults.NONE;
        while (!words.isEnd() && !words.isSign(';')) {
            defaults = options.schema(defaults);
        }
        return defaults;
    }

    private List<SchemaChange> createTable(boolean isReplaced) {
        boolean ifNotExists = words.accept("IF", "NOT", "EXISTS");
        TableId table = words.table();
        SchemaChange created = createTable(table, ifNotExists);
        return isReplaced ? List.of(new DropTable(table), created) : List.of(created);
    }

    private SchemaChange createTable(TableId table, boolean ifNotExists) {
        boolean isInBrackets = words.isSign('(') && words.peek(1).word().equals("LIKE");
        if (isInBrackets) {
            words.take();
        }
        if (words.accept("LIKE")) {
            CreateLike like = new CreateLike(table, ifNotExists, words.table());
            if (isInBrackets) {
                words.expect(')');
            }
            return like;
        }
        List<ColumnSpec> columns = new ArrayList<>();
        List<TableKey> keys = new ArrayList<>();
        if (words.isSign('(') && !isQuery()) {
            requireCommonTypes();
            elements.read(columns, keys);
        }
        Defaults defaults = Defaults.NONE;
        while (!words.isEnd() && !words.isSign(';')) {
            if (isQuery()) {
                words.skipAll();
                return new LoseTable(table, "its columns come from a SELECT");
            }
            defaults = tableOption(defaults);
        }
        if (columns.isEmpty()) {
            throw new UnknownStatementException("a table without columns");
        }
        if (isVersioned || elements.isVersioned()) {
            return new LoseTable(table, Catalog.Entry.Lost.VERSIONED);
        }
        return new CreateTable(table, ifNotExists, isFilled, columns, keys, defaults);
    }

    /// Two modes of MariaDB and of MySQL before 8.0 give some names other types.
    private void requireCommonTypes() {
        if (context.hasForeignTypes()) {
            throw new UnknownStatementException("sql_mode gives its types another meaning");
        }
    }

    /// Whether a query follows whose rows fill the table.
    private boolean isQuery() {
        int ahead = 0;
        while (words.peek(ahead).isSign('(')) {
            ahead++;
        }
        if (ahead == 0 && (words.is("AS") || words.is("IGNORE") || words.is("REPLACE"))) {
            return true;
        }
        return QUERY.contains(words.peek(ahead).word()) && !words.is("WITH", "SYSTEM");
    }

    private Defaults tableOption(Defaults defaults) {
        words.accept(',');
        if (words.accept("PARTITION", "BY")) {
            while (!words.isEnd() && !words.isSign(';') && !isQuery()) {
                words.skipOne();
            }
            return defaults;
        }
        if (words.accept("START", "TRANSACTION")) {
            isFilled = true;
            return defaults;
        }
        if (words.accept("WITH", "SYSTEM", "VERSIONING")) {
            isVersioned = true;
            return defaults;
        }
        Defaults said = options.table(defaults);
        if (said == null) {
            throw words.unexpected();
        }
        return said;
    }

    private List<SchemaChange> createIndex(boolean isUnique, boolean isReplaced) {
        boolean isConditional = words.accept("IF", "NOT", "EXISTS");
        String name = words.name();
        elements.skipKindOfKey();
        words.expect("ON");
        TableId table = words.table();
        Action add = new Action.AddKey(new TableKey(name, true, elements.parts()));
        words.skipAll();
        List<Action> actions = new ArrayList<>();
        if (isReplaced) {
            actions.add(new Action.DropKey(name));
        }
        if (isUnique) {
            actions.add(isConditional ? new Action.Conditional(add) : add);
        }
        return actions.isEmpty() ? List.of() : List.of(new AlterTable(table, actions));
    }

    private List<SchemaChange> alter() {
        words.acceptAny(HOW);
        if (words.acceptAny(SCHEMA)) {
            return alterSchema();
        }
        words.acceptAny(HOW);
        if (!words.acceptAny(TABLE)) {
            throw words.unexpected();
        }
        boolean isConditional = words.accept("IF", "EXISTS");
        TableId table = words.table();
        skipWait();
        List<Action> actions = new AlterActions(words, elements, options).read();
        if (actions.isEmpty()) {
            return List.of();
        }
        if (actions.stream().anyMatch(AlterActions::namesTypes)) {
            requireCommonTypes();
        }
        AlterTable altered = new AlterTable(table, actions);
        return List.of(isConditional ? new SchemaChange.IfExists(table, altered) : altered);
    }

    private List<SchemaChange> alterSchema() {
        // A database may have an option's name if another option follows.
        boolean isOption = SCHEMA_OPTIONS.contains(words.word());
        SqlToken next = words.peek(1);
        boolean isNamed =
                !isOption || (SCHEMA_OPTIONS.contains(next.word()) && !words.is("DEFAULT"));
        String name = isNamed ? words.name() : context.schema();
        if (words.accept("UPGRADE")) {
            words.skipAll();
            return List.of();
        }
        Defaults defaults = schemaOptions();
        return defaults.isEmpty() ? List.of() : List.of(new AlterSchema(name, defaults));
    }

    /// MariaDB's `WAIT 5` and `NOWAIT`.
    private void skipWait() {
        if (words.accept("WAIT")) {
            words.take();
        } else {
            words.accept("NOWAIT");
        }
    }

    private List<SchemaChange> drop() {
        words.acceptAny(HOW);
        if (words.acceptAny(SCHEMA)) {
            words.accept("IF", "EXISTS");
            return List.of(new DropSchema(words.name()));
        }
        if (words.accept("INDEX")) {
            return dropIndex();
        }
        if (words.accept("TEMPORARY")) {
            words.skipAll();
            return List.of();
        }
        boolean isView = words.accept("VIEW");
        if (!isView && !words.acceptAny(TABLE)) {
            throw words.unexpected();
        }
        words.accept("IF", "EXISTS");
        List<SchemaChange> dropped = new ArrayList<>();
        do {
            TableId table = words.table();
            dropped.add(isView ? new DropView(table) : new DropTable(table));
        } while (words.accept(','));
        skipWait();
        if (!words.accept("RESTRICT")) {
            words.accept("CASCADE");
        }
        return dropped;
    }

    private List<SchemaChange> dropIndex() {
        boolean isConditional = words.accept("IF", "EXISTS");
        Action drop = new Action.DropKey(words.column());
        words.expect("ON");
        TableId table = words.table();
        words.skipAll();
        return List.of(
                new AlterTable(
                        table, List.of(isConditional ? new Action.Conditional(drop) : drop)));
    }

    private List<SchemaChange> rename() {
        if (!words.acceptAny(TABLE)) {
            throw words.unexpected();
        }
        boolean isConditional = words.accept("IF", "EXISTS");
        List<SchemaChange> renamed = new ArrayList<>();
        do {
            TableId from = words.table();
            skipWait();
            words.expect("TO");
            RenameTable rename = new RenameTable(from, words.table());
            renamed.add(isConditional ? new SchemaChange.IfExists(from, rename) : rename);
        } while (words.accept(','));
        return renamed;
    }
}
