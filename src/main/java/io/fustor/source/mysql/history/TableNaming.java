package io.fustor.source.mysql.history;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.TableSchema;
import org.jspecify.annotations.Nullable;

/// What the history makes of a table map without names.
///
/// @param table with names, or as the table map has it where they are not known: its row images can
///   be passed over then, and nobody can read them
/// @param problem a sentence for a person that says why the names are not known, or null
public record TableNaming(TableSchema table, @Nullable String problem) {

    /// The table with its names.
    ///
    /// @throws SourceException `SCHEMA_UNKNOWN` where they are not known
    public TableSchema named() {
        if (problem != null) {
            throw new SourceException(FailureCode.SCHEMA_UNKNOWN, problem);
        }
        return table;
    }
}
