package io.fustor.source.mysql.monitoring;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/// The writer of a source to Kafka, in the view of the source.
@Schema(name = "KafkaWriter", description = "The writer of a source to Kafka.")
@JsonInclude(JsonInclude.Include.ALWAYS)
record KafkaView(
        @Schema(
                        description =
                                "The name of this instance if it writes the source; null if it"
                                        + " does not.",
                        example = "fustor-1")
                @Nullable String writer,
        @Schema(
                        description = "How often the source was taken over; null if unknown.",
                        example = "3")
                @Nullable Long epoch,
        @Schema(description = "The place up to which it is written; null if unknown.")
                SourceViews.@Nullable PositionView position,
        @Schema(
                        description =
                                "Time since the commit of the last change written, in"
                                        + " milliseconds; 0 without newer ones, null if this"
                                        + " instance does not write.",
                        example = "0")
                @Nullable Long lagMs,
        @Schema(description = "The reason why it is not written.")
                SourceViews.@Nullable ErrorView error) {

    static KafkaView of(
            LogWriters.Status status,
            SourceViews.@Nullable PositionView position,
            SourceViews.@Nullable ErrorView error) {
        return new KafkaView(status.writer(), status.epoch(), position, status.lagMillis(), error);
    }
}
