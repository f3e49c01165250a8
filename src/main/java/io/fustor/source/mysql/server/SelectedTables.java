package io.fustor.source.mysql.server;

import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.SqlRows;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Divides a selection's tables into those whose rows the user may read and all others, with the
/// reason. For one thread, on a connection of [TableQuestions].
final class SelectedTables {

    private static final TableId HIDDEN = new TableId("*", "*");

    private final Connection connection;
    private final ServerAccess access;
    private final TableProbe probe;
    private final List<TableDescription> readable = new ArrayList<>();
    private final List<PassedOver> passedOver = new ArrayList<>();

    SelectedTables(Connection connection, ServerAccess access) {
        this.connection = connection;
        this.access = access;
        this.probe = new TableProbe(connection, access);
    }

    TableDrafts read(Selection selection) throws SQLException {
        for (TableDraft table : TableDescriptions.selected(connection, selection)) {
            PassedOver refused = refused(table);
            if (refused == null) {
                readable.add(table.toDescription());
            } else {
                passedOver.add(refused);
            }
        }
        String hidden = hidden(selection);
        if (hidden != null) {
            passedOver.add(new PassedOver(HIDDEN, FailureCode.PRIVILEGE_MISSING, hidden));
        }
        return new TableDrafts(readable, passedOver);
    }

    /// Why a table cannot be read, or null.
    private @Nullable PassedOver refused(TableDraft table) throws SQLException {
        if (!table.kind().isTable()) {
            return new PassedOver(
                    table.id(),
                    FailureCode.TABLE_UNREADABLE,
                    "it has no rows of its own, it is a " + kind(table),
                    false);
        }
        SQLException failure = table.failure();
        if (failure != null) {
            return probe.refusedBy(table.id(), failure);
        }
        if (!table.isDescribed() && table.isSupported()) {
            return unopened(table.id());
        }
        if (!table.isReadable() && table.isSupported()) {
            return new PassedOver(table.id(), FailureCode.PRIVILEGE_MISSING, ungranted(table.id()));
        }
        TableDraft.Refusal refusal = table.refusal();
        return refusal == null ? null : new PassedOver(table.id(), refusal.code(), refusal.why());
    }

    private String ungranted(TableId table) {
        return "the user "
                + access.credential().user()
                + " may not read it: GRANT SELECT ON "
                + TableDescriptions.quoted(table);
    }

    private static String kind(TableDraft table) {
        return table.kind().type().toLowerCase(Locale.ROOT);
    }

    /// The server describes no column of a table that it cannot open.
    private PassedOver unopened(TableId table) throws SQLException {
        PassedOver refused =
                probe.probe(table, "SELECT 1 FROM " + TableDescriptions.quoted(table) + " LIMIT 0");
        if (refused == null) {
            throw TableFailures.locked(table, null);
        }
        return refused;
    }

    /// Describes the tables that the server hides from a user without full `SELECT`: their changes
    /// arrive without rows, and the service cannot name them.
    private @Nullable String hidden(Selection selection) throws SQLException {
        boolean isNamed =
                !selection.tables().isEmpty()
                        && selection.tables().stream().allMatch(Selection.TablePattern::isName);
        if (isNamed || !selection.columns().isEmpty()) {
            return null;
        }
        Grants grants = Grants.parse(lines("SHOW GRANTS", 1), !hasPartialRevokes());
        if (grants.maySelectAll(selection)) {
            return null;
        }
        List<String> granted = grants.selectable();
        return "the server hides the tables that the user "
                + access.credential().user()
                + " may not SELECT, which are all"
                + (granted.isEmpty() ? "" : " except " + String.join(", ", granted))
                + "; changes of hidden tables come without their rows: GRANT SELECT ON *.*, or name"
                + " the tables";
    }

    private boolean hasPartialRevokes() throws SQLException {
        return lines("SHOW GLOBAL VARIABLES LIKE 'partial_revokes'", 2).contains("ON");
    }

    private List<String> lines(String sql, int column) throws SQLException {
        return SqlRows.read(connection, sql, row -> row.getString(column));
    }
}
