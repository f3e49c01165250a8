package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.CaptureState;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.source.Sources;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Looks every 30 s at the servers of sources that nobody follows, so that a lost login or a
/// changed setting is known before the next subscriber comes: each on a virtual thread of its own,
/// since a server may be slow to answer.
@Component
class IdleChecks implements DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(IdleChecks.class);

    private final Sources sources;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, SourceException> found = new ConcurrentHashMap<>();
    private final Map<String, Boolean> underWay = new ConcurrentHashMap<>();

    IdleChecks(Sources sources) {
        this.sources = sources;
    }

    /// What is wrong with the source's server, or null where nothing is known to be.
    @Nullable SourceException found(String id) {
        return found.get(id);
    }

    @Scheduled(initialDelayString = "PT2S", fixedDelayString = "PT30S")
    void look() {
        found.keySet().retainAll(sources.ids());
        for (String id : sources.ids()) {
            Capture capture = sources.capture(id);
            boolean running = sources.isRunning(id);
            if (capture == null || !running || !isIdle(capture.state())) {
                found.remove(id);
            } else if (underWay.putIfAbsent(id, true) == null) {
                threads.execute(() -> look(id, capture));
            }
        }
    }

    private static boolean isIdle(CaptureState state) {
        return switch (state) {
            case CaptureState.Stopped _, CaptureState.Failed _ -> true;
            case CaptureState.Starting _,
                    CaptureState.Streaming _,
                    CaptureState.Reconnecting _,
                    CaptureState.PositionLost _ ->
                    false;
        };
    }

    private void look(String id, Capture capture) {
        try {
            capture.server().requireCapturable();
            capture.serverIsWell();
            capture.keepSchemas();
            if (found.remove(id) != null) {
                log.info("source={} server is well again", id);
            }
        } catch (SourceException e) {
            if (found.put(id, e) == null) {
                log.warn("source={} code={} detail={}", id, e.code(), e.getMessage());
            }
        } finally {
            underWay.remove(id);
        }
    }

    @Override
    public void destroy() {
        threads.shutdownNow();
    }
}
