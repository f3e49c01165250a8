package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.PurgeForecast;
import io.fustor.source.mysql.checkpoint.Checkpoint;
import io.fustor.source.mysql.checkpoint.Checkpoints;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.feed.FeedStatistics;
import io.fustor.source.mysql.feed.SubscriptionStatus;
import io.fustor.source.mysql.feed.SubscriptionStatus.SnapshotStatus;
import io.fustor.source.mysql.feed.Subscriptions;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.server.PassedOver;
import io.fustor.source.mysql.settings.FeedProperties;
import io.fustor.source.mysql.source.SourceRun;
import io.fustor.source.mysql.source.Sources;
import io.fustor.source.mysql.thread.SupervisedThread;
import io.fustor.source.mysql.thread.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// The warnings of each source: conditions that will harm its consumers if an operator does not
/// act. Every 30 s, a check examines all subscribers and checkpoints. It logs one line when a
/// warning starts and one when it ends. Each check runs on its own virtual thread, because a server
/// may be slow to respond.
@Component
public class SourceWarnings {

    private static final Sentence THE_SOURCE = Sentence.of("subject.source");

    /// The number of skipped tables that a warning names.
    private static final int MOST_NAMED = 10;

    private static final Logger log = LoggerFactory.getLogger(SourceWarnings.class);

    /// The number of checkpoints that a check examines; `fustor.feed.max-checkpoints` is lower by
    /// default.
    private static final int MOST_CHECKPOINTS = 10_000;

    /// The number of warnings of a source that are listed individually.
    private static final int MOST_WARNINGS = 100;

    /// How long a fault of the service is reported.
    private static final Duration INTERNAL_TOLD = Duration.ofHours(1);

    private final Sources sources;
    private final Subscriptions subscriptions;
    private final Checkpoints checkpoints;
    private final Duration longView;
    private final FeedStatistics statistics;
    private final Map<String, Watched> bySource = new ConcurrentHashMap<>();

    /// The kinds of warnings.
    public enum Kind {
        /// The place of a subscriber or a checkpoint approaches the oldest binlog file.
        POSITION,
        /// A snapshot takes longer than the server keeps the binlog after its start.
        RETENTION,
        /// The lag of the source or of a subscriber grows.
        LAG,
        /// A read view has been open for a long time.
        VIEW,
        /// The source cannot be served, or its server refuses new connections.
        SERVER,
        /// A fault of the service ended a subscription.
        INTERNAL,
        /// The columns of a table are unknown, so its rows would stop a subscriber.
        TABLE,
        /// A snapshot skipped tables.
        PASSED_OVER,
        /// A mask has met no column.
        MASK,
        /// A table lacks columns that conditions of grants need.
        CONDITION;

        /// Whether the warning is determined on request, and not by the periodic check.
        private boolean isOfNow() {
            return switch (this) {
                case VIEW, SERVER, INTERNAL, PASSED_OVER -> true;
                case POSITION, RETENTION, LAG, TABLE, MASK, CONDITION -> false;
            };
        }

        /// The name in meters and logs.
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// @param subject of the warning
    /// @param owner the caller that it concerns; null if it concerns the source
    /// @param detail about the subject
    record Warning(Kind kind, Sentence subject, @Nullable String owner, String detail) {
        boolean isAbout(Warning other) {
            return kind == other.kind && subject.equals(other.subject);
        }

        /// In English, the detail follows the subject. In Chinese, the meaning of the kind follows,
        /// with the detail in brackets.
        Sentence text() {
            return new Sentence(
                    "warning." + kind, List.of(subject, detail), subject + " " + detail);
        }
    }

    /// The findings for one source, and the memory between checks.
    private static final class Watched {
        private volatile List<Warning> warnings = List.of();
        private volatile boolean isUnderWay;
        private final Map<Sentence, LagTrend> trends = new HashMap<>();
        private final ColumnWarnings columns = new ColumnWarnings();
    }

    SourceWarnings(
            Sources sources,
            Subscriptions subscriptions,
            Checkpoints checkpoints,
            FeedStatistics statistics,
            FeedProperties properties) {
        this.sources = sources;
        this.subscriptions = subscriptions;
        this.checkpoints = checkpoints;
        this.statistics = statistics;
        this.longView = properties.longView();
    }

