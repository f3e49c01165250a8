package io.fustor.source.mysql.history;

import io.debezium.antlr.mysql.SqlMode;
import io.debezium.ddl.parser.mysql.generated.MySqlLexer;
import io.debezium.ddl.parser.mysql.generated.MySqlParser;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.SimpleStatementContext;
import io.fustor.source.mysql.history.DdlStatement.Changes;
import io.fustor.source.mysql.history.DdlStatement.None;
import io.fustor.source.mysql.history.DdlStatement.Unknown;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.antlr.v4.runtime.BaseErrorListener;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonToken;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.ListTokenSource;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Recognizer;
import org.antlr.v4.runtime.Token;
import org.jspecify.annotations.Nullable;

/// Reads the statements of a server's binlog: which tables they change, and how. The grammar is
/// that of debezium-ddl-parser; only statements about databases and tables get as far as that.
/// Stateless, for any thread.
final class DdlParser {

    private static final Set<String> DATABASE_OPTIONS =
            Set.of("DEFAULT", "CHARACTER", "CHARSET", "COLLATE", "ENCRYPTION", "READ");

    /// The server's version as its comments have it, `80031` for 8.0.31: `/*!80000 … */` is read or
    /// not by it.
    private final int serverVersion;

    /// MariaDB has the same kind of comments with other numbers, and further ones.
    private final boolean isMariaDb;

    DdlParser(int serverVersion, boolean isMariaDb) {
        this.serverVersion = serverVersion;
        this.isMariaDb = isMariaDb;
    }

    DdlStatement parse(String sql, StatementContext context) {
        Errors errors = new Errors();
        MySqlLexer lexer = lexer(sql, context, errors);
        List<Token> words = firstWords(lexer);
        if (new StatementWords(words).subject() == StatementWords.Subject.OTHER) {
            return new None();
        }
        List<Token> all = StatementWords.visible(lexer(sql, context, errors).getAllTokens());
        StatementWords statement = new StatementWords(all);
        if (statement.subject() == StatementWords.Subject.UNCLEAR) {
            return unknown(statement, context, "its first words are not known here");
        }
        if (isMariaDb && sql.matches("(?s).*/\\*M?!.*")) {
            return unknown(statement, context, "it has comments that only some versions read");
        }
        DdlStatement parsed = parse(mended(all, context), context, errors);
        return errors.first == null ? parsed : unknown(statement, context, errors.first);
    }

    /// The grammar lacks two ways to say things that servers know: `ALTER DATABASE` without a name,
    /// which means the session's, and `RENAME =` for `RENAME TO`.
    private static List<Token> mended(List<Token> tokens, StatementContext context) {
        if (tokens.size() < 4 || tokens.getFirst().getType() != MySqlParser.ALTER_SYMBOL) {
            return tokens;
        }
        List<Token> mended = new ArrayList<>();
        for (Token token : tokens) {
            boolean isAfterRename =
                    !mended.isEmpty() && mended.getLast().getType() == MySqlParser.RENAME_SYMBOL;
            if (!isAfterRename || token.getType() != MySqlParser.EQUAL_OPERATOR) {
                mended.add(token);
            }
        }
        if (tokens.get(1).getType() == MySqlParser.DATABASE_SYMBOL
                && DATABASE_OPTIONS.contains(tokens.get(2).getText().toUpperCase(Locale.ROOT))
                && !isOption(tokens.get(3))) {
            mended.add(2, named(context.schema()));
        }
        return mended;
    }

    /// A database may have an option's name, where another option follows.
    private static boolean isOption(Token token) {
        return DATABASE_OPTIONS.contains(token.getText().toUpperCase(Locale.ROOT))
                && !token.getText().equalsIgnoreCase("SET");
    }

    private static Token named(String schema) {
        return new CommonToken(
                MySqlParser.BACK_TICK_QUOTED_ID, "`" + schema.replace("`", "``") + "`");
    }

    private static Unknown unknown(StatementWords words, StatementContext context, String why) {
        return new Unknown(
                words.tables(context.schema()),
                words.madeTables(context.schema()),
                words.schemas(),
                why);
    }

    /// As many words as it takes to know what a statement is about; routines and views, which may
    /// be long, are read no further.
    private static List<Token> firstWords(MySqlLexer lexer) {
        List<Token> words = new ArrayList<>();
        while (words.size() < 5) {
            Token token = lexer.nextToken();
            if (token.getType() == Token.EOF) {
                return words;
            }
            if (token.getChannel() == Token.DEFAULT_CHANNEL) {
                words.add(token);
            }
        }
        return words;
    }

    private MySqlLexer lexer(String sql, StatementContext context, Errors errors) {
        MySqlLexer lexer = new MySqlLexer(new LowerPrefixes(CharStreams.fromString(sql)));
        lexer.serverVersion = serverVersion;
        lexer.sqlModes = modes(context);
        lexer.removeErrorListeners();
        lexer.addErrorListener(errors);
        return lexer;
    }

    private static Set<SqlMode> modes(StatementContext context) {
        Set<SqlMode> modes = EnumSet.noneOf(SqlMode.class);
        if (context.hasAnsiQuotes()) {
            modes.add(SqlMode.AnsiQuotes);
        }
        if (context.hasPlainBackslashes()) {
            modes.add(SqlMode.NoBackslashEscapes);
        }
        if (context.hasPipesAsConcat()) {
            modes.add(SqlMode.PipesAsConcat);
        }
        if (context.ignoresSpace()) {
            modes.add(SqlMode.IgnoreSpace);
        }
        if (context.hasHighNot()) {
            modes.add(SqlMode.HighNotPrecedence);
        }
        return modes;
    }

    private DdlStatement parse(List<Token> tokens, StatementContext context, Errors errors) {
        MySqlParser parser = new MySqlParser(new CommonTokenStream(new ListTokenSource(tokens)));
        parser.serverVersion = serverVersion;
        parser.sqlModes = modes(context);
        parser.removeErrorListeners();
        parser.addErrorListener(errors);
        List<MySqlParser.QueryContext> statements = parser.queries().query();
        if (errors.first != null) {
            return new None();
        }
        List<SchemaChange> changes = new ArrayList<>();
        StatementTree tree = new StatementTree(context);
        try {
            for (MySqlParser.QueryContext statement : statements) {
                SimpleStatementContext simple = statement.simpleStatement();
                if (simple != null) {
                    changes.addAll(tree.changes(simple));
                }
            }
        } catch (UnknownStatementException e) {
            errors.first = e.getMessage();
        }
        return changes.isEmpty() ? new None() : new Changes(changes);
    }

    private static final class Errors extends BaseErrorListener {

        private @Nullable String first;

        @Override
        public void syntaxError(
                Recognizer<?, ?> recognizer,
                Object symbol,
                int line,
                int column,
                String message,
                RecognitionException cause) {
            if (first == null) {
                first = "the parser stops in line %d at column %d".formatted(line, column + 1);
            }
        }
    }
}
