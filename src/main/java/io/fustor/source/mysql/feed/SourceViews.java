package io.fustor.source.mysql.feed;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.CaptureState;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.server.ServerIdentity;
import io.fustor.source.mysql.source.Sources;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// Makes the view of a source that operators and the UI see.
@Component
class SourceViews {

    private final Sources sources;
    private final Subscriptions subscriptions;
    private final SourceWarnings warnings;

    SourceViews(Sources sources, Subscriptions subscriptions, SourceWarnings warnings) {
        this.sources = sources;
        this.subscriptions = subscriptions;
        this.warnings = warnings;
    }

    /// @param state `STOPPED`, `STARTING`, `STREAMING`, `RECONNECTING`, `POSITION_LOST` or
    ///   `FAILED`; a source without live subscribers reads nothing and is `STOPPED`
    /// @param enabled whether subscribers are let in
    /// @param snapshots those that are being delivered
    /// @param warnings what will do harm if nobody looks after it
    /// @param position behind the newest change read, while somebody is live
    /// @param lagMs how long ago the change read last was committed; 0 where the reader waits for
    ///   the next
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record SourceView(
            String id,
            String state,
            boolean enabled,
            @Nullable Instant since,
            @Nullable ErrorView error,
            @Nullable ServerView server,
            @Nullable PositionView position,
            long lagMs,
            List<SubscriberView> subscribers,
            List<SnapshotView> snapshots,
            List<String> warnings) {}

    /// @param viewOpened when the read view was opened that rows come from now
    /// @param rows delivered by this stream
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record SnapshotView(
            String id,
            String subscriber,
            Instant since,
            Instant viewOpened,
            long viewAgeMs,
            long rows,
            long estimatedRows,
            List<SnapshotTableView> tables) {}

    /// @param state `waiting`, `reading` or `done`
    /// @param secondsLeft null where that cannot be said
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record SnapshotTableView(
            String eventSchema,
            String table,
            String state,
            long rows,
            long estimatedRows,
            @Nullable Double rowsPerSecond,
            @Nullable Long secondsLeft) {}

    record ErrorView(String code, String detail) {}

    record ServerView(String version, String uuid, String flavour) {}

    record PositionView(String file, long position, @Nullable String gtidSet, long index) {}

    /// @param state `snapshot` while it takes one, `catching_up` while it reads the binlog by a
    ///   connection of its own, `waiting` for its turn to do so, or `live`
    /// @param lagMs how long ago the change served last was committed; 0 for one who is live and
    ///   has all
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record SubscriberView(
            String id,
            Instant since,
            String state,
            FilterView filter,
            PositionView position,
            long lagMs,
            long rows,
            long bytes) {}

    record FilterView(List<String> tables, List<String> fields, Set<String> ops) {}

    SourceView view(String id) {
        Capture capture = sources.capture(id);
        List<SubscriberView> subscribers =
                subscriptions.of(id).stream().map(SourceViews::view).toList();
        if (capture == null) {
            return new SourceView(
                    id,
                    "STOPPED",
                    sources.isRunning(id),
                    null,
                    null,
                    null,
                    null,
                    0,
                    subscribers,
                    snapshots(id),
                    warnings.texts(id));
        }
        CaptureState state = capture.state();
        FeedPosition position = capture.position();
        return new SourceView(
                id,
                state.text(),
                sources.isRunning(id),
                state.since(),
                error(state.error()),
                server(capture.identity()),
                position == null ? null : position(position, capture),
                capture.counters().lagMillis(),
                subscribers,
                snapshots(id),
                warnings.texts(id));
    }

    private List<SnapshotView> snapshots(String id) {
        return subscriptions.of(id).stream()
                .filter(one -> one.snapshot() != null)
                .map(SourceViews::snapshot)
                .filter(Objects::nonNull)
                .toList();
    }

    private static @Nullable SnapshotView snapshot(Subscription subscription) {
        SnapshotProgress progress = subscription.snapshot();
        return progress == null
                ? null
                : new SnapshotView(
                        progress.id(),
                        subscription.id().subscriber(),
                        progress.since(),
                        progress.viewOpened(),
                        progress.viewAge().toMillis(),
                        progress.rows(),
                        progress.estimatedRows(),
                        progress.tables().stream().map(SourceViews::table).toList());
    }

    private static SnapshotTableView table(SnapshotProgress.TableProgress table) {
        return new SnapshotTableView(
                table.id().schema(),
                table.id().table(),
                table.state(),
                table.rows(),
                table.estimatedRows(),
                table.rate(),
                table.secondsLeft());
    }

    private static @Nullable ErrorView error(@Nullable SourceException error) {
        return error == null ? null : new ErrorView(error.code().name(), error.getMessage());
    }

    private static @Nullable ServerView server(@Nullable ServerIdentity server) {
        return server == null
                ? null
                : new ServerView(server.version(), server.uuid(), server.flavour());
    }

    private static PositionView position(FeedPosition place, Capture capture) {
        GtidSet executed = place.executed();
        return new PositionView(
                capture.server().fileName(place.fileNumber()),
                place.offset(),
                executed == null ? null : executed.toString(),
                BinlogPosition.index(place.fileNumber(), place.offset()));
    }

    private static SubscriberView view(Subscription subscription) {
        Capture capture = subscription.capture();
        return new SubscriberView(
                subscription.id().subscriber(),
                subscription.id().since(),
                state(subscription),
                filter(subscription.form()),
                position(subscription.place(), capture),
                FeedStatistics.lagMillis(subscription),
                subscription.rows(),
                subscription.bytes());
    }

    private static String state(Subscription subscription) {
        if (subscription.snapshot() != null) {
            return "snapshot";
        }
        if (subscription.isWaiting()) {
            return "waiting";
        }
        return subscription.isLive() ? "live" : "catching_up";
    }

    private static FilterView filter(FrameForm form) {
        Selection selection = form.selection();
        List<String> tables =
                selection.tables().stream()
                        .map(pattern -> pattern.schema() + "." + pattern.table())
                        .toList();
        List<String> fields =
                selection.columns().entrySet().stream()
                        .flatMap(
                                entry ->
                                        entry.getValue().stream()
                                                .map(column -> entry.getKey() + "." + column))
                        .sorted()
                        .toList();
        Set<String> operations = new TreeSet<>();
        form.operations().forEach(operation -> operations.add(operation.text()));
        return new FilterView(tables, fields, operations);
    }
}
