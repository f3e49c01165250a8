package io.fustor.source.mysql.snapshot;

import io.fustor.source.mysql.condition.Conditions;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.server.TableDescription;
import java.util.Comparator;
import java.util.List;

/// The tables that a snapshot reads, and their order.
public final class SnapshotPlan {

    private static final Comparator<TableId> BY_NAME =
            Comparator.comparing(TableId::schema).thenComparing(TableId::table);

    private SnapshotPlan() {}

    /// The queries for the tables, in the order in which they are read.
    ///
    /// @param selection the columns that are selected
    /// @param conditions the conditions on their rows
    /// @throws io.fustor.source.mysql.error.RequestException as [Conditions#requireFitting]
    /// @throws io.fustor.source.mysql.error.SourceException as [Conditions#requireFitting]
    public static List<TableQuery> of(
            List<TableDescription> tables, Selection selection, Conditions conditions) {
        return tables.stream()
                .filter(table -> selection.includes(table.schema()))
                .map(table -> query(table, selection, conditions))
                .sorted(Comparator.comparing(query -> query.table().schema().id(), BY_NAME))
                .toList();
    }

    private static TableQuery query(
            TableDescription table, Selection selection, Conditions conditions) {
        conditions.requireFitting(table.schema(), selection.scope());
        return new TableQuery(table, selection, conditions.of(table.schema().id()));
    }

    /// The remaining queries after a place.
    ///
    /// @throws io.fustor.source.mysql.error.SourceException `TABLE_CHANGED` if the place is in a
    ///   table that was dropped or changed
    public static List<TableQuery> from(List<TableQuery> plan, SnapshotPlace place) {
        if (!place.isInTable()) {
            return plan;
        }
        TableId begun = new TableId(place.schema(), place.table());
        List<TableQuery> left =
                plan.stream()
                        .filter(query -> BY_NAME.compare(query.table().schema().id(), begun) >= 0)
                        .toList();
        boolean isSame =
                !left.isEmpty()
                        && left.getFirst().table().schema().id().equals(begun)
                        && left.getFirst().shape() == place.shape();
        if (!isSame) {
            throw SnapshotReader.changed(begun, null);
        }
        return left;
    }
}
