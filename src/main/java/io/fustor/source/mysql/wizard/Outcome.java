package io.fustor.source.mysql.wizard;

import io.swagger.v3.oas.annotations.media.Schema;

/// The response of a step that does one thing.
@Schema(description = "Whether a step of the wizard succeeded.")
record Outcome(
        @Schema(description = "Whether it succeeded.") boolean success,
        @Schema(description = "What the step found or did, in one line.") String message) {

    Outcome {
        message = Texts.oneLine(message);
    }
}
