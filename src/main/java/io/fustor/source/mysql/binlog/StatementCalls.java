package io.fustor.source.mysql.binlog;

import java.util.Set;

/// Searches the rest of a statement for anything that could change rows elsewhere: a query, which
/// may read a view, or a call of a function that is not known to be built in.
final class StatementCalls {

    /// Words before a parenthesis that are not calls, and the built-in functions that the server's
    /// housekeeping uses. A stored function of such a name can only be called with a schema.
    private static final Set<String> HARMLESS =
            Set.of(
                    "VALUES",
                    "VALUE",
                    "ROW",
                    "IN",
                    "AND",
                    "OR",
                    "NOT",
                    "XOR",
                    "WHERE",
                    "BETWEEN",
                    "THEN",
                    "ELSE",
                    "WHEN",
                    "INTERVAL",
                    "IF",
                    "IFNULL",
                    "COALESCE",
                    "CONCAT",
                    "GREATEST",
                    "LEAST",
                    "NOW",
                    "SYSDATE",
                    "CURRENT_TIMESTAMP",
                    "LOCALTIMESTAMP",
                    "LOCALTIME",
                    "CURDATE",
                    "CURTIME",
                    "UTC_TIMESTAMP",
                    "UTC_DATE",
                    "UTC_TIME",
                    "UNIX_TIMESTAMP",
                    "FROM_UNIXTIME",
                    "DATE_ADD",
                    "DATE_SUB",
                    "CURRENT_USER",
                    "USER",
                    "UUID");

    private StatementCalls() {}

    /// Reads to the statement's end.
    static boolean areHarmless(StatementTokens tokens) {
        boolean isHarmless = true;
        boolean isQualified = false;
        while (isHarmless && !tokens.isEnd()) {
            boolean isWord = tokens.type() == StatementTokens.Type.WORD;
            boolean isName = tokens.type() == StatementTokens.Type.NAME;
            boolean isCallable = isName || (isWord && !HARMLESS.contains(tokens.word()));
            boolean isQuery = tokens.is("SELECT") || tokens.is("TABLE") || tokens.is("WITH");
            boolean isBroken = tokens.type() == StatementTokens.Type.BROKEN || tokens.is(';');
            boolean afterDot = isQualified;
            isQualified = tokens.is('.');
            tokens.next();
            boolean isCall = (isCallable || (afterDot && isWord)) && tokens.is('(');
            isHarmless = !isCall && !isQuery && !isBroken;
        }
        return isHarmless;
    }
}
