package io.fustor.source.mysql.server;

import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.SqlErrors;
import io.fustor.source.mysql.connection.SqlRows;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Checks whether tables can be opened and read: many with one statement and, if that fails, one by
/// one. For one thread, on a connection of [TableQuestions].
final class TableProbe {

    private static final int QUERIES_AT_ONCE = 50;

    private final Connection connection;
    private final ServerAccess access;

    TableProbe(Connection connection, ServerAccess access) {
        this.connection = connection;
        this.access = access;
    }

    /// The tables whose query the server refuses, with the reasons.
    ///
    /// @throws SourceException `TABLE_LOCKED`; any failure that may end by itself
    List<PassedOver> unreadable(Map<TableId, String> queries) throws SQLException {
        List<PassedOver> unreadable = new ArrayList<>();
        Map<TableId, String> some = new LinkedHashMap<>();
        for (Map.Entry<TableId, String> query : queries.entrySet()) {
            some.put(query.getKey(), query.getValue());
            if (some.size() == QUERIES_AT_ONCE) {
                probe(some, unreadable);
                some.clear();
            }
        }
        probe(some, unreadable);
        return unreadable;
    }

    private void probe(Map<TableId, String> queries, List<PassedOver> unreadable)
            throws SQLException {
        boolean isOne = queries.size() == 1;
        if (queries.isEmpty() || (!isOne && refusal(together(queries)) == null)) {
            return;
        }
        for (Map.Entry<TableId, String> query : queries.entrySet()) {
            PassedOver refused = probe(query.getKey(), query.getValue());
            if (refused != null) {
                unreadable.add(refused);
            }
        }
    }

    private static String together(Map<TableId, String> queries) {
        return queries.values().stream()
                .map(query -> "SELECT 1 FROM (" + query + ") one_query")
                .collect(Collectors.joining(" UNION ALL "));
    }

    /// Why the server refuses a query on a table, or null if it runs it.
    @Nullable PassedOver probe(TableId table, String query) throws SQLException {
        SourceException refusal = refusal(query);
        return refusal == null ? null : refusedBy(table, refusal);
    }

    /// The meaning of the server's error for one table.
    ///
    /// @throws SourceException any failure that may end by itself
    /// @throws SQLException if the connection was lost
    PassedOver refusedBy(TableId table, SQLException error) throws SQLException {
        return refusedBy(table, refusal(error));
    }

    private static PassedOver refusedBy(TableId table, SourceException refusal) {
        SourceException failure = TableFailures.about(table, refusal);
        if (failure.code() == FailureCode.TABLE_UNREADABLE
                || failure.code() == FailureCode.PRIVILEGE_MISSING) {
            return new PassedOver(
                    table,
                    failure.code(),
                    Objects.requireNonNullElse(refusal.getMessage(), "it gave no reason"));
        }
        throw failure;
    }

    private @Nullable SourceException refusal(String query) throws SQLException {
        try {
            SqlRows.execute(connection, query);
            return null;
        } catch (SQLException e) {
            return refusal(e);
        }
    }

    private SourceException refusal(SQLException error) throws SQLException {
        SourceException failure = SqlErrors.translate(error, access);
        if (failure.code() == FailureCode.CONNECTION_LOST
                || failure.code() == FailureCode.SERVER_STALLED) {
            throw error;
        }
        return failure;
    }
}
