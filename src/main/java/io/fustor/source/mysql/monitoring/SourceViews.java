package io.fustor.source.mysql.monitoring;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.feed.SubscriptionStatus;
import io.fustor.source.mysql.feed.SubscriptionStatus.SnapshotStatus;
import io.fustor.source.mysql.feed.SubscriptionStatus.TableStatus;
import io.fustor.source.mysql.feed.Subscriptions;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.instance.Membership;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.ServerIdentity;
import io.fustor.source.mysql.source.SourceStatus;
import io.fustor.source.mysql.source.Sources;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/// Builds the view of a source for operators and user interfaces.
@Component
class SourceViews {

    static final String INDEX =
            "The number of the file and the offset in one integer, as `from` takes it.";

    private final Sources sources;
    private final Subscriptions subscriptions;
    private final SourceWarnings warnings;
    private final ObjectProvider<LogWriters> writers;
    private final ServedElsewhere elsewhere;
    private final Membership membership;

    SourceViews(
            Sources sources,
            Subscriptions subscriptions,
            SourceWarnings warnings,
            ServedElsewhere elsewhere,
            Membership membership,
            ObjectProvider<LogWriters> writers) {
        this.writers = writers;
        this.sources = sources;
        this.subscriptions = subscriptions;
        this.warnings = warnings;
        this.elsewhere = elsewhere;
        this.membership = membership;
    }

    @Schema(name = "Source", description = "The current state of a source.")
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record SourceView(
            @Schema(description = "The source's id.", example = "shop") String id,
            @Schema(
                            description =
                                    "The state of its reader. A source without live subscribers"
                                            + " reads nothing and is `STOPPED`.",
                            allowableValues = {
                                "STOPPED",
                                "STARTING",
                                "STREAMING",
                                "RECONNECTING",
                                "POSITION_LOST",
                                "FAILED"
                            })
                    String state,
            @Schema(description = "Whether subscribers are admitted.") boolean enabled,
            @Schema(description = "When the state began.") @Nullable Instant since,
            @Schema(description = "The reason why it does not read.") @Nullable ErrorView error,
            @Schema(description = "Its server, once known.") @Nullable ServerView server,
            @Schema(
                            description =
                                    "The position after the newest change read, while a subscriber is live.")
                    @Nullable PositionView position,
            @Schema(
                            description =
                                    "Time since the commit of the last change read, in"
                                            + " milliseconds; 0 while the reader waits for the"
                                            + " next, null while nothing is read.",
                            example = "0")
                    @Nullable Long lagMs,
            @Schema(description = "Its subscribers, on all instances.")
                    List<SubscriberView> subscribers,
            @Schema(description = "The active snapshots, on all instances.")
                    List<SnapshotView> snapshots,
            @Schema(description = "Conditions that cause harm if an operator does not act.")
                    List<String> warnings,
            @JsonInclude(JsonInclude.Include.NON_NULL)
                    @Schema(
                            description =
                                    "How far the source is written to Kafka; absent if it is not to"
                                            + " be, and for callers with a grant.")
                    @Nullable KafkaView kafka) {}

    @Schema(name = "Snapshot", description = "An active snapshot.")
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record SnapshotView(
            @Schema(description = "The snapshot's id.", example = "3f9a1c2e") String id,
            @Schema(description = "The id of its subscriber.", example = "8d01b6f7")
                    String subscriber,
            @Schema(description = "The instance that delivers it.", example = "host-1:8080")
                    String instance,
            @Schema(description = "When it began.") Instant since,
            @Schema(description = "When the current read view was opened.") Instant viewOpened,
            @Schema(description = "The age of that view, in milliseconds.") long viewAgeMs,
            @Schema(description = "The rows that this stream delivered.") long rows,
            @Schema(description = "The server's estimate of all rows.") long estimatedRows,
            @Schema(description = "Its tables.") List<SnapshotTableView> tables) {
        SnapshotView on(String name) {
            return new SnapshotView(
                    id,
                    subscriber,
                    name,
                    since,
                    viewOpened,
                    viewAgeMs,
                    rows,
                    estimatedRows,
                    tables);
        }
    }

    @Schema(name = "SnapshotTable", description = "A table of a snapshot.")
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record SnapshotTableView(
            @Schema(description = "The schema's name.", example = "shop") String eventSchema,
            @Schema(description = "The table's name.", example = "orders") String table,
            @Schema(
                            description = "Its progress.",
                            allowableValues = {"waiting", "reading", "done"})
                    String state,
            @Schema(description = "The rows that this stream delivered.") long rows,
            @Schema(description = "The server's estimate of all rows.") long estimatedRows,
            @Schema(description = "Rows per second; null if unknown.")
                    @Nullable Double rowsPerSecond,
            @Schema(description = "The estimated remaining time; null if unknown.")
                    @Nullable Long secondsLeft) {}

