package io.fustor.source.mysql.source;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/// The result of several checks.
@Schema(description = "The result of several checks.")
public record CheckReport(
        @Schema(description = "Whether all required checks passed.") boolean success,
        @Schema(
                        description =
                                "One line of text: the failed checks, first the required and"
                                        + " then the recommended ones, each with its fix.")
                String message,
        @Schema(description = "All checks; empty if none could run.") List<Check> checks) {}
