package io.fustor.source.mysql.schema;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Which tables and columns a caller may see. What a scope leaves out does not exist for the
/// caller. A [Selection] holds one beside what the caller asks for, so that equal selections show
/// the same.
///
/// @param isEverything whether the scope leaves nothing out, the system schemas included
/// @param tables patterns, any of which a table has to match; empty for every table except those of
///   the system schemas
/// @param fields the visible columns; empty for all
/// @param without the columns that are not visible
/// @param needs columns without which tables are not visible
public record Scope(
        boolean isEverything,
        List<Selection.TablePattern> tables,
        List<ColumnPattern> fields,
        List<ColumnPattern> without,
        List<Need> needs) {

    /// For callers without a grant.
    public static final Scope EVERYTHING =
            new Scope(true, List.of(), List.of(), List.of(), List.of());

    public Scope {
        tables = List.copyOf(tables);
        fields = List.copyOf(fields);
        without = List.copyOf(without);
        needs = List.copyOf(needs);
    }

    /// The columns without which a table is not visible. Whether they are visible does not matter.
    ///
    /// @param columns as [NameRule#column] gives them
    public record Need(Selection.TablePattern tables, Set<String> columns) {

        public Need {
            columns = Set.copyOf(columns);
        }

        private Need under(NameRule names) {
            return new Need(tables.under(names), columns);
        }
    }

    /// Reads the patterns of a grant, one name each.
    ///
    /// @throws IllegalArgumentException with a sentence that names the pattern and what it takes
    public static Scope parse(List<String> tables, List<String> fields, List<String> without) {
        List<Selection.TablePattern> tablePatterns = new ArrayList<>();
        for (String text : tables) {
            tablePatterns.addAll(Selection.parse(one(text, "tables"), "", "").tables());
        }
        return new Scope(
                false,
                tablePatterns,
                columns("fields", fields),
                columns("without", without),
                List.of());
    }

    /// The same scope without the tables that lack what is needed.
    public Scope needing(List<Need> needed) {
        return new Scope(isEverything, tables, fields, without, needed);
    }

    private static List<ColumnPattern> columns(String key, List<String> texts) {
        List<ColumnPattern> patterns = new ArrayList<>();
        for (String text : texts) {
            List<ColumnPattern> read = ColumnPattern.parse(key, one(text, key));
            if (read.size() != 1) {
                throw new IllegalArgumentException(key + ": an element holds one name");
            }
            patterns.add(read.getFirst());
        }
        return patterns;
    }

    private static String one(String text, String key) {
        if (text.isBlank()) {
            throw new IllegalArgumentException(key + " holds an empty name");
        }
        return text;
    }

    /// The same scope by the names that a server stores.
    public Scope under(NameRule names) {
        if (isEverything || names == NameRule.EXACT) {
            return this;
        }
        return new Scope(
                false,
                tables.stream().map(one -> one.under(names)).toList(),
                fields.stream().map(one -> one.under(names)).toList(),
                without.stream().map(one -> one.under(names)).toList(),
                needs.stream().map(one -> one.under(names)).toList());
    }

    /// Whether all columns of a visible table are visible.
    public boolean hasAllColumns() {
        return fields.isEmpty() && without.isEmpty();
    }

    /// Whether the table is visible, as far as its name tells.
    public boolean includes(TableId id) {
        return isEverything
                || (includesByTables(id) && includesByFields(id) && !isWithoutAllOf(id));
    }

    private boolean includesByTables(TableId id) {
        if (tables.isEmpty()) {
            return !id.isSystem();
        }
        for (Selection.TablePattern pattern : tables) {
            if (pattern.matches(id)) {
                return true;
            }
        }
        return false;
    }

    private boolean includesByFields(TableId id) {
        return fields.isEmpty() || fields.stream().anyMatch(pattern -> pattern.shows(id));
    }

    private boolean isWithoutAllOf(TableId id) {
        return without.stream().anyMatch(pattern -> pattern.matchesAllOf(id));
    }

    /// Whether the table is visible: at least one of its columns is, and it has those that it
    /// needs.
    public boolean includes(TableSchema table) {
        if (!includes(table.id()) || !lacking(table).isEmpty()) {
            return false;
        }
        return isEverything
                || hasAllColumns()
                || !table.isNamed()
                || table.columns().stream().anyMatch(one -> includes(table.id(), one.name()));
    }

    /// The needed columns that a table lacks; empty where its columns are not known.
    public Set<String> lacking(TableSchema table) {
        return needs.isEmpty() || !table.isNamed()
                ? Set.of()
                : lacking(table.id(), table.columns().stream().map(Column::name).toList());
    }

    /// The needed columns that are not among those of a table.
    ///
    /// @param columns in any case
    public Set<String> lacking(TableId id, Collection<String> columns) {
        Set<String> lacking = new TreeSet<>();
        for (Need need : needs) {
            if (need.tables().matches(id)) {
                lacking.addAll(need.columns());
            }
        }
        if (!lacking.isEmpty()) {
            columns.forEach(column -> lacking.remove(NameRule.column(column)));
        }
        return lacking;
    }

    /// Whether a column is visible.
    public boolean includes(TableId id, String column) {
        if (isEverything) {
            return true;
        }
        if (!includes(id)) {
            return false;
        }
        String name = NameRule.column(column);
        return (fields.isEmpty()
                        || fields.stream().anyMatch(one -> one.shows(id) && one.matches(id, name)))
                && without.stream().noneMatch(one -> one.matches(id, name));
    }

    /// Whether a column is visible by either rule of names: for names of a server that cannot say
    /// which rule it has.
    public boolean includesByAnyRule(TableId id, String column) {
        return includes(id, column)
                && under(NameRule.LOWER_CASE).includes(NameRule.LOWER_CASE.stored(id), column);
    }
}
