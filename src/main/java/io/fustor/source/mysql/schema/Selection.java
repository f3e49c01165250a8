package io.fustor.source.mysql.schema;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which tables and columns a subscriber wants. Equal selections want the same.
///
/// @param tables patterns, any of which a table has to match; empty for every table but the system
///   schemas'
/// @param columns the wanted columns by table; empty for all columns of the tables
public record Selection(List<TablePattern> tables, Map<TableId, Set<String>> columns) {

    public static final Selection EVERYTHING = new Selection(List.of(), Map.of());

    public Selection {
        tables = List.copyOf(tables);
        columns = Map.copyOf(columns);
    }

    /// `schema.table`, where `*` stands for any run of characters.
    public record TablePattern(String schema, String table, boolean literal) {

        /// Whether the pattern names one table in full.
        public boolean isName() {
            return literal || (schema.indexOf('*') < 0 && table.indexOf('*') < 0);
        }

        boolean matches(TableId id) {
            if (isName()) {
                return schema.equals(id.schema()) && table.equals(id.table());
            }
            boolean hidden = id.isSystem() && schema.indexOf('*') >= 0;
            return !hidden && matches(schema, id.schema()) && matches(table, id.table());
        }

        /// Glob matching in the manner of a loop with one point to fall back to: linear for one
        /// star, never exponential.
        private static boolean matches(String glob, String name) {
            int g = 0;
            int n = 0;
            int star = -1;
            int resume = 0;
            while (n < name.length()) {
                if (g < glob.length() && glob.charAt(g) == '*') {
                    star = g++;
                    resume = n;
                } else if (g < glob.length() && glob.charAt(g) == name.charAt(n)) {
                    g++;
                    n++;
                } else if (star >= 0) {
                    g = star + 1;
                    n = ++resume;
                } else {
                    return false;
                }
            }
            while (g < glob.length() && glob.charAt(g) == '*') {
                g++;
            }
            return g == glob.length();
        }
    }

    /// Reads the feed's parameters `tables` and `fields`; empty text is the default of either.
    ///
    /// @throws IllegalArgumentException with a sentence that names the parameter and what it takes
    public static Selection parse(String tables, String fields) {
        return new Selection(
                tables.isBlank() ? List.of() : parseTables(tables),
                fields.isBlank() ? Map.of() : parseFields(fields));
    }

    private static List<TablePattern> parseTables(String text) {
        String takes =
                "tables takes schema.table names with commas between them, * as wildcard in either part: ";
        List<TablePattern> patterns = new ArrayList<>();
        for (List<QualifiedNames.Part> parts : names(text, takes)) {
            if (parts.size() != 2) {
                throw new IllegalArgumentException(takes + "each name has two parts");
            }
            QualifiedNames.Part schema = parts.getFirst();
            QualifiedNames.Part table = parts.getLast();
            patterns.add(
                    new TablePattern(
                            schema.text(), table.text(), schema.quoted() && table.quoted()));
        }
        return patterns;
    }

    private static Map<TableId, Set<String>> parseFields(String text) {
        String takes = "fields takes schema.table.column names with commas between them: ";
        Map<TableId, Set<String>> columns = new LinkedHashMap<>();
        for (List<QualifiedNames.Part> parts : names(text, takes)) {
            if (parts.size() != 3) {
                throw new IllegalArgumentException(takes + "each name has three parts");
            }
            TableId table = new TableId(parts.get(0).text(), parts.get(1).text());
            columns.computeIfAbsent(table, _ -> new HashSet<>()).add(parts.get(2).text());
        }
        return columns;
    }

    private static List<List<QualifiedNames.Part>> names(String text, String takes) {
        try {
            return QualifiedNames.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(takes + e.getMessage(), e);
        }
    }

    /// Whether rows of the table are wanted.
    public boolean includes(TableId id) {
        if (!columns.isEmpty() && !columns.containsKey(id)) {
            return false;
        }
        if (tables.isEmpty()) {
            return !id.isSystem() || columns.containsKey(id);
        }
        for (TablePattern pattern : tables) {
            if (pattern.matches(id)) {
                return true;
            }
        }
        return false;
    }

    /// Whether a column of an included table is wanted.
    public boolean includes(TableId id, String column) {
        Set<String> wanted = columns.get(id);
        return columns.isEmpty() || (wanted != null && wanted.contains(column));
    }
}
