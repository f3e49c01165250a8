package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Overlap;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.server.TableDescription;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The changes after a snapshot that its rows may already contain. They must have the columns of
/// the rows. A change from before an `ALTER TABLE` would revert a newer row to its older columns.
/// The columns alone do not tell whether such a change may be skipped.
///
/// For one thread.
public final class OverlapZone {

    private final Map<TableId, TableDescription> tables;
    private Overlap overlap;

    private @Nullable TableSchema judged;

    /// @param tables as the snapshot read them; for a stream that was interrupted in the overlap,
    ///   their current structure
    OverlapZone(Overlap overlap, List<TableDescription> tables) {
        this.overlap = overlap;
        this.tables =
                tables.stream()
                        .collect(
                                Collectors.toMap(
                                        table -> table.schema().id(), Function.identity()));
    }

    /// The zone of a client that goes on in the overlap. Asks the server for the structure of its
    /// tables.
    ///
    /// @param selection of the client
    /// @param overlap in its token; null outside an overlap
    /// @return null outside an overlap
    /// @throws SourceException `TABLE_CHANGED` if no client can go on there
    public static @Nullable OverlapZone resumed(
            Capture capture, Selection selection, @Nullable Overlap overlap) {
        if (Overlap.BROKEN.equals(overlap)) {
            throw new SourceException(
                    FailureCode.TABLE_CHANGED,
                    "the changes after the snapshot cannot be matched with its rows: take a new one");
        }
        return overlap == null
                ? null
                : new OverlapZone(overlap, capture.server().describe(selection).readable());
    }

    /// What a token at a place has to hold of the overlap: null if it is over there.
    public @Nullable Overlap after(Place place) {
        return overlap.isOverAt(place) ? null : overlap;
    }

    /// The end of the overlap; after a change that could not be judged, [Overlap#BROKEN].
    public Overlap overlap() {
        return overlap;
    }

    /// Judges the next event after the snapshot.
    ///
    /// @throws SourceException `TABLE_CHANGED` if the columns of a change differ from those of the
    ///   rows
    public void check(BinlogEvent event) {
        if (!(event instanceof RowsEvent rows)
                || rows.table() == judged
                || !overlap.contains(rows.transaction().start())) {
            return;
        }
        TableSchema table = rows.table();
        TableDescription read = tables.get(table.id());
        if (read != null && table.isNamed() && !read.schema().looksLike(table)) {
            overlap = Overlap.BROKEN;
            throw new SourceException(
                    FailureCode.TABLE_CHANGED,
                    "the table "
                            + table.id()
                            + " was altered around the time of the snapshot, so its rows do not match the changes"
                            + " after them: take a new snapshot");
        }
        judged = table;
    }
}
