package io.fustor.source.mysql.connection;

/// A server's text, prepared for a message: on one line, and no longer than a server's own
/// messages.
public final class Printable {

    /// The server's `MYSQL_ERRMSG_SIZE`.
    private static final int LONGEST = 512;

    private Printable() {}

    /// The text, cut if it is too long, with `?` for unprintable characters.
    public static String of(String text) {
        int end = Math.min(text.length(), LONGEST);
        StringBuilder printable = new StringBuilder(end);
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            printable.append(Character.isISOControl(c) ? '?' : c);
        }
        return end < text.length() ? printable.append('…').toString() : printable.toString();
    }
}
