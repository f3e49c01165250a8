package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import org.jspecify.annotations.Nullable;

/// What there is to see of a module that writes sources to a log, where there is one. Any thread
/// may ask.
public interface LogWriters {

    /// The state of a source's writer; null if the source is not to be written.
    @Nullable Status of(String source);

    /// The state of a writer.
    ///
    /// @param writer the name of this instance if it writes the source, or null
    /// @param epoch how often the source was taken over; null if it is not known
    /// @param position up to which it is written; null if it is not known
    /// @param lagMillis time since the commit of the last change written; 0 without newer ones,
    ///   null if this instance does not write
    /// @param error why it is not written, or null
    record Status(
            @Nullable String writer,
            @Nullable Long epoch,
            @Nullable Place position,
            @Nullable Long lagMillis,
            @Nullable SourceException error) {}
}
