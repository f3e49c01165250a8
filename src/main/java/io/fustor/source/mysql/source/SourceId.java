package io.fustor.source.mysql.source;

import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks a path variable as the id of a source, as the OpenAPI document describes it.
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@Parameter(
        description = "The source's id.",
        example = "shop",
        schema = @Schema(type = "string", pattern = "^" + Source.ID_FORM + "$"))
public @interface SourceId {}
