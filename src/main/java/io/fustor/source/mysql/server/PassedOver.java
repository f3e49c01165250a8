package io.fustor.source.mysql.server;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.schema.TableId;

/// A selected table whose rows cannot be read.
///
/// @param table `*.*` for all tables that the server hides from the user
/// @param code `PRIVILEGE_MISSING`, `TABLE_UNREADABLE`, `UNSUPPORTED_TYPE` or `METADATA_MISSING`
/// @param reason the end of a sentence: why, and what to grant if that helps
/// @param hasRows whether rows of it are missing; a view has none of its own
public record PassedOver(TableId table, FailureCode code, String reason, boolean hasRows) {

    public PassedOver(TableId table, FailureCode code, String reason) {
        this(table, code, reason, true);
    }

    @Override
    public String toString() {
        return table + " (" + reason + ")";
    }
}
