package io.fustor.source.mysql.source;

import io.fustor.source.mysql.capture.Capture;
import org.jspecify.annotations.Nullable;

/// Stand-in until the real one is merged.
public final class SourceRun {
    /// Ends a registration.
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    private final String id;
    private final Capture capture;
    private volatile @Nullable String endReason;

    public SourceRun(String id, Capture capture) {
        this.id = id;
        this.capture = capture;
    }

    public String id() {
        return id;
    }

    public Capture capture() {
        return capture;
    }

    public @Nullable String endReason() {
        return endReason;
    }

    public Registration onEnd(Runnable wake) {
        return () -> {};
    }
}
