package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.schema.StatementContext;
import io.fustor.source.mysql.schemahistory.DdlStatement.Changes;
import io.fustor.source.mysql.schemahistory.DdlStatement.None;
import io.fustor.source.mysql.schemahistory.DdlStatement.Unknown;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Parses the statements of a server's binlog: which tables they change, and how. It parses what
/// determines names, types and order of columns and keys, and skips the rest. It makes one pass
/// without recursion, so that a statement's cost is limited by its length. Stateless, for any
/// thread.
final class DdlParser {

    /// Longer statements are not parsed to their end.
    static final int LONGEST = 16 << 20;

    private static final int FIRST_WORDS = 64;

    /// A decoder's replacement for invalid bytes.
    private static final char REPLACEMENT = '\uFFFD';

    /// The server's version in the form of its comments, `80031` for 8.0.31; it decides whether the
    /// server reads `/*!80000 … */`.
    private final int serverVersion;

    /// MariaDB has the same kind of comments with other numbers, and further kinds.
    private final boolean isMariaDb;

    DdlParser(int serverVersion, boolean isMariaDb) {
        this.serverVersion = serverVersion;
        this.isMariaDb = isMariaDb;
    }

    /// Parses a statement of the binlog. The server writes some statements itself, in UTF-8,
    /// although the event names the client's character set: `CREATE TABLE … SELECT`, several kinds
    /// of `DROP TABLE`, the head of `CREATE VIEW`. If the bytes are valid in both ways with
    /// different meanings, the result for what they touch is unknown.
    DdlStatement parse(byte[] sql, StatementContext context) {
        DdlStatement statement = decoded(sql, context);
        return switch (context.doubt()) {
            case NONE -> statement;
            case FAILED -> doubtful(statement, "it ended with an error");
            case TEMPORARY ->
                    makesOnlyNew(statement)
                            ? statement
                            : doubtful(statement, "it involved temporary tables");
        };
    }

    private static DdlStatement doubtful(DdlStatement statement, String why) {
        return statement instanceof Changes ? Unknown.either(statement, statement, why) : statement;
    }

    /// A table that a statement creates is not temporary unless the statement says so.
    private static boolean makesOnlyNew(DdlStatement statement) {
        return statement instanceof Changes made
                && made.changes().stream()
                        .allMatch(change -> change instanceof SchemaChange.CreateTable);
    }

    private DdlStatement decoded(byte[] sql, StatementContext context) {
        if (isAscii(sql)) {
            return parse(new String(sql, StandardCharsets.ISO_8859_1), context);
        }
        String text = context.text(sql);
        DdlStatement byClient = proven(parse(text, context));
        String asUtf8 = new String(sql, StandardCharsets.UTF_8);
        if (byClient instanceof None || asUtf8.equals(text)) {
            return byClient;
        }
        DdlStatement byServer = parse(asUtf8, context);
        if (byClient.equals(byServer)) {
            return byClient;
        }
        if (isView(byClient) && isView(byServer)) {
            List<SchemaChange> both = new ArrayList<>(((Changes) byClient).changes());
            both.addAll(((Changes) byServer).changes());
            return new Changes(both);
        }
        return asUtf8.indexOf(REPLACEMENT) >= 0 || !mayBeServers(asUtf8)
                ? byClient
                : Unknown.either(byClient, byServer, "the server or its client wrote it");
    }

    /// Whether the text has the form that servers write: names in backquotes, and each column of a
    /// new table on a line of its own.
    private static boolean mayBeServers(String sql) {
        boolean isCreated = sql.startsWith("CREATE ") && sql.contains("` (\n");
        return isCreated || (sql.startsWith("DROP ") && sql.contains("`"));
    }

    private static boolean isAscii(byte[] sql) {
        for (byte b : sql) {
            if (b < 0) {
                return false;
            }
        }
        return true;
    }

    /// Names with invalid bytes prove nothing.
    private static DdlStatement proven(DdlStatement statement) {
        return statement.toString().indexOf(REPLACEMENT) < 0
                ? statement
                : Unknown.ofEverything("its bytes are invalid in its character set");
    }

    /// The server writes only the name at the head of the text; the client wrote the rest.
    private static boolean isView(DdlStatement statement) {
        return statement instanceof Changes made
                && made.changes().getFirst() instanceof SchemaChange.CreateView;
    }

    DdlStatement parse(String sql, StatementContext context) {
        StatementWords first = new StatementWords(tokens(sql, context).first(FIRST_WORDS));
        if (first.subject() == StatementWords.Subject.OTHER) {
            return new None();
        }
        if (sql.length() > LONGEST) {
            return tooLong(first, context);
        }
        SqlTokens tokens = tokens(sql, context);
        List<SqlToken> all = tokens.all();
        StatementWords statement = new StatementWords(all);
        String problem = tokens.problem();
        if (tokens.hasTooMany()) {
            return tooLong(first, context);
        }
        if (problem != null) {
            return unknown(statement, context, problem);
        }
        try {
            List<SchemaChange> changes =
                    new DdlReader(new StatementCursor(all, context.schema()), context, isMariaDb)
                            .read();
            return changes.isEmpty() ? new None() : new Changes(changes);
        } catch (UnknownStatementException e) {
            return unknown(statement, context, String.valueOf(e.getMessage()));
        }
    }

    private SqlTokens tokens(String sql, StatementContext context) {
        return new SqlTokens(sql, context, serverVersion, isMariaDb);
    }

    private static Unknown unknown(StatementWords words, StatementContext context, String why) {
        return new Unknown(
                words.tables(context.schema()),
                words.madeTables(context.schema()),
                words.schemas(),
                why);
    }

    /// `CREATE TABLE` touches one table, which its first words name. What the rest of any other
    /// statement touches is unknown.
    private static Unknown tooLong(StatementWords first, StatementContext context) {
        String why =
                "it is longer than %d characters or %d words".formatted(LONGEST, SqlTokens.MOST);
        return first.isCreateTable()
                ? new Unknown(Set.of(), first.firstMade(context.schema()), Set.of(), why)
                : Unknown.ofEverything(why);
    }
}