    @Schema(name = "SourceError", description = "The reason why a source does not read.")
    record ErrorView(
            @Schema(implementation = FailureCode.class) String code,
            @Schema(description = "The problem and the remedy, as a sentence.") String detail) {}

    @Schema(name = "SourceServer", description = "A source's server.")
    record ServerView(
            @Schema(description = "Its version.", example = "8.4.6") String version,
            @Schema(
                            description = "Its `server_uuid`, or its substitute.",
                            example = "7fb6f7b0-e67e-11f1-8cf4-02fc00000001")
                    String uuid,
            @Schema(description = "The product.", example = "MySQL") String flavour) {}

    @Schema(name = "Place", description = "A place between two changes.")
    record PositionView(
            @Schema(description = "The binlog file.", example = "binlog.000042") String file,
            @Schema(description = "The offset in the file.", example = "1547") long position,
            @Schema(
                            description = "The GTIDs up to the place; null without GTIDs.",
                            example = "7fb6f7b0-e67e-11f1-8cf4-02fc00000001:1-235")
                    @Nullable String gtidSet,
            @Schema(description = SourceViews.INDEX, example = "180388628000") long index) {}

    @Schema(name = "Subscriber", description = "An active stream.")
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record SubscriberView(
            @Schema(description = "The stream's id.", example = "8d01b6f7") String id,
            @Schema(description = "The instance that serves it.", example = "host-1:8080")
                    String instance,
            @Schema(description = "When it began.") Instant since,
            @Schema(
                            description =
                                    "`snapshot` while it takes one, `catching_up` while it reads"
                                            + " the binlog with its own connection, `waiting`"
                                            + " for its turn to catch up, or `live`.",
                            allowableValues = {"snapshot", "catching_up", "waiting", "live"})
                    String state,
            @Schema(description = "What it selects.") FilterView filter,
            @Schema(description = "The place up to which it was served.") PositionView position,
            @Schema(
                            description =
                                    "Time since the commit of the last change served, in"
                                            + " milliseconds; 0 if it is live and has all changes.")
                    long lagMs,
            @Schema(description = "The rows that were sent.") long rows,
            @Schema(description = "The bytes that were sent.") long bytes) {
        /// The same stream as a caller sees it.
        SubscriberView on(String name, Sight sight) {
            return new SubscriberView(
                    id,
                    name,
                    since,
                    state,
                    sight.isLimited() ? filter.ofRequest() : filter,
                    position,
                    lagMs,
                    rows,
                    bytes);
        }
    }

    @Schema(name = "SubscriberFilter", description = "What a stream selects.")
    record FilterView(
            @Schema(description = "Tables, with wildcards.", example = "[\"shop.*\"]")
                    List<String> tables,
            @Schema(description = "Columns; empty for all.", example = "[\"shop.orders.id\"]")
                    List<String> fields,
            @Schema(
                            description = "Columns that are left out, with wildcards.",
                            example = "[\"shop.customers.email\"]")
                    List<String> without,
            @Schema(description = "Kinds of changes.", example = "[\"insert\"]") Set<String> ops,
            @Schema(
                            description =
                                    "The row conditions of its request, each cut after "
                                            + StreamFilters.LONGEST_CONDITION
                                            + " characters.",
                            example = "[\"shop.orders: total >= 100\"]")
                    List<String> where,
            @Schema(
                            description =
                                    "The row conditions of its grant, in the same form; null for"
                                            + " callers with a grant.",
                            example = "[\"shop.orders: tenant = 17\"]")
                    @Nullable List<String> grantedWhere,
            @Schema(
                            description =
                                    "The masks that apply to it, by column; empty if it shows clear"
                                            + " values, null for callers with a grant.",
                            example = "{\"shop.*.email\": \"hmac\"}")
                    @Nullable Map<String, String> masks) {
        /// Without what a caller with a grant does not see.
        FilterView ofRequest() {
            return new FilterView(tables, fields, without, ops, where, null, null);
        }
    }

    /// Each source for a caller, by id.
    List<SourceView> views(List<String> ids, Sight sight, Locale language) {
        Map<String, List<ServedElsewhere.Stream>> others = elsewhere.seen(sight);
        return ids.stream()
                .map(id -> view(id, others.getOrDefault(id, List.of()), sight, language))
                .toList();
    }

