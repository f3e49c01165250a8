package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.schema.StatementContext;
import io.fustor.source.mysql.schemahistory.SqlToken.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Splits a statement into tokens by the rules of the server's lexer (`sql_lex.cc`), in one pass
/// and without recursion for any statement. Text nested more than [#DEEPEST] brackets deep does not
/// affect columns and is left out.
final class SqlTokens {

    /// The labels of `CREATE TABLE t (a ENUM('x'))` are at depth 2; expressions go deeper.
    static final int DEEPEST = 2;

    /// More than the widest table needs with the longest lists of labels and partitions.
    static final int MOST = 500_000;

    private static final char NO_BREAK_SPACE = 0xA0;

    private static final int FIRST_FOREIGN_VERSION = 50700;
    private static final int LAST_FOREIGN_VERSION = 99999;

    private final String sql;
    private final StatementContext context;
    private final int serverVersion;
    private final boolean isMariaDb;

    private final List<SqlToken> tokens = new ArrayList<>();
    private int at;
    private int depth;
    private boolean isInVersionComment;
    private @Nullable String problem;

    /// @param serverVersion in the form of its comments, `80031` for 8.0.31
    SqlTokens(String sql, StatementContext context, int serverVersion, boolean isMariaDb) {
        this.sql = sql;
        this.context = context;
        this.serverVersion = serverVersion;
        this.isMariaDb = isMariaDb;
    }

    /// At most this number of tokens from the start.
    List<SqlToken> first(int count) {
        while (tokens.size() < count && next()) {
            // Continue.
        }
        return tokens;
    }

    /// All tokens; [#problem] tells whether the statement was read to its end.
    List<SqlToken> all() {
        while (next()) {
            if (hasTooMany()) {
                return tokens;
            }
        }
        if (problem == null && depth != 0) {
            problem = "its brackets do not match";
        }
        return tokens;
    }

    boolean hasTooMany() {
        return tokens.size() > MOST;
    }

    /// Why the statement could not be split, the end of a sentence for a person, or null.
    @Nullable String problem() {
        return problem;
    }

    /// Reads one token or skips a gap; false at the end.
    private boolean next() {
        if (at >= sql.length() || problem != null) {
            return false;
        }
        char c = sql.charAt(at);
        if (c <= ' ') {
            at++;
        } else if (c == NO_BREAK_SPACE) {
            problem = "it has a character that only some clients treat as a space";
        } else if (isLineComment(c)) {
            int end = sql.indexOf('\n', at);
            at = end < 0 ? sql.length() : end + 1;
        } else if (sql.startsWith("/*", at)) {
            comment();
        } else if (isInVersionComment && sql.startsWith("*/", at)) {
            isInVersionComment = false;
            at += 2;
        } else {
            token(c);
        }
        return true;
    }

    private boolean isLineComment(char c) {
        if (c == '#') {
            return true;
        }
        return sql.startsWith("--", at)
                && (at + 2 >= sql.length()
                        || sql.charAt(at + 2) <= ' '
                        || sql.charAt(at + 2) == 127);
    }

    /// Skips a comment, or the beginning of one that the server executes.
    private void comment() {
        boolean isMariaDbs = isMariaDb && sql.startsWith("/*M!", at);
        if (!isMariaDbs && !sql.startsWith("/*!", at)) {
            skipComment(at + 2, false);
            return;
        }
        int begin = at + (isMariaDbs ? 4 : 3);
        int digits = 0;
        while (digits < longestVersion() && isDigit(begin + digits)) {
            digits++;
        }
        boolean hasVersion = digits >= 5;
        int version = hasVersion ? Integer.parseInt(sql.substring(begin, begin + digits)) : 0;
        if (hasVersion && !reads(version, isMariaDbs)) {
            skipComment(begin + digits, true);
            return;
        }
        isInVersionComment = true;
        at = hasVersion ? begin + digits : begin;
    }

    private int longestVersion() {
        return isMariaDb || serverVersion >= 80000 ? 6 : 5;
    }

    private boolean reads(int version, boolean isMariaDbs) {
        boolean isForeign =
                isMariaDb
                        && !isMariaDbs
                        && version >= FIRST_FOREIGN_VERSION
                        && version <= LAST_FOREIGN_VERSION;
        return version <= serverVersion && !isForeign;
    }

    /// @param isNested whether comments may be nested in this one
    private void skipComment(int from, boolean isNested) {
        int end = sql.indexOf("*/", from);
        int inner = isNested ? sql.indexOf("/*", from) : -1;
        while (inner >= 0 && end >= 0 && inner < end) {
            from = end + 2;
            end = sql.indexOf("*/", from);
            inner = sql.indexOf("/*", from);
        }
        if (end < 0) {
            problem = "a comment does not end";
            return;
        }
        at = end + 2;
    }

    private void token(char c) {
        switch (c) {
            case '\'' -> add(Kind.TEXT, quoted(c, true));
            case '"' -> {
                boolean isName = context.hasAnsiQuotes();
                add(isName ? Kind.NAME : Kind.TEXT, quoted(c, !isName));
            }
            case '`' -> add(Kind.NAME, quoted(c, false));
            case '(' -> {
                sign(c);
                depth++;
            }
            case ')' -> {
                depth--;
                sign(c);
                if (depth < 0) {
                    problem = "its brackets do not match";
                }
            }
            default -> wordOrSign(c);
        }
    }

