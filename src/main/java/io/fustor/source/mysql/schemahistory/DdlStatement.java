package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.schema.TableId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The effect of a binlog statement on the schema history.
sealed interface DdlStatement {

    /// None: it is about something other than databases and tables, or about temporary tables.
    record None() implements DdlStatement {}

    /// It changes databases or tables, in this order.
    record Changes(List<SchemaChange> changes) implements DdlStatement {

        public Changes {
            changes = List.copyOf(changes);
        }
    }

    /// Unknown: a statement that the parser does not know.
    ///
    /// @param tables what it might touch: every name in it, taken as a table's name
    /// @param made what it might create: the names after words such as `TABLE`
    /// @param schemas every name in it, if it is about databases
    /// @param why the end of a sentence for a person
    /// @param isOfEverything whether it may touch any table
    record Unknown(
            Set<TableId> tables,
            Set<TableId> made,
            Set<String> schemas,
            String why,
            boolean isOfEverything)
            implements DdlStatement {

        Unknown(Set<TableId> tables, Set<TableId> made, Set<String> schemas, String why) {
            this(tables, made, schemas, why, false);
        }

        /// Touches everything that two readings of the same bytes touch.
        static Unknown either(DdlStatement one, DdlStatement other, String why) {
            Set<TableId> tables = new HashSet<>();
            Set<TableId> made = new HashSet<>();
            Set<String> schemas = new HashSet<>();
            boolean isOfEverything = false;
            for (DdlStatement statement : List.of(one, other)) {
                switch (statement) {
                    case None _ -> {
                        // Touches nothing.
                    }
                    case Changes(List<SchemaChange> changes) -> {
                        for (SchemaChange change : changes) {
                            made.addAll(TouchedTables.changed(change));
                            schemas.addAll(TouchedTables.changedSchemas(change));
                        }
                    }
                    case Unknown unknown -> {
                        tables.addAll(unknown.tables());
                        made.addAll(unknown.made());
                        schemas.addAll(unknown.schemas());
                        isOfEverything |= unknown.isOfEverything();
                    }
                }
            }
            return new Unknown(tables, made, schemas, why, isOfEverything);
        }

        static Unknown ofEverything(String why) {
            return new Unknown(Set.of(), Set.of(), Set.of(), why, true);
        }
    }
}