    /// As sentences for people.
    ///
    /// @param sight of the caller: one with a grant gets those about its own streams and
    ///   checkpoints
    List<String> texts(String source, Sight sight, Locale language) {
        List<Warning> all = new ArrayList<>(ofNow(source));
        found(source).stream().filter(warning -> !warning.kind().isOfNow()).forEach(all::add);
        return all.stream()
                .filter(warning -> !sight.isLimited() || sight.owner().equals(warning.owner()))
                .map(warning -> warning.text().in(language))
                .toList();
    }

    /// The number of warnings of a kind.
    public long count(String source, Kind kind) {
        List<Warning> of = kind.isOfNow() ? ofNow(source) : found(source);
        return of.stream().filter(warning -> warning.kind() == kind).count();
    }

    private List<Warning> found(String source) {
        Watched watched = bySource.get(source);
        return watched == null ? List.of() : watched.warnings;
    }

    @Scheduled(initialDelayString = "PT15S", fixedDelayString = "PT30S")
    void look() {
        bySource.keySet().retainAll(sources.ids());
        for (String id : sources.ids()) {
            Capture capture = sources.capture(id);
            Watched watched = bySource.computeIfAbsent(id, _ -> new Watched());
            if (capture == null) {
                become(id, watched, List.of());
            } else if (!watched.isUnderWay) {
                watched.isUnderWay = true;
                SupervisedThread.virtual(
                        Work.LOOK, "warnings of " + id, () -> look(id, capture, watched, false));
            }
        }
    }

    private void look(String id, Capture capture, Watched watched, boolean isAsked) {
        try {
            synchronized (watched) {
                List<Warning> found = warnings(id, capture, watched);
                SourceRun run = sources.started(id);
                if (run != null) {
                    found.addAll(watched.columns.of(run, subscriptions.statuses(id), isAsked));
                }
                become(id, watched, found);
            }
        } catch (SourceException | DataAccessException e) {
            // Keep the known warnings: the source's own state reports the failure.
            log.debug("source={} warnings were not looked for: {}", id, e.getMessage());
        } finally {
            watched.isUnderWay = false;
        }
    }

    /// Runs the check now, on the caller's thread.
    void lookAt(String id) {
        Capture capture = sources.capture(id);
        if (capture != null) {
            look(id, capture, bySource.computeIfAbsent(id, _ -> new Watched()), true);
        }
    }

    private List<Warning> warnings(String id, Capture capture, Watched watched) {
        List<Warning> found = new ArrayList<>(ofNow(id));
        found.addAll(lags(id, capture, watched.trends));
        capture.lostTables()
                .forEach(
                        (table, why) ->
                                add(
                                        Kind.TABLE,
                                        Sentence.of("subject.table", table),
                                        null,
                                        "has columns that are not known: " + why,
                                        found));
        List<SubscriptionStatus> subscribers = subscriptions.statuses(id);
        List<Checkpoint> consumers = checkpoints.first(id, MOST_CHECKPOINTS);
        if (subscribers.isEmpty() && consumers.isEmpty()) {
            return found;
        }
        PurgeForecast forecast = capture.startingPoints().forecast();
        for (Checkpoint consumer : consumers) {
            String threat = forecast.threat(FeedToken.parse(consumer.token()).position());
            Sentence subject = Sentence.of("subject.checkpoint", consumer.label());
            add(Kind.POSITION, subject, consumer.owner(), threat, found);
        }
        for (SubscriptionStatus subscriber : subscribers) {
            add(
                    Kind.POSITION,
                    name(subscriber),
                    subscriber.owner(),
                    forecast.threat(subscriber.place()),
                    found);
            SnapshotStatus snapshot = subscriber.snapshot();
            if (snapshot != null) {
                String threat = threat(snapshot, forecast.left(subscriber.place()));
                add(
                        Kind.RETENTION,
                        Sentence.of("subject.snapshot", snapshot.id()),
                        subscriber.owner(),
                        threat,
                        found);
            }
        }
        return found;
    }

    private static void add(
            Kind kind,
            Sentence subject,
            @Nullable String owner,
            @Nullable String detail,
            List<Warning> found) {
        if (detail != null) {
            found.add(new Warning(kind, subject, owner, detail));
        }
    }

    private static Sentence name(SubscriptionStatus subscriber) {
        return Sentence.of("subject.subscriber", subscriber.id());
    }

