package io.fustor.source.mysql.source;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.CaptureState;
import io.fustor.source.mysql.error.SourceException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The current status of a source. The API, health, meters and warnings are views of this record,
/// and report nothing else.
///
/// @param capture state of its capture; null if the source is stopped or disabled
/// @param refusal why its server refuses new connections, by the last check; null if it accepts
///   them
/// @param isAvailable whether a new subscriber would be served, as far as known
/// @param lagMillis time since the commit of the last change read; null while nothing is read
public record SourceStatus(
        @Nullable CaptureState capture,
        @Nullable SourceException refusal,
        boolean isAvailable,
        @Nullable Long lagMillis) {

    private static final SourceStatus OFF = new SourceStatus(null, null, false, null);

    static SourceStatus of(@Nullable Capture capture) {
        if (capture == null) {
            return OFF;
        }
        var lag = capture.lagMillis();
        return new SourceStatus(
                capture.state(),
                capture.refusal(),
                capture.isAvailable(),
                lag.isPresent() ? lag.getAsLong() : null);
    }

    /// The name of the state: that of the capture, or `STOPPED` if the source has none.
    public String text() {
        return capture == null ? "STOPPED" : capture.text();
    }

    public @Nullable Instant since() {
        return capture == null ? null : capture.since();
    }

    /// The failure, or null.
    public @Nullable SourceException error() {
        return capture == null ? null : capture.error();
    }

    /// The failure of the source, either of its reader or only for the next subscriber; null if
    /// there is none.
    public @Nullable SourceException trouble() {
        SourceException error = error();
        return error == null ? refusal : error;
    }
}
