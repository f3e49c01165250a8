package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.TableSchema;
import org.jspecify.annotations.Nullable;

/// The history's result for a table map without names.
///
/// @param table with names, or as in the table map if they are unknown: its row images can then be
///   skipped but not read
/// @param problem a sentence for a person that says why the names are unknown, or null
public record TableNaming(TableSchema table, @Nullable String problem) {

    /// The table with its names.
    ///
    /// @throws SourceException `SCHEMA_UNKNOWN` if they are unknown
    public TableSchema named() {
        if (problem != null) {
            throw new SourceException(FailureCode.SCHEMA_UNKNOWN, problem);
        }
        return table;
    }
}