    private static @Nullable String threat(SnapshotStatus snapshot, @Nullable Duration kept) {
        Duration left = snapshot.left();
        return kept == null || left == null || left.compareTo(kept) <= 0
                ? null
                : "will take about "
                        + left.toSeconds()
                        + " s more, and the binlog that follows it may be purged in "
                        + Math.max(0, kept.toSeconds())
                        + " s: raise binlog_expire_logs_seconds, or read faster";
    }

    private List<Warning> lags(String id, Capture capture, Map<Sentence, LagTrend> trends) {
        Map<Sentence, Long> lags = new HashMap<>();
        Map<Sentence, String> owners = new HashMap<>();
        capture.lagMillis().ifPresent(millis -> lags.put(THE_SOURCE, millis));
        for (SubscriptionStatus subscriber : subscriptions.statuses(id)) {
            lags.put(name(subscriber), subscriber.lagMillis());
            owners.put(name(subscriber), subscriber.owner());
        }
        trends.keySet().retainAll(lags.keySet());
        List<Warning> found = new ArrayList<>();
        lags.forEach(
                (who, millis) -> {
                    LagTrend trend = trends.computeIfAbsent(who, _ -> new LagTrend());
                    trend.add(millis);
                    add(Kind.LAG, who, owners.get(who), trend.growth(), found);
                });
        return found;
    }

    private List<Warning> ofNow(String source) {
        List<Warning> found = new ArrayList<>(views(source));
        for (SubscriptionStatus subscriber : subscriptions.statuses(source)) {
            add(
                    Kind.PASSED_OVER,
                    name(subscriber),
                    subscriber.owner(),
                    passedOver(subscriber),
                    found);
        }
        SourceException trouble = sources.status(source).trouble();
        if (trouble != null) {
            found.add(
                    new Warning(
                            Kind.SERVER,
                            THE_SOURCE,
                            null,
                            "cannot be served: " + trouble.code() + ": " + trouble.getMessage()));
        }
        Instant failed = statistics.failed(source);
        if (failed != null && failed.isAfter(Instant.now().minus(INTERNAL_TOLD))) {
            found.add(
                    new Warning(
                            Kind.INTERNAL,
                            Sentence.of("subject.subscription"),
                            null,
                            "ended by a fault of the service at "
                                    + failed
                                    + "; the log has the stack trace"));
        }
        return found;
    }

    private static @Nullable String passedOver(SubscriptionStatus subscriber) {
        List<PassedOver> tables = subscriber.passedOver();
        return tables.isEmpty()
                ? null
                : "has no rows in its snapshot of "
                        + tables.stream()
                                .limit(MOST_NAMED)
                                .map(PassedOver::toString)
                                .collect(Collectors.joining("; "))
                        + (tables.size() > MOST_NAMED
                                ? " and of " + (tables.size() - MOST_NAMED) + " more"
                                : "");
    }

    private List<Warning> views(String source) {
        List<Warning> found = new ArrayList<>();
        for (SubscriptionStatus subscriber : subscriptions.statuses(source)) {
            SnapshotStatus snapshot = subscriber.snapshot();
            if (snapshot != null && snapshot.viewAge().compareTo(longView) >= 0) {
                String detail =
                        "has been open since "
                                + snapshot.viewOpened()
                                + ": the server cannot purge old row versions meanwhile; its"
                                + " subscriber reads slowly, or its tables are large";
                found.add(
                        new Warning(
                                Kind.VIEW,
                                Sentence.of("subject.view", snapshot.id()),
                                subscriber.owner(),
                                detail));
            }
        }
        return found;
    }

    private static void become(String id, Watched watched, List<Warning> found) {
        List<Warning> now = found.subList(0, Math.min(found.size(), MOST_WARNINGS));
        List<Warning> before = watched.warnings;
        watched.warnings = List.copyOf(now);
        for (Warning warning : now) {
            if (before.stream().noneMatch(warning::isAbout)) {
                log.warn(
                        "source={} warning={} detail={}",
                        id,
                        warning.kind().text(),
                        warning.text());
            }
        }
        for (Warning warning : before) {
            if (now.stream().noneMatch(warning::isAbout)) {
                log.info(
                        "source={} warning={} over: {}",
                        id,
                        warning.kind().text(),
                        warning.subject());
            }
        }
    }
}
