package io.fustor.source.mysql.wizard;

import io.swagger.v3.oas.annotations.media.Schema;

/// What a step that does one thing answers.
@Schema(description = "Whether a step of the wizard succeeded, in a sentence for people")
record Outcome(boolean success, String message) {}
