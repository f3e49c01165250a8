package io.fustor.source.mysql.server;

/// The one place where text becomes part of a statement, for statements without bound values.
/// Correct only in sessions whose `sql_mode` has neither `NO_BACKSLASH_ESCAPES` nor `ANSI_QUOTES`,
/// such as a [ServerSession]'s.
public final class Quoting {

    private Quoting() {}

    /// A name of a schema, table, column or constraint.
    ///
    /// @throws IllegalArgumentException if it cannot be a name
    public static String identifier(String name) {
        if (name.isEmpty() || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a name is not empty and holds no zero byte");
        }
        return "`" + name.replace("`", "``") + "`";
    }

    /// A string.
    public static String literal(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "''").replace("\0", "\\0") + "'";
    }
}
