package io.fustor.source.mysql.source;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.encode.Masks;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A started source, from its start to its end. The next start creates a new run. Subscriptions
/// hold it while they stream, on their own threads.
///
/// When a run ends, it first sets the reason and then wakes all registered subscriptions. It
/// releases the capture after the last registration is closed, so that each subscription can still
/// send its last event.
public final class SourceRun {

    /// The registration of a subscription; closing it twice is harmless.
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    private final String id;
    private final SourceConfig config;
    private final Capture capture;
    private final Masks masks;
    private final Consumer<Capture> release;
    private final List<Runnable> wakes = new ArrayList<>();
    private boolean isReleased;
    private volatile @Nullable String endReason;

    SourceRun(
            String id,
            SourceConfig config,
            Capture capture,
            Masks masks,
            Consumer<Capture> release) {
        this.id = id;
        this.config = config;
        this.capture = capture;
        this.masks = masks;
        this.release = release;
    }

    /// The source's id.
    public String id() {
        return id;
    }

    /// The configuration with which it was started.
    public SourceConfig config() {
        return config;
    }

    /// The shared instance that reads the source's server.
    public Capture capture() {
        return capture;
    }

    /// What stands in the place of values, with names as they are configured.
    public Masks masks() {
        return masks;
    }

    /// Why the run ended, for the subscribers' last event; null while it continues.
    public @Nullable String endReason() {
        return endReason;
    }

    /// Registers a subscription until it closes the registration.
    ///
    /// @param wake called once, on the thread that ends the run, or at once if it has ended; it
    ///   must not block
    public Registration onEnd(Runnable wake) {
        synchronized (wakes) {
            wakes.add(wake);
        }
        if (endReason != null) {
            wake.run();
        }
        return new Registered(wake);
    }

    /// Ends the run. Only the first reason counts.
    void end(String reason) {
        List<Runnable> registered;
        synchronized (wakes) {
            if (endReason != null) {
                return;
            }
            endReason = reason;
            registered = List.copyOf(wakes);
        }
        registered.forEach(Runnable::run);
        releaseIfLeft();
    }

    private void releaseIfLeft() {
        synchronized (wakes) {
            if (endReason == null || !wakes.isEmpty() || isReleased) {
                return;
            }
            isReleased = true;
        }
        release.accept(capture);
    }

    private final class Registered implements Registration {

        private @Nullable Runnable wake;

        private Registered(Runnable wake) {
            this.wake = wake;
        }

        @Override
        public void close() {
            synchronized (wakes) {
                if (wake == null) {
                    return;
                }
                wakes.remove(wake);
                wake = null;
            }
            releaseIfLeft();
        }
    }
}
