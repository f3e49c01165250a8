package io.fustor.source.mysql.server;

/// The one place where text becomes part of a statement, for those that take no bound values. Right
/// in sessions whose `sql_mode` has neither `NO_BACKSLASH_ESCAPES` nor `ANSI_QUOTES`, as a
/// [ServerSession]'s has.
public final class Quoting {

    private Quoting() {}

    /// A name of a schema, table, column or constraint.
    ///
    /// @throws IllegalArgumentException where no name can be so
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
