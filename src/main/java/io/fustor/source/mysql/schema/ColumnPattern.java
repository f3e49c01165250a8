package io.fustor.source.mysql.schema;

import java.util.ArrayList;
import java.util.List;

/// `schema.table.column`, where `*` stands for any run of characters in each part. The column is
/// compared without regard to case, as servers do.
public record ColumnPattern(NamePattern schema, NamePattern table, NamePattern column) {

    /// Reads patterns that are separated by commas.
    ///
    /// @param key what holds them, for the messages
    /// @throws IllegalArgumentException with a sentence that begins with the key
    static List<ColumnPattern> parse(String key, String text) {
        String takes = key + " takes schema.table.column names, * as wildcard in each part: ";
        List<ColumnPattern> patterns = new ArrayList<>();
        for (List<QualifiedNames.Part> parts : names(text, takes)) {
            if (parts.size() != 3) {
                throw new IllegalArgumentException(takes + "each name has three parts");
            }
            patterns.add(
                    new ColumnPattern(
                            NamePattern.of(parts.get(0)),
                            NamePattern.of(parts.get(1)),
                            NamePattern.of(parts.get(2)).ofColumn()));
        }
        return patterns;
    }

    private static List<List<QualifiedNames.Part>> names(String text, String takes) {
        try {
            return QualifiedNames.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(takes + e.getMessage(), e);
        }
    }

    /// The pattern by the names that a server stores.
    ColumnPattern under(NameRule names) {
        return new ColumnPattern(schema.under(names), table.under(names), column);
    }

    /// Whether it is the name of one column.
    public boolean isName() {
        return schema.isName() && table.isName() && column.isName();
    }

    /// The table of a pattern that names one.
    public TableId tableId() {
        return new TableId(schema.text(), table.text());
    }

    private boolean matches(TableId id) {
        return schema.matches(id.schema()) && table.matches(id.table());
    }

    /// @param wanted as [NameRule#column] gives it
    boolean matches(TableId id, String wanted) {
        return matches(id) && column.matches(wanted);
    }

    /// Whether it matches every column of the table, whatever they are called.
    boolean matchesAllOf(TableId id) {
        return column.isAny() && matches(id);
    }

    /// Whether a pattern of visible columns matches one of the table. A wildcard does not reach
    /// into the system schemas.
    boolean shows(TableId id) {
        return matches(id) && (schema.isName() || !id.isSystem());
    }

    @Override
    public String toString() {
        return schema.text() + "." + table.text() + "." + column.text();
    }
}
