package io.fustor.source.mysql.snapshot;

import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.server.TableDescription;
import java.util.Comparator;
import java.util.List;

/// Which tables a snapshot reads, in which order.
public final class SnapshotPlan {

    private static final Comparator<TableId> BY_NAME =
            Comparator.comparing(TableId::schema).thenComparing(TableId::table);

    private SnapshotPlan() {}

    /// How to read tables, in the order in which they are read.
    ///
    /// @param selection which of their columns are wanted
    public static List<TableQuery> of(List<TableDescription> tables, Selection selection) {
        return tables.stream()
                .map(table -> new TableQuery(table, selection))
                .sorted(Comparator.comparing(query -> query.table().schema().id(), BY_NAME))
                .toList();
    }

    /// What is left to read behind a place.
    ///
    /// @throws io.fustor.source.mysql.error.SourceException `TABLE_CHANGED` where the place stands
    ///   in a table that is gone or looks otherwise now
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
