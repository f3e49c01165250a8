package io.fustor.source.mysql.checkpoint;

import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks a path variable as a consumer name, as the OpenAPI document describes it.
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@Parameter(
        description = "The name of the consumer, chosen by the consumer.",
        example = "search-index",
        schema = @Schema(type = "string", pattern = "^" + Checkpoint.NAME_FORM + "$"))
@interface ConsumerName {}
