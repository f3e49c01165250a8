package io.fustor.source.mysql.source;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.CaptureState;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.thread.SupervisedThread;
import io.fustor.source.mysql.thread.Work;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Checks every `fustor.look-interval` whether the servers of all started sources accept the
/// service. A lost login or a changed setting is thus known before the next subscriber connects. A
/// new source is checked within a second. Each check runs on its own virtual thread, because a
/// server may be slow to respond. The result is part of the capture's state.
@Component
class SourceLooks {

    private static final long TICK_MILLIS = 1_000;

    /// Each step of a check has a time limit. A check that takes longer than this hangs.
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final Sources sources;
    private final Duration interval;
    private final Map<Capture, Look> looks = new ConcurrentHashMap<>();

    /// @param begun by [System#nanoTime]
    private record Look(long begun, boolean isUnderWay) {

        boolean isOlderThan(Duration age) {
            return System.nanoTime() - begun > age.toNanos();
        }
    }

    SourceLooks(Sources sources, SourceProperties properties) {
        this.sources = sources;
        this.interval = properties.lookInterval();
    }

    @Scheduled(fixedDelay = TICK_MILLIS)
    void look() {
        Set<Capture> captures = captures();
        looks.keySet().retainAll(captures);
        for (Capture capture : captures) {
            Look last = looks.get(capture);
            if (last == null || isDue(last, capture)) {
                begin(capture);
            }
        }
    }

    private Set<Capture> captures() {
        return sources.captures().stream()
                .filter(capture -> isOfUse(capture.state()))
                .collect(Collectors.toSet());
    }

    /// A check is useless while a reader connects, because the reader detects failures itself.
    private static boolean isOfUse(CaptureState state) {
        return switch (state) {
            case CaptureState.Stopped _,
                    CaptureState.Streaming _,
                    CaptureState.PositionLost _,
                    CaptureState.Failed _ ->
                    true;
            case CaptureState.Starting _, CaptureState.Reconnecting _ -> false;
        };
    }

    private boolean isDue(Look last, Capture capture) {
        if (!last.isUnderWay()) {
            return last.isOlderThan(interval);
        }
        if (!last.isOlderThan(LONGEST)) {
            return false;
        }
        capture.looked(
                new SourceException(
                        FailureCode.SERVER_STALLED,
                        "the check of " + capture.access().address() + " does not end"));
        return true;
    }

    private void begin(Capture capture) {
        Look begun = new Look(System.nanoTime(), true);
        looks.put(capture, begun);
        SupervisedThread.virtual(
                Work.LOOK,
                "look at " + capture.access().address(),
                () -> {
                    try {
                        capture.look();
                    } finally {
                        looks.replace(capture, begun, new Look(begun.begun(), false));
                    }
                    if (!capture.isRunning()) {
                        capture.keepSchemas();
                    }
                });
    }
}
