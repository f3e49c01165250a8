package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.schema.Selection;
import java.util.Set;

/// Everything that decides which bytes an event becomes. Subscribers with equal forms get the same
/// bytes, so that one of them encodes and all write.
///
/// @param source the number of the source in its tokens
/// @param sourceName the source's id
/// @param batch the most rows in one SSE event; of Debezium's format one, whatever is asked for
/// @param bigNumbersAsStrings whether numbers that a double cannot hold exactly become strings
/// @param commits whether commits are events
public record FrameForm(
        int source,
        String sourceName,
        Format format,
        Transport transport,
        Selection selection,
        Set<Operation> operations,
        int batch,
        boolean bigNumbersAsStrings,
        boolean commits) {

    public FrameForm {
        operations = Set.copyOf(operations);
        batch = format == Format.DEBEZIUM ? 1 : batch;
    }
}
