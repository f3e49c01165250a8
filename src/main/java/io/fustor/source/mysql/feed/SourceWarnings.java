package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.PurgeForecast;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.source.Sources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// What will do harm to a source's consumers if nobody looks after it, found by a look every 30 s
/// at all who have a place in its binlog: one log line when a danger appears and one when it is
/// over. Each look is on a virtual thread of its own, since a server may be slow to answer.
@Component
public class SourceWarnings implements DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(SourceWarnings.class);

    private final Sources sources;
    private final Subscriptions subscriptions;
    private final Checkpoints checkpoints;
    private final Duration longView;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Watched> bySource = new ConcurrentHashMap<>();

    /// What is in danger.
    public enum Kind {
        /// Somebody's place comes near the oldest binlog file.
        POSITION,
        /// A snapshot takes longer than the binlog behind it is kept.
        RETENTION,
        /// Somebody falls behind.
        LAG,
        /// A read view is open for long.
        VIEW;

        /// As meters and logs have it.
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// @param subject who or what it is about
    /// @param detail what about it
    private record Warning(Kind kind, String subject, String detail) {
        boolean isAbout(Warning other) {
            return kind == other.kind && subject.equals(other.subject);
        }

        String text() {
            return subject + " " + detail;
        }
    }

    /// What was found of one source, and what is remembered from look to look.
    private static final class Watched {
        private volatile List<Warning> warnings = List.of();
        private volatile boolean isUnderWay;
        private final Map<String, LagTrend> trends = new HashMap<>();
    }

    SourceWarnings(
            Sources sources,
            Subscriptions subscriptions,
            Checkpoints checkpoints,
            FeedProperties properties) {
        this.sources = sources;
        this.subscriptions = subscriptions;
        this.checkpoints = checkpoints;
        this.longView = properties.longView();
    }

    /// As sentences for people.
    List<String> texts(String source) {
        List<String> texts = new ArrayList<>();
        views(source).forEach(warning -> texts.add(warning.text()));
        for (Warning warning : found(source)) {
            if (warning.kind() != Kind.VIEW) {
                texts.add(warning.text());
            }
        }
        return texts;
    }

    /// How many of a kind there are.
    public long count(String source, Kind kind) {
        List<Warning> of = kind == Kind.VIEW ? views(source) : found(source);
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
                threads.execute(() -> look(id, capture, watched));
            }
        }
    }

    private void look(String id, Capture capture, Watched watched) {
        try {
            synchronized (watched) {
                become(id, watched, warnings(id, capture, watched));
            }
        } catch (SourceException | DataAccessException e) {
            // What was known stays known: the source's own state says what is wrong.
            log.debug("source={} warnings were not looked for: {}", id, e.getMessage());
        } finally {
            watched.isUnderWay = false;
        }
    }

    /// Looks now, on the caller's thread.
    void lookAt(String id) {
        Capture capture = sources.capture(id);
        if (capture != null) {
            look(id, capture, bySource.computeIfAbsent(id, _ -> new Watched()));
        }
    }

    private List<Warning> warnings(String id, Capture capture, Watched watched) {
        List<Warning> found = new ArrayList<>(views(id));
        found.addAll(lags(id, capture, watched.trends));
        List<Subscription> subscribers = subscriptions.of(id);
        List<Checkpoint> consumers = checkpoints.findAll(id);
        if (subscribers.isEmpty() && consumers.isEmpty()) {
            return found;
        }
        PurgeForecast forecast = capture.startingPoints().forecast();
        for (Checkpoint consumer : consumers) {
            String threat = forecast.threat(FeedToken.parse(consumer.token()).position());
            add(Kind.POSITION, "the checkpoint of '" + consumer.consumer() + "'", threat, found);
        }
        for (Subscription subscriber : subscribers) {
            add(Kind.POSITION, name(subscriber), forecast.threat(subscriber.place()), found);
            SnapshotProgress snapshot = subscriber.snapshot();
            if (snapshot != null) {
                String threat = threat(snapshot, forecast.left(subscriber.place()));
                add(Kind.RETENTION, "the snapshot " + snapshot.id(), threat, found);
            }
        }
        return found;
    }

    private static void add(
            Kind kind, String subject, @Nullable String detail, List<Warning> found) {
        if (detail != null) {
            found.add(new Warning(kind, subject, detail));
        }
    }

    private static String name(Subscription subscriber) {
        return "the subscriber " + subscriber.id().subscriber();
    }

    private static @Nullable String threat(SnapshotProgress snapshot, @Nullable Duration kept) {
        Duration left = snapshot.left();
        return kept == null || left == null || left.compareTo(kept) <= 0
                ? null
                : "will take about "
                        + left.toSeconds()
                        + " s more, and the binlog that follows it may be purged in "
                        + Math.max(0, kept.toSeconds())
                        + " s: raise binlog_expire_logs_seconds, or read faster";
    }

    private List<Warning> lags(String id, Capture capture, Map<String, LagTrend> trends) {
        Map<String, Long> lags = new HashMap<>();
        lags.put("the source", capture.counters().lagMillis());
        for (Subscription subscriber : subscriptions.of(id)) {
            lags.put(name(subscriber), FeedStatistics.lagMillis(subscriber));
        }
        trends.keySet().retainAll(lags.keySet());
        List<Warning> found = new ArrayList<>();
        lags.forEach(
                (who, millis) -> {
                    LagTrend trend = trends.computeIfAbsent(who, _ -> new LagTrend());
                    trend.add(millis);
                    add(Kind.LAG, who, trend.growth(), found);
                });
        return found;
    }

    private List<Warning> views(String source) {
        List<Warning> found = new ArrayList<>();
        for (Subscription subscriber : subscriptions.of(source)) {
            SnapshotProgress snapshot = subscriber.snapshot();
            if (snapshot != null && snapshot.viewAge().compareTo(longView) >= 0) {
                String detail =
                        "has been open since "
                                + snapshot.viewOpened()
                                + ": the server cannot purge old row versions meanwhile; its"
                                + " subscriber reads slowly, or its tables are large";
                found.add(
                        new Warning(
                                Kind.VIEW,
                                "the read view of the snapshot " + snapshot.id(),
                                detail));
            }
        }
        return found;
    }

    private static void become(String id, Watched watched, List<Warning> now) {
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

    @Override
    public void destroy() {
        threads.shutdownNow();
    }
}
