package io.fustor.source.mysql.error;

import java.util.Locale;

/// Makes text from servers and callers safe to show. Removes characters that begin lines, control
/// terminals or change the text direction, and limits the length. Logs, problem bodies, error
/// events and health show foreign text only through this class.
public final class PlainText {

    private static final int LONGEST_DETAIL = 4096;

    private PlainText() {}

    /// A detail: unsafe characters become readable escapes, `\n` or `\u001b`.
    public static String detail(String text) {
        return of(text, LONGEST_DETAIL);
    }

    /// The text with escapes, cut to a length.
    ///
    /// @param longest the maximum number of characters that are kept
    public static String of(String text, int longest) {
        int end = Math.min(text.length(), longest);
        if (end == text.length() && isPlain(text)) {
            return text;
        }
        StringBuilder plain = new StringBuilder(end + 16);
        for (int i = 0; i < end; i++) {
            append(text.charAt(i), plain);
        }
        if (end < text.length()) {
            plain.append("… (").append(text.length() - end).append(" characters more)");
        }
        return plain.toString();
    }

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isPlain(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static void append(char c, StringBuilder plain) {
        if (isPlain(c)) {
            plain.append(c);
            return;
        }
        if (c >= 0x7F && c < 0xA0) {
            plain.append('\uFFFD');
            return;
        }
        switch (c) {
            case '\n' -> plain.append("\\n");
            case '\r' -> plain.append("\\r");
            default -> plain.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
        }
    }

    /// A tab is safe. Unsafe are the control characters of ASCII and C1, the line and paragraph
    /// separators, and the characters that set or embed a direction.
    private static boolean isPlain(char c) {
        if (c < 0x20) {
            return c == '\t';
        }
        if (c < 0x7F) {
            return true;
        }
        if (c < 0xA0 || c == 0x061C) {
            return false;
        }
        return (c < 0x200E || c > 0x200F)
                && (c < 0x2028 || c > 0x202E)
                && (c < 0x2066 || c > 0x2069);
    }
}
