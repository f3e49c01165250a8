package io.fustor.source.mysql.schema;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The tables and columns that a subscriber selects. Equal selections select the same.
///
/// @param tables patterns; a table has to match one of them; empty for every table outside the
///   system schemas
/// @param columns the selected columns by table, as [NameRule#column] gives them; empty for all
///   columns of the tables
/// @param without columns that are not selected; a table of which nothing else is left is not
/// @param scope what the subscriber may see; the selection includes nothing else
public record Selection(
        List<TablePattern> tables,
        Map<TableId, Set<String>> columns,
        List<ColumnPattern> without,
        Scope scope) {

    public static final Selection EVERYTHING = new Selection(List.of(), Map.of());

    public Selection {
        tables = List.copyOf(tables);
        columns = Map.copyOf(columns);
        without = List.copyOf(without);
    }

    /// A selection of a caller who may see everything.
    public Selection(List<TablePattern> tables, Map<TableId, Set<String>> columns) {
        this(tables, columns, List.of(), Scope.EVERYTHING);
    }

    /// The part of the selection that lies within a scope.
    public Selection within(Scope limits) {
        return new Selection(tables, columns, without, limits);
    }

    /// `schema.table`, where `*` matches any sequence of characters.
    public record TablePattern(String schema, String table, boolean literal) {

        /// Whether the pattern names one table in full.
        public boolean isName() {
            return literal || (schema.indexOf('*') < 0 && table.indexOf('*') < 0);
        }

        /// Reads the name of a table, `*` as wildcard in either part.
        ///
        /// @throws IllegalArgumentException with the end of a sentence
        public static TablePattern parse(String text) {
            return of(QualifiedNames.parse(text), "");
        }

        static TablePattern of(List<List<QualifiedNames.Part>> names, String takes) {
            if (names.size() != 1 || names.getFirst().size() != 2) {
                throw new IllegalArgumentException(takes + "each name has two parts");
            }
            QualifiedNames.Part schema = names.getFirst().getFirst();
            QualifiedNames.Part table = names.getFirst().getLast();
            return new TablePattern(schema.text(), table.text(), schema.quoted() && table.quoted());
        }

        /// The pattern by the names that a server stores.
        public TablePattern under(NameRule names) {
            return new TablePattern(names.stored(schema), names.stored(table), literal);
        }

        /// The pattern as [#parse] reads it.
        public String text() {
            return text(schema) + "." + text(table);
        }

        private String text(String part) {
            boolean isPlain = part.chars().noneMatch(c -> ".,`: ".indexOf(c) >= 0);
            return isPlain && !literal ? part : "`" + part.replace("`", "``") + "`";
        }

        public boolean matches(TableId id) {
            if (isName()) {
                return schema.equals(id.schema()) && table.equals(id.table());
            }
            boolean hidden = id.isSystem() && schema.indexOf('*') >= 0;
            return !hidden
                    && NamePattern.matches(schema, id.schema())
                    && NamePattern.matches(table, id.table());
        }

        /// Whether there may be a table that matches both patterns.
        public boolean mayMeet(TablePattern other) {
            return meet(schema, isName(), other.schema, other.isName())
                    && meet(table, isName(), other.table, other.isName());
        }

        private static boolean meet(String one, boolean isName, String other, boolean isOtherName) {
            if (isOtherName) {
                return isName ? one.equals(other) : NamePattern.matches(one, other);
            }
            if (isName) {
                return NamePattern.matches(other, one);
            }
            // Between their first and their last star both may hold anything.
            return haveSame(one.substring(0, star(one)), other.substring(0, star(other)))
                    && haveSame(
                            reversed(one.substring(one.lastIndexOf('*') + 1)),
                            reversed(other.substring(other.lastIndexOf('*') + 1)));
        }

        private static int star(String glob) {
            int star = glob.indexOf('*');
            return star < 0 ? glob.length() : star;
        }

        private static String reversed(String text) {
            return new StringBuilder(text).reverse().toString();
        }

        private static boolean haveSame(String one, String other) {
            return one.startsWith(other) || other.startsWith(one);
        }
    }

    /// Parses the feed's parameters `tables`, `fields` and `without`; an empty text is the default
    /// of each.
    ///
    /// @throws IllegalArgumentException with a sentence that names the parameter and its format
    public static Selection parse(String tables, String fields, String without) {
        return new Selection(
                tables.isBlank() ? List.of() : parseTables(tables),
                fields.isBlank() ? Map.of() : parseFields(fields),
                without.isBlank() ? List.of() : ColumnPattern.parse("without", without),
                Scope.EVERYTHING);
    }

    /// The same selection with the names that a server stores.
    public Selection under(NameRule names) {
        if (names == NameRule.EXACT) {
            return this;
        }
        Map<TableId, Set<String>> stored = new LinkedHashMap<>();
        columns.forEach(
                (table, wanted) ->
                        stored.computeIfAbsent(names.stored(table), _ -> new HashSet<>())
                                .addAll(wanted));
        return new Selection(
                tables.stream().map(one -> one.under(names)).toList(),
                stored,
                without.stream().map(one -> one.under(names)).toList(),
                scope.under(names));
    }

    private static List<TablePattern> parseTables(String text) {
        String takes =
                "tables takes schema.table names separated by commas, * as wildcard in either part: ";
        List<TablePattern> patterns = new ArrayList<>();
        for (List<QualifiedNames.Part> parts : names(text, takes)) {
            patterns.add(TablePattern.of(List.of(parts), takes));
        }
        return patterns;
    }

    private static Map<TableId, Set<String>> parseFields(String text) {
        String takes = "fields takes schema.table.column names separated by commas: ";
        Map<TableId, Set<String>> columns = new LinkedHashMap<>();
        for (List<QualifiedNames.Part> parts : names(text, takes)) {
            if (parts.size() != 3) {
                throw new IllegalArgumentException(takes + "each name has three parts");
            }
            TableId table = new TableId(parts.get(0).text(), parts.get(1).text());
            columns.computeIfAbsent(table, _ -> new HashSet<>())
                    .add(NameRule.column(parts.get(2).text()));
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

    /// Whether rows of the table are selected, as far as its name tells.
    public boolean includes(TableId id) {
        return asksFor(id) && scope.includes(id);
    }

    /// Whether rows of the table are selected. A table without a selected column is not.
    public boolean includes(TableSchema table) {
        return asksFor(table.id()) && scope.includes(table) && !isWithoutAllOf(table);
    }

    private boolean isWithoutAllOf(TableSchema table) {
        return !without.isEmpty()
                && table.isNamed()
                && table.columns().stream().noneMatch(one -> includes(table.id(), one.name()));
    }

    private boolean asksFor(TableId id) {
        if (!columns.isEmpty() && !columns.containsKey(id)) {
            return false;
        }
        for (ColumnPattern pattern : without) {
            if (pattern.matchesAllOf(id)) {
                return false;
            }
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

    /// Whether a column of an included table is selected.
    public boolean includes(TableId id, String column) {
        String name = NameRule.column(column);
        Set<String> wanted = columns.get(id);
        return (columns.isEmpty() || (wanted != null && wanted.contains(name)))
                && without.stream().noneMatch(one -> one.matches(id, name))
                && scope.includes(id, column);
    }
}
