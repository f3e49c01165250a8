package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.source.SourceConfig;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks a path variable as the name of a driver, as the OpenAPI document describes it.
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@Parameter(
        description = "The name of the driver.",
        example = SourceConfig.DRIVER,
        schema = @Schema(type = "string", allowableValues = SourceConfig.DRIVER))
@interface DriverName {}
