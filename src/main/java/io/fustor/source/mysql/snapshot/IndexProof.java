package io.fustor.source.mysql.snapshot;

import io.fustor.source.mysql.connection.SqlRows;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/// Checks that the server reads a table by the index that defines the order of its rows, and does
/// not sort. A sort compares only the first bytes of a value and ignores differences that the index
/// keeps. Any other plan ends the snapshot, so that no row is lost.
final class IndexProof {

    /// How a table of at most one row, or a condition without matching rows, is read.
    private static final Set<String> NO_ORDER_NEEDED = Set.of("", "system", "const");

    private IndexProof() {}

    /// @param select the statement that will read the table
    /// @throws SourceException `TABLE_UNREADABLE` if the server would sort
    static void require(ConsistentView view, TableQuery query, String select) {
        if (!query.isResumable()) {
            return;
        }
        String sql = "EXPLAIN FORMAT=TRADITIONAL " + select;
        view.ask(open -> SqlRows.read(open, sql, row -> requireByIndex(query, row)));
    }

    /// Whether the server reads a statement's rows in its order by whatever index, and sorts
    /// nothing.
    static boolean isInOrder(ConsistentView view, String select) {
        String sql = "EXPLAIN FORMAT=TRADITIONAL " + select;
        List<Boolean> inOrder = view.ask(open -> SqlRows.read(open, sql, row -> !isSorted(row)));
        return inOrder.stream().allMatch(Boolean::booleanValue);
    }

    private static boolean isSorted(ResultSet row) throws SQLException {
        String extra = text(row, "Extra").toLowerCase(Locale.ROOT);
        return extra.contains("filesort") || extra.contains("temporary");
    }

    private static boolean requireByIndex(TableQuery query, ResultSet row) throws SQLException {
        if (!isByIndex(query, row)) {
            throw unproven(query, row);
        }
        return true;
    }

    private static boolean isByIndex(TableQuery query, ResultSet row) throws SQLException {
        return !isSorted(row)
                && (text(row, "key").equals(query.index())
                        || NO_ORDER_NEEDED.contains(text(row, "type").toLowerCase(Locale.ROOT)));
    }

    private static SourceException unproven(TableQuery query, ResultSet row) throws SQLException {
        return new SourceException(
                FailureCode.TABLE_UNREADABLE,
                "the server would not read "
                        + query.table().schema().id()
                        + " in the order of its index "
                        + query.index()
                        + " (key "
                        + text(row, "key")
                        + ", "
                        + text(row, "Extra")
                        + "), and another order loses rows");
    }

    private static String text(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNullElse(row.getString(column), "");
    }
}
