package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.schema.TableId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A statement as a sequence of words. It answers questions that need no grammar: whether the
/// statement is about databases and tables at all, and which of them it names.
final class StatementWords {

    /// The subject that the first words of a statement show.
    enum Subject {
        /// Something other than the columns of tables.
        OTHER,
        /// Databases or tables; the parser determines the details.
        TABLES,
        /// Possibly tables, in unknown syntax.
        UNCLEAR
    }

    /// The objects or first words of `CREATE`, `ALTER` and `DROP` that are not tables.
    private static final Set<String> NO_TABLE =
            Set.of(
                    "AGGREGATE",
                    "ALGORITHM",
                    "DEFINER",
                    "EVENT",
                    "FULLTEXT",
                    "FUNCTION",
                    "INDEX",
                    "INSTANCE",
                    "LIBRARY",
                    "LOGFILE",
                    "PACKAGE",
                    "PREPARE",
                    "PROCEDURE",
                    "RESOURCE",
                    "ROLE",
                    "SERVER",
                    "SPATIAL",
                    "SQL",
                    "TABLESPACE",
                    "TEMPORARY",
                    "TRIGGER",
                    "UNDO",
                    "USER",
                    "VIEW");

    private static final Set<String> BEFORE_TABLE = Set.of("TABLE", "TABLES", "TO", "SEQUENCE");
    private static final Set<String> CONDITION = Set.of("IF", "NOT", "EXISTS");

    private static final Set<String> TABLE = Set.of("TABLE", "TABLES", "DATABASE", "SCHEMA");

    private final List<SqlToken> tokens;

    /// @param tokens the first tokens of the statement, or all if names are needed
    StatementWords(List<SqlToken> tokens) {
        this.tokens = tokens;
    }

    Subject subject() {
        return subject(0);
    }

    private Subject subject(int at) {
        return switch (word(at)) {
            case "CREATE" -> created(at + 1);
            case "ALTER" -> ofObject(object(at + 1));
            case "DROP" -> dropped(object(at + 1));
            case "RENAME" -> word(at + 1).equals("USER") ? Subject.OTHER : Subject.TABLES;
            // MariaDB's syntax for settings around a statement.
            case "SET" -> word(at + 1).equals("STATEMENT") ? ofSettings(at) : Subject.OTHER;
            case "EXECUTE" -> Subject.UNCLEAR;
            case "BEGIN" -> word(at + 1).equals("NOT") ? Subject.UNCLEAR : Subject.OTHER;
            case "IMPORT" -> Subject.UNCLEAR;
            default -> Subject.OTHER;
        };
    }

    private Subject ofSettings(int at) {
        for (int i = at + 2; i < tokens.size(); i++) {
            if (word(i).equals("FOR")) {
                return subject(i + 1);
            }
        }
        return Subject.UNCLEAR;
    }

    private Subject created(int from) {
        boolean isReplaced = word(from).equals("OR");
        String object = object(beyondDefiner(isReplaced ? from + 2 : from));
        boolean isKey = object.equals("UNIQUE") || (isReplaced && object.equals("INDEX"));
        return isKey || object.equals("VIEW") ? Subject.TABLES : ofObject(object);
    }

    private static Subject dropped(String object) {
        boolean isKeyOrView = object.equals("INDEX") || object.equals("VIEW");
        return isKeyOrView ? Subject.TABLES : ofObject(object);
    }

    /// Skips the options before the word `VIEW`, such as the algorithm and the definer.
    private int beyondDefiner(int from) {
        int at = from;
        if (word(at).equals("ALGORITHM")) {
            at += 3;
        }
        if (word(at).equals("DEFINER")) {
            at += 3;
            boolean isAccount = at < tokens.size() && tokens.get(at).isSign('@');
            boolean isFunction = at < tokens.size() && tokens.get(at).isSign('(');
            at += isAccount || isFunction ? 2 : 0;
        }
        return word(at).equals("SQL") && word(at + 1).equals("SECURITY") ? at + 3 : at;
    }

    /// The word at an index, or the next word if it is only a modifier.
    private String object(int at) {
        return switch (word(at)) {
            case "ONLINE", "OFFLINE", "IGNORE" -> object(at + 1);
            default -> word(at);
        };
    }

    private static Subject ofObject(String object) {
        if (TABLE.contains(object)) {
            return Subject.TABLES;
        }
        return NO_TABLE.contains(object) ? Subject.OTHER : Subject.UNCLEAR;
    }

    private String word(int at) {
        return at < tokens.size() ? tokens.get(at).word() : "";
    }

    boolean isCreateTable() {
        int at = word(1).equals("OR") ? 3 : 1;
        return word(0).equals("CREATE") && word(at).equals("TABLE");
    }

    /// The table that `CREATE TABLE` creates.
    Set<TableId> firstMade(String schema) {
        for (int i = 0; i < tokens.size() - 1; i++) {
            int at = i + 1;
            while (CONDITION.contains(word(at))) {
                at++;
            }
            if (word(i).equals("TABLE") && at < tokens.size() && isName(at)) {
                return Set.of(table(at, schema));
            }
        }
        return Set.of();
    }

    /// Every name in the statement, taken as a table's name: `a.b` is the table b of a, and each
    /// name alone is a table of the session's database.
    Set<TableId> tables(String schema) {
        Set<TableId> tables = new HashSet<>();
        for (int i = 0; i < tokens.size(); i++) {
            if (isName(i)) {
                tables.add(table(i, schema));
            }
        }
        return tables;
    }

    /// The names after the words that a table's name follows.
    Set<TableId> madeTables(String schema) {
        Set<TableId> tables = new HashSet<>();
        for (int i = 0; i < tokens.size() - 1; i++) {
            if (!BEFORE_TABLE.contains(word(i))) {
                continue;
            }
            int at = i + 1;
            while (CONDITION.contains(word(at))) {
                at++;
            }
            if (at < tokens.size() && isName(at)) {
                tables.add(table(at, schema));
            }
        }
        return tables;
    }

    private TableId table(int at, String schema) {
        boolean isQualified =
                at + 2 < tokens.size() && tokens.get(at + 1).isSign('.') && isName(at + 2);
        return isQualified ? new TableId(name(at), name(at + 2)) : new TableId(schema, name(at));
    }

    /// Every name in a statement about databases.
    Set<String> schemas() {
        Set<String> names = new HashSet<>();
        boolean isAboutSchemas = false;
        for (int i = 0; i < tokens.size(); i++) {
            isAboutSchemas |= word(i).equals("DATABASE") || word(i).equals("SCHEMA");
            if (isName(i)) {
                names.add(name(i));
            }
        }
        return isAboutSchemas ? names : Set.of();
    }

    private String name(int at) {
        return tokens.get(at).text();
    }

    private boolean isName(int at) {
        return tokens.get(at).isName();
    }
}
