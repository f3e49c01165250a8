package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.charset.CharacterSet;
import io.fustor.source.mysql.charset.Encoding.CharacterReader;
import io.fustor.source.mysql.schema.StatementContext;
import io.fustor.source.mysql.schema.TableId;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Reads a statement token by token, like the server's own lexer (`lex_one_token`). It works on
/// bytes, never inside a multi-byte character, by the session's character set and `sql_mode`. It
/// skips comments, reads the text of versioned comments, and copies only names.
///
/// A server that does not run the text of a versioned comment removes the exclamation mark before
/// it writes the statement to its binlog. Every remaining versioned comment was therefore run.
final class StatementTokens {

    enum Type {
        /// A keyword, an unquoted name or a number.
        WORD,
        /// A quoted name.
        NAME,
        STRING,
        /// One character.
        SYMBOL,
        /// Text that no server would have run, or that it may have read in another way.
        BROKEN,
        END
    }

    private static final int VERSION_DIGITS = 5;

    private final byte[] bytes;
    private final int end;
    private final StatementContext context;
    private final boolean isMariaDb;
    private final boolean hasAnsiQuotes;
    private final boolean hasEscapes;
    private final @Nullable CharacterReader reader;
    private final boolean isSingleByte;

    private int at;
    private int from;
    private boolean isInVersion;
    private Type type = Type.END;

    /// @param from the first byte of the text
    /// @param to the offset after its last byte
    /// @param isMariaDb whether `/*M!` begins a versioned comment
    StatementTokens(StatementContext context, byte[] bytes, int from, int to, boolean isMariaDb) {
        this.context = context;
        this.bytes = bytes;
        this.at = from;
        this.end = to;
        this.isMariaDb = isMariaDb;
        this.hasAnsiQuotes = context.hasAnsiQuotes();
        this.hasEscapes = !context.hasPlainBackslashes();
        CharacterSet set = context.clientCharacterSet();
        this.reader = set.encoding() instanceof CharacterReader other ? other : null;
        this.isSingleByte = reader != null && set.isSingleByte();
        next();
    }

    StatementTokens(StatementContext context, QueryEvent query, boolean isMariaDb) {
        this(context, query.array(), query.from(), query.to(), isMariaDb);
    }

    Type type() {
        return type;
    }

    boolean isEnd() {
        return type == Type.END;
    }

    /// The start of the token.
    int from() {
        return from;
    }

    /// A symbol's character; 0 if the token is not a symbol.
    char symbol() {
        return type == Type.SYMBOL ? (char) bytes[from] : 0;
    }

    /// The statement's unchanged text from an index on, at most as long as requested.
    String ascii(int start, int longest) {
        return new String(
                bytes, start, Math.min(end - start, longest), StandardCharsets.ISO_8859_1);
    }

