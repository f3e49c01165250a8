package io.fustor.source.mysql.schema;

/// How a server compares the names of schemas and tables, by its `lower_case_table_names`. Every
/// comparison of such names uses the form that this rule stores.
///
/// Every server compares the names of columns without regard to case: [#column].
public enum NameRule {
    /// `0`: names are compared exactly.
    EXACT,

    /// `1` and `2`: names that differ only in case are the same. Binlogs and feeds have them in
    /// lower case, even if the server keeps the spelling of the statement that created the table
    /// (`2`).
    LOWER_CASE;

    /// Pairs of the first and last capital letter of a range that servers do not convert: their
    /// table of lower case letters is older than Java's. All supported servers use the one of
    /// `utf8mb3_general_ci`.
    private static final char[] LEFT_ALONE = {
        '\u0220', '\u0220', '\u023A', '\u037F', '\u03CF', '\u03D8', '\u03F4', '\u03FF', '\u048A',
        '\u048A', '\u04C0', '\u04C0', '\u04C5', '\u04C5', '\u04C9', '\u04C9', '\u04CD', '\u04CD',
        '\u04F6', '\u04F6', '\u04FA', '\u052E', '\u10A0', '\u1CBF', '\u1E9E', '\u1E9E', '\u1EFA',
        '\u1EFE', '\u2132', '\u2132', '\u2183', '\u2183', '\u2C00', '\uA7F5'
    };

    /// The rule of a server.
    ///
    /// @param lowerCaseTableNames the value of the server variable
    public static NameRule of(int lowerCaseTableNames) {
        return lowerCaseTableNames == 0 ? EXACT : LOWER_CASE;
    }

    /// The name of a schema or table as the server's binlog has it, from any spelling in a
    /// statement or a request. It may contain the wildcards of a pattern.
    public String stored(String name) {
        return switch (this) {
            case EXACT -> name;
            case LOWER_CASE -> lower(name);
        };
    }

    /// A table with its stored names.
    public TableId stored(TableId table) {
        return switch (this) {
            case EXACT -> table;
            case LOWER_CASE -> new TableId(lower(table.schema()), lower(table.table()));
        };
    }

    /// The form in which all spellings of a column's name are equal, on any server.
    public static String column(String name) {
        return lower(name);
    }

    private static String lower(String name) {
        StringBuilder lower = null;
        for (int i = 0; i < name.length(); i++) {
            char written = name.charAt(i);
            char stored = lower(written);
            if (stored != written && lower == null) {
                lower = new StringBuilder(name);
            }
            if (lower != null) {
                lower.setCharAt(i, stored);
            }
        }
        return lower == null ? name : lower.toString();
    }

    private static char lower(char letter) {
        char lower = Character.toLowerCase(letter);
        if (lower == letter || letter < LEFT_ALONE[0]) {
            return lower;
        }
        for (int i = 0; i < LEFT_ALONE.length; i += 2) {
            if (letter >= LEFT_ALONE[i] && letter <= LEFT_ALONE[i + 1]) {
                return letter;
            }
        }
        return lower;
    }
}
