package io.fustor.source.mysql.condition;

import io.fustor.source.mysql.error.RequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Takes a condition apart by the rules of MySQL's lexer, as far as a condition needs it: words,
/// names in backquotes, texts in single or double quotes with their escapes, numbers, hexadecimal
/// bytes and signs. There are no comments, and no character set before a text.
final class ConditionTokens {

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    enum Kind {
        /// A keyword, or a name without quotes.
        WORD,
        /// A name in backquotes.
        NAME,
        TEXT,
        NUMBER,
        /// Hexadecimal digits.
        BYTES,
        /// An operator, bracket, comma or sign.
        SIGN,
        END
    }

    /// @param text without quotes and escapes; of a word as it is written
    /// @param at where it begins, from 0
    record Token(Kind kind, String text, int at) {

        boolean isWord(String word) {
            return kind == Kind.WORD && text.equalsIgnoreCase(word);
        }

        boolean isSign(String sign) {
            return kind == Kind.SIGN && text.equals(sign);
        }

        boolean isName() {
            return kind == Kind.WORD || kind == Kind.NAME;
        }
    }

    private ConditionTokens(String text, int from) {
        this.text = text;
        this.at = from;
    }

    /// All tokens from an index on, and an END.
    ///
    /// @throws RequestException `INVALID_REQUEST` where the text cannot be taken apart
    static List<Token> of(String text, int from) {
        ConditionTokens reader = new ConditionTokens(text, from);
        while (reader.next()) {
            // Goes on.
        }
        reader.tokens.add(new Token(Kind.END, "", text.length()));
        return reader.tokens;
    }

    private boolean next() {
        while (at < text.length() && text.charAt(at) <= ' ') {
            at++;
        }
        if (at == text.length()) {
            return false;
        }
        char c = text.charAt(at);
        switch (c) {
            case '\'', '"' -> quoted(Kind.TEXT, c);
            case '`' -> quoted(Kind.NAME, c);
            default -> unquoted(c);
        }
        return true;
    }

    private void unquoted(char c) {
        if (isDigit(at) || (c == '.' && isDigit(at + 1))) {
            number();
        } else if ((c == 'x' || c == 'X')
                && at + 1 < text.length()
                && text.charAt(at + 1) == '\'') {
            bytes();
        } else if (isNameCharacter(at)) {
            int start = at;
            while (isNameCharacter(at)) {
                at++;
            }
            tokens.add(new Token(Kind.WORD, text.substring(start, at), start));
        } else {
            sign();
        }
    }

    private void sign() {
        for (String sign : List.of("<=>", "<=", ">=", "<>", "!=")) {
            if (text.startsWith(sign, at)) {
                tokens.add(new Token(Kind.SIGN, sign, at));
                at += sign.length();
                return;
            }
        }
        int end = at + Character.charCount(text.codePointAt(at));
        tokens.add(new Token(Kind.SIGN, text.substring(at, end), at));
        at = end;
    }

    private void number() {
        int start = at;
        digits();
        if (at < text.length() && text.charAt(at) == '.') {
            at++;
            digits();
        }
        exponent();
        if (isNameCharacter(at)) {
            throw RequestException.invalid("condition.number", start + 1);
        }
        tokens.add(new Token(Kind.NUMBER, text.substring(start, at), start));
    }

    private void exponent() {
        if (at >= text.length() || (text.charAt(at) != 'e' && text.charAt(at) != 'E')) {
            return;
        }
        int letter = at++;
        if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
            at++;
        }
        if (!isDigit(at)) {
            throw RequestException.invalid("condition.number", letter + 1);
        }
        digits();
    }

    private void digits() {
        while (isDigit(at)) {
            at++;
        }
    }

    private boolean isDigit(int index) {
        return index < text.length() && text.charAt(index) >= '0' && text.charAt(index) <= '9';
    }

    private boolean isNameCharacter(int index) {
        if (index >= text.length()) {
            return false;
        }
        char c = text.charAt(index);
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '_'
                || c == '$'
                || c > 0x7F;
    }

    private void bytes() {
        int start = at;
        int end = text.indexOf('\'', start + 2);
        String digits = end < 0 ? "" : text.substring(start + 2, end);
        boolean isHex = digits.chars().allMatch(c -> c < 0x80 && Character.digit(c, 16) >= 0);
        if (end < 0 || !isHex || digits.length() % 2 != 0) {
            throw RequestException.invalid("condition.bytes", start + 1);
        }
        tokens.add(new Token(Kind.BYTES, digits.toLowerCase(Locale.ROOT), start));
        at = end + 1;
    }

    private void quoted(Kind kind, char quote) {
        int start = at++;
        StringBuilder unquoted = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            boolean hasNext = at < text.length();
            if (c == quote) {
                if (!hasNext || text.charAt(at) != quote) {
                    tokens.add(new Token(kind, unquoted.toString(), start));
                    return;
                }
                at++;
                unquoted.append(quote);
            } else if (c == '\\' && kind == Kind.TEXT && hasNext) {
                unquoted.append(unescaped(text.charAt(at++)));
            } else {
                unquoted.append(c);
            }
        }
        throw RequestException.invalid("condition.quote", start + 1);
    }

    private static String unescaped(char c) {
        return switch (c) {
            case '0' -> "\0";
            case 'b' -> "\b";
            case 'n' -> "\n";
            case 'r' -> "\r";
            case 't' -> "\t";
            case 'Z' -> "\u001A";
            // Before these two the backslash stays, for LIKE's sake.
            case '%' -> "\\%";
            case '_' -> "\\_";
            default -> String.valueOf(c);
        };
    }
}