    /// Whether the token is an unquoted word, in any case.
    ///
    /// @param word in capital letters
    boolean is(String word) {
        if (type != Type.WORD || at - from != word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            byte written = bytes[from + i];
            boolean isSmall = written >= 'a' && written <= 'z';
            if ((isSmall ? written - ('a' - 'A') : written) != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    boolean is(char symbol) {
        return type == Type.SYMBOL && bytes[from] == symbol;
    }

    /// Accepts the token if it is this word.
    boolean accept(String word) {
        boolean is = is(word);
        if (is) {
            next();
        }
        return is;
    }

    boolean accept(char symbol) {
        boolean is = is(symbol);
        if (is) {
            next();
        }
        return is;
    }

    /// The token's text if it is a short word of ASCII letters; empty otherwise.
    String word() {
        boolean isShort = type == Type.WORD && at - from <= 32;
        StringBuilder word = new StringBuilder();
        for (int i = from; isShort && i < at; i++) {
            char letter = (char) (bytes[i] & 0xDF);
            if (letter >= 'A' && letter <= 'Z') {
                word.append(letter);
            } else if (bytes[i] == '_') {
                word.append('_');
            } else {
                return "";
            }
        }
        return word.toString();
    }

    /// Accepts a name with or without quotes.
    ///
    /// @return null if the token is not a name
    @Nullable String acceptName() {
        String name =
                switch (type) {
                    case WORD -> context.text(bytes, from, at);
                    case NAME -> quoted();
                    case STRING, SYMBOL, BROKEN, END -> null;
                };
        if (name == null || name.indexOf(CharacterReader.NONE) >= 0) {
            return null;
        }
        next();
        return name;
    }

    private String quoted() {
        String mark = String.valueOf((char) bytes[from]);
        return context.text(bytes, from + 1, at - 1).replace(mark + mark, mark);
    }

    /// Accepts the name of a table, in the session's schema if the name has none.
    ///
    /// @return in the statement's spelling; null if there is no name
    @Nullable TableId acceptTable() {
        String first = acceptName();
        if (first == null || !accept('.')) {
            return first == null ? null : new TableId(context.schema(), first);
        }
        String second = acceptName();
        return second == null ? null : new TableId(first, second);
    }

    /// Moves to the next token.
    void next() {
        if (type == Type.BROKEN) {
            return;
        }
        if (!passOverGaps()) {
            type = Type.BROKEN;
            return;
        }
        from = at;
        if (at >= end) {
            type = isInVersion ? Type.BROKEN : Type.END;
            return;
        }
        byte first = bytes[at];
        type =
                switch (first) {
                    case '`' -> name(first);
                    case '"' -> hasAnsiQuotes ? name(first) : string(first);
                    case '\'' -> string(first);
                    default -> isWord(first) ? word(first) : oneSymbol();
                };
    }

    private Type oneSymbol() {
        at++;
        return Type.SYMBOL;
    }

    private Type word(byte first) {
        for (byte next = first; isWord(next); next = at < end ? bytes[at] : 0) {
            int length = next < 0 ? character() : 1;
            if (length <= 0) {
                return Type.BROKEN;
            }
            if (next < 0 && isSpace(next)) {
                break;
            }
            at += length;
        }
        return Type.WORD;
    }

    private static boolean isWord(byte letter) {
        return letter < 0
                || (letter >= 'a' && letter <= 'z')
                || (letter >= 'A' && letter <= 'Z')
                || (letter >= '0' && letter <= '9')
                || letter == '_'
                || letter == '$';
    }

    private Type name(byte quote) {
        at++;
        while (at < end) {
            byte next = bytes[at];
            int length = next < 0 ? character() : 1;
            if (length <= 0) {
                return Type.BROKEN;
            }
            at += length;
            if (next == quote) {
                if (byteAt(at) != quote) {
                    return Type.NAME;
                }
                at++;
            }
        }
        return Type.BROKEN;
    }

    private Type string(byte quote) {
        at++;
        while (at < end) {
            byte next = bytes[at];
            // Invalid bytes are read one by one.
            at += next < 0 ? Math.max(1, character()) : 1;
            if (next == '\\' && hasEscapes) {
                at += at < end && bytes[at] < 0 ? Math.max(1, character()) : 1;
            } else if (next == quote) {
                if (byteAt(at) != quote) {
                    return Type.STRING;
                }
                at++;
            }
        }
        return Type.BROKEN;
    }

    /// The number of bytes of the multi-byte character at this position; not above 0 if there is
    /// none.
    private int character() {
        CharacterReader other = reader;
        if (other == null) {
            return utf8();
        }
        long next = other.next(bytes, at, end);
        int length = CharacterReader.length(next);
        boolean isNone = CharacterReader.character(next) == CharacterReader.NONE;
        return isNone && length == 1 && !isSingleByte ? 0 : length;
    }

    private int utf8() {
        int first = bytes[at] & 0xFF;
        int length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        boolean isCharacter = first >= 0xC2 && first <= 0xF4 && at + length <= end;
        for (int i = 1; isCharacter && i < length; i++) {
            isCharacter = (bytes[at + i] & 0xC0) == 0x80;
        }
        return isCharacter ? length : 0;
    }

    /// Skips spaces and comments; false if a comment has no end.
    private boolean passOverGaps() {
        while (at < end) {
            byte next = bytes[at];
            if (isSpace(next)) {
                at++;
            } else if (next == '#' || isDashes()) {
                passOverLine();
            } else if (next == '/' && byteAt(at + 1) == '*') {
                if (!passOverComment()) {
                    return false;
                }
            } else if (isInVersion && next == '*' && byteAt(at + 1) == '/') {
                isInVersion = false;
                at += 2;
            } else {
                return true;
            }
        }
        return true;
    }

    private boolean isSpace(byte letter) {
        if (letter >= 0) {
            return letter == ' ' || (letter >= '\t' && letter <= '\r');
        }
        // A non-breaking space, as servers read it in single-byte character sets.
        CharacterReader other = reader;
        return isSingleByte
                && other != null
                && CharacterReader.character(other.next(bytes, at, end)) == '\u00A0';
    }

    private boolean isDashes() {
        if (bytes[at] != '-' || byteAt(at + 1) != '-') {
            return false;
        }
        int after = byteAt(at + 2);
        return after <= ' ' || after == 0x7F;
    }

    private void passOverLine() {
        while (at < end && bytes[at] != '\n') {
            at++;
        }
    }

    private boolean passOverComment() {
        int mark = byteAt(at + 2) == 'M' && isMariaDb ? at + 3 : at + 2;
        if (byteAt(mark) == '!') {
            at = mark + 1;
            return passOverVersion();
        }
        int close = at + 2;
        while (close < end && (bytes[close] != '*' || byteAt(close + 1) != '/')) {
            close++;
        }
        at = close + 2;
        return at <= end;
    }

    /// Five or six digits, or none. The text after six digits is unambiguous if it begins with a
    /// space.
    private boolean passOverVersion() {
        int digits = 0;
        while (digits <= VERSION_DIGITS && isDigit(byteAt(at + digits))) {
            digits++;
        }
        if (digits >= VERSION_DIGITS) {
            at += digits;
        }
        isInVersion = true;
        int after = byteAt(at);
        return digits <= VERSION_DIGITS || (after >= '\t' && after <= ' ');
    }

    private static boolean isDigit(int letter) {
        return letter >= '0' && letter <= '9';
    }

    /// 0 after the end.
    private int byteAt(int index) {
        return index < end ? bytes[index] & 0xFF : 0;
    }
}
