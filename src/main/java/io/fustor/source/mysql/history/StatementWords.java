package io.fustor.source.mysql.history;

import io.debezium.ddl.parser.mysql.generated.MySqlParser;
import io.fustor.source.mysql.schema.TableId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.antlr.v4.runtime.Token;

/// A statement as a row of words, for what can be told without knowing its grammar: whether it is
/// about databases and tables at all, and which of them it names.
final class StatementWords {

    /// What the first words of a statement say.
    enum Subject {
        /// Something else than the columns of tables.
        OTHER,
        /// Databases or tables: the parser has to say what.
        TABLES,
        /// Perhaps tables, in words that no grammar here has.
        UNCLEAR
    }

    /// What `CREATE`, `ALTER` and `DROP` are about, or begin with, where it is no table.
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

    private final List<? extends Token> tokens;

    /// @param tokens those of the statement without space and comments; more than the first few
    ///   only where names are asked for
    StatementWords(List<? extends Token> tokens) {
        this.tokens = tokens;
    }

    Subject subject() {
        return switch (word(0)) {
            case "CREATE" -> created();
            case "ALTER" -> ofObject(object(1));
            case "DROP" -> object(1).equals("INDEX") ? Subject.TABLES : ofObject(object(1));
            case "RENAME" -> word(1).equals("USER") ? Subject.OTHER : Subject.TABLES;
            // MariaDB's way to put settings around a statement.
            case "SET" -> word(1).equals("STATEMENT") ? Subject.UNCLEAR : Subject.OTHER;
            case "EXECUTE" -> Subject.UNCLEAR;
            case "BEGIN" -> word(1).equals("NOT") ? Subject.UNCLEAR : Subject.OTHER;
            case "IMPORT" -> Subject.UNCLEAR;
            default -> Subject.OTHER;
        };
    }

    private Subject created() {
        boolean isReplaced = word(1).equals("OR");
        String object = object(isReplaced ? 3 : 1);
        if (!isReplaced && object.equals("UNIQUE")) {
            return Subject.TABLES;
        }
        return isReplaced && TABLE.contains(object) ? Subject.UNCLEAR : ofObject(object);
    }

    /// The word at a place, or the next one where it only says how the work is done.
    private String object(int at) {
        return switch (word(at)) {
            case "ONLINE", "OFFLINE", "IGNORE" -> word(at + 1);
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
        return at < tokens.size() ? tokens.get(at).getText().toUpperCase(Locale.ROOT) : "";
    }

    /// Every name in the statement, taken for a table's: `a.b` for the table b of a, and each name
    /// alone for a table of the session's database.
    Set<TableId> tables(String schema) {
        Set<TableId> tables = new HashSet<>();
        for (int i = 0; i < tokens.size(); i++) {
            if (isName(i)) {
                tables.add(table(i, schema));
            }
        }
        return tables;
    }

    /// The names behind the words that a table's name follows.
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
                at + 2 < tokens.size()
                        && tokens.get(at + 1).getType() == MySqlParser.DOT_SYMBOL
                        && isName(at + 2);
        return isQualified ? new TableId(name(at), name(at + 2)) : new TableId(schema, name(at));
    }

    /// Every name in a statement that has to do with databases.
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
        return SqlText.unquoted(tokens.get(at).getText());
    }

    private boolean isName(int at) {
        String text = tokens.get(at).getText();
        char first = text.isEmpty() ? ' ' : text.charAt(0);
        return first == '`'
                || first == '"'
                || first == '$'
                || Character.isLetterOrDigit(first)
                || first == '_';
    }

    /// The tokens that count of all that a lexer gave.
    static List<Token> visible(List<? extends Token> all) {
        List<Token> visible = new ArrayList<>();
        for (Token token : all) {
            if (token.getChannel() == Token.DEFAULT_CHANNEL && token.getType() != Token.EOF) {
                visible.add(token);
            }
        }
        return visible;
    }
}
