package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.encode.SnapshotEncoder;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.PassedOver;
import io.fustor.source.mysql.server.TableDescription;
import io.fustor.source.mysql.server.TableDrafts;
import io.fustor.source.mysql.snapshot.SnapshotPlan;
import io.fustor.source.mysql.snapshot.TableQuery;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The tables of a snapshot: what is read, and what its selection includes all the same and is
/// passed over. A table that is named in full is never passed over, and a snapshot without any
/// table is refused.
///
/// @param queries in the order of the reading
/// @param passedOver with the reason of each
record SnapshotTables(List<TableQuery> queries, List<PassedOver> passedOver) {

    /// Asks the server. Blocks.
    ///
    /// @param form what the client wants of which tables, and how
    /// @param isNew whether no rows were delivered yet; otherwise what is left after `start`
    /// @throws SourceException with a [PassedOver#code] for a table that is named in full, and
    ///   where there is none to read; `TABLE_LOCKED`
    static SnapshotTables find(
            MySqlServer server, FrameForm form, boolean isNew, SnapshotPlace start) {
        Selection selection = form.selection();
        TableDrafts described = server.describe(selection);
        List<PassedOver> passedOver = new ArrayList<>(described.passedOver());
        List<TableQuery> plan =
                encodable(
                        SnapshotPlan.of(described.readable(), selection, form.conditions()),
                        passedOver,
                        form);
        List<PassedOver> unreadable = server.unreadable(probes(SnapshotPlan.from(plan, start)));
        passedOver.addAll(unreadable);
        Set<TableId> without =
                unreadable.stream().map(PassedOver::table).collect(Collectors.toSet());
        List<TableQuery> readable =
                plan.stream().filter(query -> !without.contains(id(query))).toList();
        if (isNew) {
            requireNamed(selection, readable, passedOver);
            requireAny(server, selection, readable, passedOver);
        }
        return new SnapshotTables(SnapshotPlan.from(readable, start), List.copyOf(passedOver));
    }

    /// Those of some queries whose rows can be encoded; adds the others to what is passed over.
    private static List<TableQuery> encodable(
            List<TableQuery> queries, List<PassedOver> passedOver, FrameForm form) {
        List<TableQuery> chosen = new ArrayList<>();
        for (TableQuery query : queries) {
            String why = SnapshotEncoder.unreadable(query.table().schema(), query.columns(), form);
            if (why == null) {
                chosen.add(query);
            } else {
                passedOver.add(new PassedOver(id(query), FailureCode.UNSUPPORTED_TYPE, why));
            }
        }
        return chosen;
    }

    private static Map<TableId, String> probes(List<TableQuery> queries) {
        Map<TableId, String> probes = new LinkedHashMap<>();
        queries.forEach(query -> probes.put(id(query), query.probe()));
        return probes;
    }

    private static TableId id(TableQuery query) {
        TableDescription table = query.table();
        return table.schema().id();
    }

    /// The changes of a table that is passed over come without its rows: not where it is named.
    private static void requireNamed(
            Selection selection, List<TableQuery> readable, List<PassedOver> passedOver) {
        Set<TableId> read = readable.stream().map(SnapshotTables::id).collect(Collectors.toSet());
        for (Selection.TablePattern pattern : selection.tables()) {
            TableId table = new TableId(pattern.schema(), pattern.table());
            if (pattern.isName() && !read.contains(table)) {
                throw refused(table, passedOver);
            }
        }
        for (TableId table : selection.columns().keySet()) {
            if (selection.includes(table) && !read.contains(table)) {
                throw refused(table, passedOver);
            }
        }
    }

    private static SourceException refused(TableId table, List<PassedOver> passedOver) {
        for (PassedOver passed : passedOver) {
            if (passed.table().equals(table)) {
                return new SourceException(
                        passed.code(),
                        "the rows of " + table + " cannot be read: " + passed.reason());
            }
        }
        return new SourceException(
                FailureCode.PRIVILEGE_MISSING,
                table + " is no table whose rows the source's user may SELECT");
    }

    private static void requireAny(
            MySqlServer server,
            Selection selection,
            List<TableQuery> readable,
            List<PassedOver> passedOver) {
        if (!readable.isEmpty()) {
            return;
        }
        if (passedOver.isEmpty()) {
            throw new SourceException(
                    FailureCode.TABLE_UNREADABLE,
                    "the server has no table that `tables` selects, so a snapshot has nothing to"
                            + " read: leave `snapshot` out for tables that are yet to come");
        }
        String reasons =
                passedOver.stream()
                        .limit(3)
                        .map(PassedOver::toString)
                        .collect(Collectors.joining("; "));
        boolean isUngranted =
                passedOver.stream()
                        .anyMatch(passed -> passed.code() == FailureCode.PRIVILEGE_MISSING);
        throw isUngranted
                ? new SourceException(
                        FailureCode.PRIVILEGE_MISSING,
                        "the user "
                                + server.access().credential().user()
                                + " may read no table that `tables` selects ("
                                + reasons
                                + "): GRANT SELECT ON "
                                + grantable(selection)
                                + " TO that user")
                : new SourceException(
                        passedOver.getFirst().code(),
                        "no table that `tables` selects can be read: " + reasons);
    }

    private static String grantable(Selection selection) {
        return selection.tables().isEmpty()
                ? "*.*"
                : selection.tables().stream()
                        .map(pattern -> pattern.schema() + "." + pattern.table())
                        .collect(Collectors.joining(", "));
    }
}
