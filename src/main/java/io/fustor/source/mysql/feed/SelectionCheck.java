package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import java.util.Set;

/// Refuses selections that can only be slips: a table or a column that is named in full and does
/// not exist.
final class SelectionCheck {

    private SelectionCheck() {}

    /// Asks the server for each table that is named in full.
    ///
    /// @throws RequestException `INVALID` with the parameter and the name
    static void requireExisting(Selection selection, Capture capture) {
        for (Selection.TablePattern pattern : selection.tables()) {
            if (pattern.isName()) {
                columns(new TableId(pattern.schema(), pattern.table()), "tables", capture);
            }
        }
        selection
                .columns()
                .forEach(
                        (table, wanted) -> {
                            Set<String> known = columns(table, "fields", capture);
                            for (String column : wanted) {
                                if (!known.contains(column)) {
                                    throw RequestException.invalid(
                                            "fields: the table "
                                                    + table
                                                    + " has no column '"
                                                    + column
                                                    + "'");
                                }
                            }
                        });
    }

    private static Set<String> columns(TableId table, String parameter, Capture capture) {
        Set<String> columns = capture.server().columns(table.schema(), table.table());
        if (columns.isEmpty()) {
            throw RequestException.invalid(
                    parameter
                            + ": there is no table "
                            + table
                            + " that the source's user may read; write * for a table that is yet to come");
        }
        return columns;
    }
}