    /// @param sight of the caller: one with a grant sees its own streams only
    SourceView view(String id, Sight sight, Locale language) {
        return views(List.of(id), sight, language).getFirst();
    }

    private SourceView view(
            String id, List<ServedElsewhere.Stream> others, Sight sight, Locale language) {
        Capture capture = sources.capture(id);
        List<SubscriptionStatus> statuses =
                subscriptions.statuses(id).stream()
                        .filter(one -> isSeen(one.owner(), sight))
                        .toList();
        String here = membership.name();
        List<SubscriberView> subscribers =
                Stream.concat(
                                statuses.stream().map(one -> view(one, sight, here)),
                                others.stream().map(ServedElsewhere.Stream::subscriber))
                        .toList();
        List<SnapshotView> snapshots =
                Stream.concat(
                                statuses.stream().map(one -> snapshot(one, here)),
                                others.stream().map(ServedElsewhere.Stream::snapshot))
                        .filter(Objects::nonNull)
                        .toList();
        if (capture == null) {
            return new SourceView(
                    id,
                    "STOPPED",
                    sources.isRunning(id),
                    null,
                    null,
                    null,
                    null,
                    null,
                    subscribers,
                    snapshots,
                    warnings.texts(id, sight, language),
                    kafka(id, null, sight, language));
        }
        SourceStatus status = sources.status(id);
        Place position = capture.position();
        return new SourceView(
                id,
                status.text(),
                sources.isRunning(id),
                status.since(),
                error(status.error(), sight, language),
                server(capture.identity()),
                position == null ? null : position(position, capture.server().position(position)),
                status.lagMillis(),
                subscribers,
                snapshots,
                warnings.texts(id, sight, language),
                kafka(id, capture, sight, language));
    }

    private @Nullable KafkaView kafka(
            String id, @Nullable Capture capture, Sight sight, Locale language) {
        LogWriters all = writers.getIfAvailable();
        LogWriters.Status status = all == null || sight.isLimited() ? null : all.of(id);
        if (status == null) {
            return null;
        }
        Place place = status.position();
        PositionView position =
                place == null || capture == null
                        ? null
                        : position(place, capture.server().position(place));
        return KafkaView.of(status, position, error(status.error(), sight, language));
    }

    static @Nullable SnapshotView snapshot(SubscriptionStatus subscriber, String instance) {
        SnapshotStatus snapshot = subscriber.snapshot();
        return snapshot == null
                ? null
                : new SnapshotView(
                        snapshot.id(),
                        subscriber.id(),
                        instance,
                        snapshot.since(),
                        snapshot.viewOpened(),
                        snapshot.viewAge().toMillis(),
                        snapshot.rows(),
                        snapshot.estimatedRows(),
                        snapshot.tables().stream().map(SourceViews::table).toList());
    }

    private static SnapshotTableView table(TableStatus table) {
        return new SnapshotTableView(
                table.schema(),
                table.table(),
                table.state(),
                table.rows(),
                table.estimatedRows(),
                table.rate(),
                table.secondsLeft());
    }

    static boolean isSeen(String owner, Sight sight) {
        return !sight.isLimited() || owner.equals(sight.owner());
    }

    private static @Nullable ErrorView error(
            @Nullable SourceException error, Sight sight, Locale language) {
        return error == null
                ? null
                : new ErrorView(
                        error.code().name(),
                        Sentence.ofFailure(error, sight.isLimited()).in(language));
    }

    private static @Nullable ServerView server(@Nullable ServerIdentity server) {
        return server == null
                ? null
                : new ServerView(server.version(), server.uuid(), server.flavour());
    }

    private static PositionView position(Place place, BinlogPosition position) {
        GtidSet executed = place.executed();
        return new PositionView(
                position.file(),
                position.offset(),
                executed == null ? null : executed.toString(),
                // The file may be no more than a number yet.
                BinlogPosition.index(place.fileNumber(), place.offset()));
    }

    static SubscriberView view(SubscriptionStatus subscriber, Sight sight, String instance) {
        return new SubscriberView(
                subscriber.id(),
                instance,
                subscriber.since(),
                subscriber.state().name().toLowerCase(Locale.ROOT),
                StreamFilters.of(subscriber.form(), sight),
                position(subscriber.place(), subscriber.position()),
                subscriber.lagMillis(),
                subscriber.rows(),
                subscriber.bytes());
    }
}