    private void wordOrSign(char c) {
        boolean isDigit = c >= '0' && c <= '9';
        boolean isAfterDot = !tokens.isEmpty() && tokens.getLast().isSign('.');
        if (isDigit && !isAfterDot && number()) {
            return;
        }
        boolean isPrefix = at + 1 < sql.length() && sql.charAt(at + 1) == '\'';
        if (isPrefix && (c == 'x' || c == 'X' || c == 'b' || c == 'B')) {
            at++;
            add(c == 'x' || c == 'X' ? Kind.HEX : Kind.BITS, quoted('\'', false));
        } else if (isNameCharacter(c)) {
            int start = at;
            while (at < sql.length() && isNameCharacter(sql.charAt(at))) {
                at++;
            }
            if (depth <= DEEPEST) {
                tokens.add(SqlToken.word(sql.substring(start, at)));
            }
        } else {
            sign(c);
        }
    }

    private void sign(char c) {
        if (depth <= DEEPEST) {
            tokens.add(SqlToken.sign(c));
        }
        at++;
    }

    /// Reads a number; false if the digits begin a name.
    private boolean number() {
        int end = digits(at);
        boolean isBase = end == at + 1 && sql.charAt(at) == '0' && end < sql.length();
        if (isBase && (sql.charAt(end) == 'x' || sql.charAt(end) == 'b')) {
            boolean isHex = sql.charAt(end) == 'x';
            int last = end + 1;
            while (last < sql.length() && isDigitOf(sql.charAt(last), isHex)) {
                last++;
            }
            if (last > end + 1 && !isNameAt(last)) {
                add(isHex ? Kind.HEX : Kind.BITS, sql.substring(end + 1, last));
                at = last;
                return true;
            }
            return false;
        }
        int last = end < sql.length() && sql.charAt(end) == '.' ? digits(end + 1) : end;
        int exponent = exponent(last);
        if (exponent == last && last == end && isNameAt(last)) {
            return false;
        }
        add(Kind.NUMBER, sql.substring(at, exponent));
        at = exponent;
        return true;
    }

    private int exponent(int from) {
        if (from >= sql.length() || (sql.charAt(from) != 'e' && sql.charAt(from) != 'E')) {
            return from;
        }
        int sign = from + 1;
        boolean isSigned =
                sign < sql.length() && (sql.charAt(sign) == '+' || sql.charAt(sign) == '-');
        int digits = isSigned ? sign + 1 : sign;
        int end = digits(digits);
        return end == digits || (!isSigned && isNameAt(end)) ? from : end;
    }

    private int digits(int from) {
        int end = from;
        while (isDigit(end)) {
            end++;
        }
        return end;
    }

    private boolean isDigit(int index) {
        return index < sql.length() && sql.charAt(index) >= '0' && sql.charAt(index) <= '9';
    }

    private static boolean isDigitOf(char c, boolean isHex) {
        return isHex ? Character.digit(c, 16) >= 0 && c < 0x80 : c == '0' || c == '1';
    }

    private boolean isNameAt(int index) {
        return index < sql.length() && isNameCharacter(sql.charAt(index));
    }

    private static boolean isNameCharacter(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '_'
                || c == '$'
                || c > 0x7F;
    }

    private void add(Kind kind, String text) {
        if (depth <= DEEPEST) {
            tokens.add(SqlToken.of(kind, text));
        }
    }

    /// The contents of quotes; moves the position after them.
    private String quoted(char quote, boolean mayEscape) {
        boolean hasEscapes = mayEscape && !context.hasPlainBackslashes();
        int start = ++at;
        StringBuilder text = null;
        while (at < sql.length()) {
            char c = sql.charAt(at);
            boolean isDoubled = c == quote && at + 1 < sql.length() && sql.charAt(at + 1) == quote;
            boolean isEscape = c == '\\' && hasEscapes && at + 1 < sql.length();
            if (c == quote && !isDoubled) {
                String plain = text == null ? sql.substring(start, at) : text.toString();
                at++;
                return plain;
            }
            if (isDoubled || isEscape) {
                if (text == null) {
                    text = new StringBuilder(sql.substring(start, at));
                }
                char escaped = sql.charAt(at + 1);
                text.append(isDoubled ? String.valueOf(quote) : unescaped(escaped));
                at += 2;
                continue;
            }
            if (text != null) {
                text.append(c);
            }
            at++;
        }
        problem = "a quoted text does not end";
        return "";
    }

    private static String unescaped(char c) {
        return switch (c) {
            case '0' -> "\0";
            case 'b' -> "\b";
            case 'n' -> "\n";
            case 'r' -> "\r";
            case 't' -> "\t";
            case 'Z' -> "\u001A";
            // Before these two the backslash remains, because of LIKE.
            case '%' -> "\\%";
            case '_' -> "\\_";
            default -> String.valueOf(c);
        };
    }
}
