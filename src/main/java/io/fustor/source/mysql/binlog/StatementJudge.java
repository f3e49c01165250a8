package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.binlog.StatementEffect.Kind;
import io.fustor.source.mysql.schema.TableId;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Classifies one statement of the binlog by lists of statements that change no rows. Any other
/// statement may change rows: an unknown statement stops a stream instead of being skipped.
final class StatementJudge {

    /// First words of statements that never change rows, whatever follows.
    private static final Set<String> HARMLESS =
            Set.of(
                    "ALTER",
                    "DROP",
                    "RENAME",
                    "GRANT",
                    "REVOKE",
                    "FLUSH",
                    "INSTALL",
                    "UNINSTALL",
                    "LOCK",
                    "UNLOCK");

    /// The same, if the word for tables follows.
    private static final Set<String> UPKEEP =
            Set.of("ANALYZE", "OPTIMIZE", "REPAIR", "CHECK", "CHECKSUM");

    /// Objects that `CREATE` creates without rows.
    private static final Set<String> OBJECTS =
            Set.of(
                    "DATABASE",
                    "SCHEMA",
                    "VIEW",
                    "PROCEDURE",
                    "FUNCTION",
                    "TRIGGER",
                    "EVENT",
                    "INDEX",
                    "USER",
                    "ROLE",
                    "SERVER",
                    "TABLESPACE",
                    "LOGFILE",
                    "RESOURCE",
                    "SEQUENCE",
                    "PACKAGE",
                    "REFERENCE",
                    "LIBRARY",
                    "COMPRESSION_DICTIONARY");

    /// Words that may occur between `CREATE` and its object.
    private static final Set<String> BEFORE_OBJECTS =
            Set.of(
                    "OR",
                    "REPLACE",
                    "ALGORITHM",
                    "UNDEFINED",
                    "MERGE",
                    "TEMPTABLE",
                    "DEFINER",
                    "CURRENT_USER",
                    "CURRENT_ROLE",
                    "SQL",
                    "SECURITY",
                    "INVOKER",
                    "AGGREGATE",
                    "UNIQUE",
                    "FULLTEXT",
                    "SPATIAL",
                    "VECTOR",
                    "ONLINE",
                    "OFFLINE",
                    "UNDO",
                    "TEMPORARY",
                    "JSON",
                    "RELATIONAL",
                    "DUALITY");

    /// In the form that the server itself writes.
    private static final Pattern XA = Pattern.compile("XA (START|END|COMMIT|ROLLBACK) (\\S+)");

    private static final int LONGEST_XA = 1024;

    private final StatementTokens tokens;

    /// The statement's first word.
    private String first = "";

    StatementJudge(StatementTokens tokens) {
        this.tokens = tokens;
    }

    StatementEffect judge() {
        if (tokens.isEnd()) {
            return new StatementEffect(Kind.OTHER);
        }
        first = tokens.word();
        int start = tokens.from();
        tokens.next();
        if (HARMLESS.contains(first)) {
            return new StatementEffect(Kind.OTHER);
        }
        if (UPKEEP.contains(first)) {
            return upkeep();
        }
        return switch (first) {
            case "BEGIN", "COMMIT" -> plain(Kind.valueOf(first));
            case "START" -> start();
            case "ROLLBACK" -> rollback();
            case "SAVEPOINT", "RELEASE" -> new StatementEffect(Kind.INSIDE);
            case "XA" -> xa(start);
            case "CREATE" -> create();
            case "TRUNCATE" -> truncate();
            case "SET" -> set();
            case "INSERT", "REPLACE" -> insert();
            case "UPDATE" -> update();
            case "DELETE" -> delete();
            default -> changesRows();
        };
    }

    private StatementEffect changesRows() {
        return new StatementEffect(Kind.CHANGES_ROWS, StatementEffect.NONE, null, first);
    }

    private boolean isOver() {
        tokens.accept(';');
        return tokens.isEnd();
    }

    /// `BEGIN NOT ATOMIC`, which begins a block of statements, is not among these.
    private StatementEffect plain(Kind kind) {
        tokens.accept("WORK");
        return isOver() ? new StatementEffect(kind) : changesRows();
    }

    private StatementEffect start() {
        return tokens.accept("TRANSACTION") && isOver()
                ? new StatementEffect(Kind.BEGIN)
                : changesRows();
    }

    private StatementEffect rollback() {
        tokens.accept("WORK");
        return new StatementEffect(tokens.is("TO") ? Kind.ROLLBACK_TO_SAVEPOINT : Kind.ROLLBACK);
    }

    private StatementEffect upkeep() {
        if (!tokens.accept("NO_WRITE_TO_BINLOG")) {
            tokens.accept("LOCAL");
        }
        return tokens.is("TABLE") || tokens.is("TABLES") || tokens.is("VIEW")
                ? new StatementEffect(Kind.OTHER)
                : changesRows();
    }

    private StatementEffect xa(int start) {
        String text = tokens.ascii(start, LONGEST_XA);
        Matcher matcher = XA.matcher(text);
        Xid xid = matcher.matches() ? Xid.of(matcher.group(2)) : null;
        return xid == null
                ? new StatementEffect(Kind.UNKNOWN_XA)
                : new StatementEffect(
                        Kind.valueOf("XA_" + matcher.group(1)), StatementEffect.NONE, xid, "");
    }

