package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.error.SourceException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a capture is doing, with what is true while it does it.
public sealed interface CaptureState {

    /// When it began to do so.
    Instant since();

    /// Nobody follows the source live; nothing is read.
    record Stopped(Instant since) implements CaptureState {}

    /// The first connection is being made.
    record Starting(Instant since) implements CaptureState {}

    /// The reader follows the binlog.
    record Streaming(Instant since) implements CaptureState {}

    /// The connection was lost or could not be made; another attempt follows.
    ///
    /// @param failures attempts in a row that failed
    record Reconnecting(Instant since, SourceException cause, int failures)
            implements CaptureState {}

    /// The server no longer has the position at which the reader has to go on.
    record PositionLost(Instant since, SourceException cause) implements CaptureState {}

    /// Stopped by an error that needs a person, or that outlived all retries.
    record Failed(Instant since, SourceException cause) implements CaptureState {}

    /// The name in the API and in meters.
    default String text() {
        return switch (this) {
            case Stopped _ -> "STOPPED";
            case Starting _ -> "STARTING";
            case Streaming _ -> "STREAMING";
            case Reconnecting _ -> "RECONNECTING";
            case PositionLost _ -> "POSITION_LOST";
            case Failed _ -> "FAILED";
        };
    }

    /// What went wrong, or null where nothing did.
    default @Nullable SourceException error() {
        return switch (this) {
            case Stopped _, Starting _, Streaming _ -> null;
            case Reconnecting reconnecting -> reconnecting.cause();
            case PositionLost lost -> lost.cause();
            case Failed failed -> failed.cause();
        };
    }
}
