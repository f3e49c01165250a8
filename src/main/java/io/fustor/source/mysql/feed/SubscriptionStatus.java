package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.PassedOver;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A momentary status of one subscription, for monitoring.
///
/// @param id of the stream
/// @param owner the subscriber, as [io.fustor.source.mysql.grant.Sight#owner] has it
/// @param since when the stream began
/// @param form the subscriber's selection and format
/// @param place up to which the client was served; in a snapshot, the place from which changes
///   follow
/// @param position the same as the server prints it
/// @param lagMillis time since the commit of the last change served; 0 if the subscriber has all
///   changes
/// @param rows number of rows sent
/// @param bytes number of bytes sent
/// @param passedOver the skipped tables of its snapshot, even after the snapshot is complete
/// @param snapshot the active snapshot, or null
public record SubscriptionStatus(
        String id,
        String owner,
        Instant since,
        State state,
        FrameForm form,
        Place place,
        BinlogPosition position,
        long lagMillis,
        long rows,
        long bytes,
        List<PassedOver> passedOver,
        @Nullable SnapshotStatus snapshot) {

    /// What a subscription does.
    public enum State {
        SNAPSHOT,
        CATCHING_UP,
        WAITING,
        LIVE
    }

    /// An active snapshot.
    ///
    /// @param viewOpened when the current read view was opened; while it is open, the server cannot
    ///   purge row versions that it may need
    /// @param rows number of rows of all tables that this stream delivered
    /// @param estimatedRows number of rows according to the server's statistics
    /// @param left estimated remaining time at the current rate; null if unknown
    public record SnapshotStatus(
            String id,
            Instant since,
            Instant viewOpened,
            Duration viewAge,
            long rows,
            long estimatedRows,
            @Nullable Duration left,
            List<TableStatus> tables) {}

    /// One table of a snapshot.
    ///
    /// @param state `waiting`, `reading` or `done`
    /// @param rows number of rows that this stream delivered; a resumed stream does not count
    ///   earlier rows
    /// @param rate rows per second since the start of the table; null before
    /// @param secondsLeft estimated remaining time; null if unknown
    public record TableStatus(
            String schema,
            String table,
            String state,
            long rows,
            long estimatedRows,
            @Nullable Double rate,
            @Nullable Long secondsLeft) {}
}
