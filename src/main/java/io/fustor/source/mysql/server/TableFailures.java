package io.fustor.source.mysql.server;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.TableId;
import org.jspecify.annotations.Nullable;

/// Classifies an error of the server about one table. Errors that may end by themselves are listed.
/// Every other error persists until a person repairs the table.
public final class TableFailures {

    private static final String WHO_LOCKS =
            " is locked by another session: LOCK TABLES, or an ALTER TABLE that waits for an open"
                    + " transaction (SHOW PROCESSLIST and performance_schema.metadata_locks name it)";

    private TableFailures() {}

    /// The same failure, with the table's name.
    public static SourceException about(TableId table, SourceException failure) {
        return switch (failure.code()) {
            case TABLE_LOCKED -> locked(table, failure);
            case SERVER_ERROR -> mayHeal(failure) ? named(table, failure) : broken(table, failure);
            case PRIVILEGE_MISSING -> named(table, failure);
            default -> failure;
        };
    }

    static SourceException locked(TableId table, @Nullable Exception cause) {
        return new SourceException(FailureCode.TABLE_LOCKED, table + WHO_LOCKS, cause);
    }

    private static SourceException named(TableId table, SourceException failure) {
        return new SourceException(
                failure.code(), "reading " + table + ": " + failure.getMessage(), failure);
    }

    private static SourceException broken(TableId table, SourceException failure) {
        return new SourceException(
                FailureCode.TABLE_UNREADABLE,
                "the server cannot read " + table + " (" + failure.getMessage() + ")",
                failure);
    }

    /// Whether the same statement may succeed later without a repair: disk space and memory become
    /// free, deadlocks and time limits end, a killed statement can run again.
    private static boolean mayHeal(SourceException failure) {
        return switch (ServerSession.errorNumber(failure)) {
            // Memory, threads, disk space, open files; not 1038, which every attempt meets.
            case 1021, 1037, 1041, 1135, 23, 24, 28 -> true;
            // Deadlocks, killed statements, time limits.
            case 1205, 1213, 1317, 1969, 3024, 3572 -> true;
            // Temporary states of a server: it starts, stops, recovers, or is offline.
            case 1053, 1836, 3032, 3169 -> true;
            default -> false;
        };
    }
}
