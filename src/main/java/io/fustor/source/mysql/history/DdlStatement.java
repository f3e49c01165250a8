package io.fustor.source.mysql.history;

import io.fustor.source.mysql.schema.TableId;
import java.util.List;
import java.util.Set;

/// What a statement in the binlog is to the schema history.
sealed interface DdlStatement {

    /// Nothing: it is about something else than databases and tables, or about temporary tables.
    record None() implements DdlStatement {}

    /// It changes databases or tables, in this order.
    record Changes(List<SchemaChange> changes) implements DdlStatement {

        public Changes {
            changes = List.copyOf(changes);
        }
    }

    /// Nobody knows what it does: a statement that the parser does not know.
    ///
    /// @param tables what it might touch of what is there: every name in it, taken for a table's
    /// @param made what it might make: the names behind such words as `TABLE`
    /// @param schemas where it is about databases, every name in it
    /// @param why the parser's words, for a person
    record Unknown(Set<TableId> tables, Set<TableId> made, Set<String> schemas, String why)
            implements DdlStatement {}
}
