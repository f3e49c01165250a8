package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.error.SourceException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The state of a capture, with the data that is valid in that state.
public sealed interface CaptureState {

    /// When the state began.
    Instant since();

    /// No subscriber is live; nothing is read.
    record Stopped(Instant since) implements CaptureState {}

    /// The first connection is being made.
    record Starting(Instant since) implements CaptureState {}

    /// The reader follows the binlog.
    record Streaming(Instant since) implements CaptureState {}

    /// The connection was lost or could not be made; another attempt follows.
    ///
    /// @param failures consecutive failed attempts
    record Reconnecting(Instant since, SourceException cause, int failures)
            implements CaptureState {}

    /// The server no longer has the position from which the reader must continue.
    record PositionLost(Instant since, SourceException cause) implements CaptureState {}

    /// Stopped by an error that needs an operator, or that outlasted all retries.
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

    /// The failure, or null if there is none.
    default @Nullable SourceException error() {
        return switch (this) {
            case Stopped _, Starting _, Streaming _ -> null;
            case Reconnecting reconnecting -> reconnecting.cause();
            case PositionLost lost -> lost.cause();
            case Failed failed -> failed.cause();
        };
    }
}
