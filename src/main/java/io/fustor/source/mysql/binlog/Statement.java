package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.schema.TableId;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A statement in the binlog, as far as it matters here: whether it opens or ends a transaction,
/// empties a table or changes rows that no rows event shows.
///
/// Only its first words are looked at; they are keywords that the server itself wrote or accepted.
///
/// @param table what a `TRUNCATE` empties; without a name for the other kinds
/// @param xid of the XA transaction that a statement is about
record Statement(Kind kind, TableId table, @Nullable Xid xid) {

    enum Kind {
        BEGIN,
        /// Makes a table and begins the transaction that fills it.
        BEGIN_WITH_TABLE,
        COMMIT,
        ROLLBACK,
        ROLLBACK_TO_SAVEPOINT,
        /// Has its place in an open transaction and changes nothing by itself.
        INSIDE,
        /// Opens what is prepared further on in the same transaction of the binlog.
        XA_START,
        XA_END,
        /// Commit and roll back what was prepared in an earlier one.
        XA_COMMIT,
        XA_ROLLBACK,
        UNKNOWN_XA,
        CHANGES_ROWS,
        TRUNCATE,
        /// Everything else, such as DDL.
        OTHER
    }

    private static final int LONGEST_HEAD = 1024;

    /// How `CREATE TABLE … SELECT` ends in the binlog since MySQL 8.0.21: the new table's rows
    /// follow in the same transaction.
    private static final byte[] START_TRANSACTION =
            " START TRANSACTION".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] BEGIN = "BEGIN".getBytes(StandardCharsets.US_ASCII);

    private static final TableId NONE = new TableId("", "");

    private static final Pattern COMMENTS =
            Pattern.compile(
                    "\\A(?:\\s+|/\\*(?![!M])(?s:.*?)\\*/|(?:#|--\\s)[^\\n]*(?:\\n|\\z)|/\\*M?!\\d*)+");
    private static final String GAP = "(?:\\s|/\\*(?s:.*?)\\*/)*";
    private static final String NAME = "(`(?:[^`]|``)+`|\"(?:[^\"]|\"\")+\"|[^\\s`.;/*]+)";
    private static final Pattern TRUNCATE =
            Pattern.compile(
                    "(?i)TRUNCATE"
                            + GAP
                            + "(?:TABLE\\b"
                            + GAP
                            + ")?"
                            + NAME
                            + "(?:"
                            + GAP
                            + "\\."
                            + GAP
                            + NAME
                            + ")?.*",
                    Pattern.DOTALL);

    /// As the server itself writes them.
    private static final Pattern XA = Pattern.compile("XA (START|END|COMMIT|ROLLBACK) (\\S+)");

    /// The server's own housekeeping on managed services, written as a statement, on tables that
    /// are in no feed.
    private static final Pattern SYSTEM_ROWS =
            Pattern.compile("(?is)(?:INSERT|REPLACE|DELETE|UPDATE)\\b.*?\\bmysql`?\\..*");

    private Statement(Kind kind) {
        this(kind, NONE, null);
    }

    /// @param event with the cursor at a query event's body
    static Statement read(EventBytes event) {
        event.skip(8);
        int schemaLength = event.unsignedByte();
        event.skip(2);
        event.skip((int) event.number(2));
        String schema = event.text(schemaLength);
        event.skip(1);
        if (event.endsWith(START_TRANSACTION)) {
            return new Statement(Kind.BEGIN_WITH_TABLE);
        }
        return of(schema, event.text(Math.min(event.remaining(), LONGEST_HEAD)));
    }

    static Statement of(String schema, String text) {
        if (text.equals("BEGIN")) {
            return new Statement(Kind.BEGIN);
        }
        String sql = COMMENTS.matcher(text).replaceFirst("");
        String word = firstWord(sql);
        return switch (word) {
            case "BEGIN" -> new Statement(Kind.BEGIN);
            case "COMMIT" -> new Statement(Kind.COMMIT);
            case "ROLLBACK" ->
                    new Statement(
                            sql.toUpperCase(Locale.ROOT)
                                            .matches("(?s)ROLLBACK\\s+(?:WORK\\s+)?TO\\b.*")
                                    ? Kind.ROLLBACK_TO_SAVEPOINT
                                    : Kind.ROLLBACK);
            case "SAVEPOINT", "RELEASE" -> new Statement(Kind.INSIDE);
            case "XA" -> xa(sql);
            case "INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD", "WITH", "CALL", "DO" ->
                    new Statement(
                            SYSTEM_ROWS.matcher(sql).matches() ? Kind.INSIDE : Kind.CHANGES_ROWS);
            case "TRUNCATE" -> truncate(schema, sql);
            default -> new Statement(Kind.OTHER);
        };
    }

    /// Whether the text is what servers write in front of rows.
    static boolean isBegin(byte[] sql) {
        return Arrays.equals(sql, BEGIN);
    }

    private static String firstWord(String sql) {
        int end = 0;
        while (end < sql.length() && Character.isLetter(sql.charAt(end))) {
            end++;
        }
        return sql.substring(0, end).toUpperCase(Locale.ROOT);
    }

    private static Statement xa(String sql) {
        Matcher matcher = XA.matcher(sql);
        Xid xid = matcher.matches() ? Xid.of(matcher.group(2)) : null;
        if (xid == null) {
            return new Statement(Kind.UNKNOWN_XA);
        }
        return new Statement(Kind.valueOf("XA_" + matcher.group(1)), NONE, xid);
    }

    private static Statement truncate(String schema, String sql) {
        Matcher matcher = TRUNCATE.matcher(sql);
        if (!matcher.matches()) {
            return new Statement(Kind.CHANGES_ROWS);
        }
        String first = unquoted(matcher.group(1));
        String second = matcher.group(2);
        return new Statement(
                Kind.TRUNCATE,
                second == null ? new TableId(schema, first) : new TableId(first, unquoted(second)),
                null);
    }

    private static String unquoted(String name) {
        char quote = name.charAt(0);
        if (quote != '`' && quote != '"') {
            return name;
        }
        String mark = String.valueOf(quote);
        return name.substring(1, name.length() - 1).replace(mark + mark, mark);
    }
}