    /// `SET PASSWORD` and `SET DEFAULT ROLE`, and MariaDB's `SET STATEMENT … FOR` another
    /// statement.
    private StatementEffect set() {
        if (tokens.accept("STATEMENT")) {
            return setFor();
        }
        boolean isOfUser = tokens.accept("PASSWORD") || tokens.accept("DEFAULT");
        return isOfUser && StatementCalls.areHarmless(tokens)
                ? new StatementEffect(Kind.OTHER)
                : changesRows();
    }

    private StatementEffect setFor() {
        while (!tokens.is("FOR")) {
            boolean isSimple =
                    switch (tokens.type()) {
                        case WORD -> !tokens.is("SELECT");
                        case NAME, STRING -> true;
                        case SYMBOL -> !tokens.is('(') && !tokens.is('@') && !tokens.is(';');
                        case BROKEN, END -> false;
                    };
            if (!isSimple) {
                return changesRows();
            }
            tokens.next();
        }
        tokens.next();
        return tokens.is("SET") ? changesRows() : judge();
    }

    private StatementEffect create() {
        boolean isUser = false;
        while (true) {
            boolean isKnown =
                    switch (tokens.type()) {
                        case WORD -> isUser || BEFORE_OBJECTS.contains(tokens.word());
                        case NAME, STRING -> true;
                        case SYMBOL -> "=@()".indexOf(tokens.symbol()) >= 0;
                        case BROKEN, END -> false;
                    };
            if (!isUser && OBJECTS.contains(tokens.word())) {
                return new StatementEffect(Kind.OTHER);
            }
            if (!isUser && tokens.accept("TABLE")) {
                return createTable();
            }
            if (!isKnown) {
                return changesRows();
            }
            isUser = tokens.is('@') || tokens.is('=');
            tokens.next();
        }
    }

    /// A table with a query changes rows, unless the server wrote the statement itself: it then
    /// ends in `START TRANSACTION`, and rows events follow (MySQL 8.0.21 and later).
    private StatementEffect createTable() {
        boolean hasQuery = false;
        boolean isStart = false;
        boolean isTransaction = false;
        while (!tokens.isEnd()) {
            if (tokens.type() == StatementTokens.Type.BROKEN) {
                return changesRows();
            }
            boolean isLast = tokens.is("TRANSACTION");
            isTransaction = isStart && isLast;
            isStart = tokens.is("START");
            hasQuery = beginsQuery() || hasQuery;
        }
        if (hasQuery) {
            return new StatementEffect(
                    Kind.CHANGES_ROWS, StatementEffect.NONE, null, "CREATE TABLE with a query");
        }
        return new StatementEffect(isTransaction ? Kind.BEGIN_WITH_TABLE : Kind.OTHER);
    }

    /// Skips a token of `CREATE TABLE`. `VALUES` is a query except in the bounds of partitions,
    /// `WITH` is one except in `WITH PARSER` and `WITH SYSTEM VERSIONING`. All these words are
    /// reserved, so no unquoted name is one of them.
    private boolean beginsQuery() {
        if (tokens.accept('.')) {
            // Any word is a name here.
            tokens.next();
            return false;
        }
        if (tokens.accept("VALUES")) {
            return !tokens.is("LESS") && !tokens.is("IN");
        }
        if (tokens.accept("WITH")) {
            return !tokens.is("PARSER") && !tokens.is("SYSTEM");
        }
        boolean isQuery = tokens.is("SELECT") || tokens.is("TABLE");
        tokens.next();
        return isQuery;
    }

    private StatementEffect truncate() {
        tokens.accept("TABLE");
        TableId table = tokens.acceptTable();
        if (tokens.accept("WAIT")) {
            tokens.next();
        } else {
            tokens.accept("NOWAIT");
        }
        return table == null || !isOver()
                ? changesRows()
                : new StatementEffect(Kind.TRUNCATE, table, null, first);
    }

    private StatementEffect insert() {
        while (tokens.accept("LOW_PRIORITY")
                || tokens.accept("HIGH_PRIORITY")
                || tokens.accept("DELAYED")
                || tokens.accept("IGNORE")) {
            // The next word.
        }
        tokens.accept("INTO");
        TableId table = tokens.acceptTable();
        return changes(table, true);
    }

    private StatementEffect update() {
        while (tokens.accept("LOW_PRIORITY") || tokens.accept("IGNORE")) {
            // The next word.
        }
        TableId table = tokens.acceptTable();
        return changes(table, tokens.is("SET"));
    }

    private StatementEffect delete() {
        while (tokens.accept("LOW_PRIORITY") || tokens.accept("QUICK") || tokens.accept("IGNORE")) {
            // The next word.
        }
        boolean isOfOne = tokens.accept("FROM");
        TableId table = isOfOne ? tokens.acceptTable() : null;
        boolean isWhole = tokens.is("WHERE") || tokens.is("ORDER") || tokens.is("LIMIT");
        return changes(table, isWhole || isOver());
    }

    /// A statement on one table, if the rest of it calls no function that could change others.
    private StatementEffect changes(@Nullable TableId table, boolean isOfOne) {
        return table != null && isOfOne && StatementCalls.areHarmless(tokens)
                ? new StatementEffect(Kind.CHANGES_TABLE, table, null, first)
                : changesRows();
    }
}
