package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.condition.Conditions;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.schema.Selection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Everything that decides which bytes an event becomes. Subscribers with equal forms get the same
/// bytes, so that one of them encodes and all write.
///
/// @param source the number of the source in its tokens
/// @param sourceName the source's id
/// @param batch the most rows in one SSE event; of Debezium's format one, whatever is asked for
/// @param bigNumbersAsStrings whether numbers that a double cannot hold exactly become strings
/// @param commits whether commits are events
/// @param conditions which rows are wanted
/// @param masks what stands in the place of values
/// @param records how changes become records; null if they do not
public record FrameForm(
        int source,
        String sourceName,
        Format format,
        Transport transport,
        Selection selection,
        Set<Operation> operations,
        int batch,
        boolean bigNumbersAsStrings,
        boolean commits,
        Conditions conditions,
        Masks masks,
        @Nullable RecordForm records) {

    public FrameForm {
        operations = Set.copyOf(operations);
        batch = format == Format.DEBEZIUM ? 1 : batch;
    }

    /// A form with all rows, and all values in clear.
    public FrameForm(
            int source,
            String sourceName,
            Format format,
            Transport transport,
            Selection selection,
            Set<Operation> operations,
            int batch,
            boolean bigNumbersAsStrings,
            boolean commits) {
        this(
                source,
                sourceName,
                format,
                transport,
                selection,
                operations,
                batch,
                bigNumbersAsStrings,
                commits,
                Conditions.NONE,
                Masks.NONE,
                null);
    }

    /// The form of all changes of a selection, for what describes them.
    public static FrameForm whole(
            String source, Format format, Selection selection, boolean bigNumbersAsStrings) {
        return new FrameForm(
                0,
                source,
                format,
                Transport.SSE,
                selection,
                Set.of(Operation.values()),
                1,
                bigNumbersAsStrings,
                false);
    }

    /// A place in a snapshot as the client may hold it: any client can read its token, and the key
    /// of the last row in it may be masked, or of a row that the client may not see.
    public SnapshotPlace sealed(SnapshotPlace place) {
        return masks.isEmpty() && !conditions.hasGranted() ? place : masks.sealed(place);
    }

    /// The same form with some rows only, and masks.
    public FrameForm with(Conditions wanted, Masks masked) {
        return new FrameForm(
                source,
                sourceName,
                format,
                transport,
                selection,
                operations,
                batch,
                bigNumbersAsStrings,
                commits,
                wanted,
                masked,
                records);
    }

    /// The same form as records.
    public FrameForm with(RecordForm asRecords) {
        return new FrameForm(
                source,
                sourceName,
                format,
                Transport.RECORD,
                selection,
                operations,
                batch,
                bigNumbersAsStrings,
                commits,
                conditions,
                masks,
                asRecords);
    }
}
