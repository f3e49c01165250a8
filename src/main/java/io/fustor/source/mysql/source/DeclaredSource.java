package io.fustor.source.mysql.source;

import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks an operation, for the OpenAPI document, that is refused if the service's own configuration
/// declares the source.
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ApiResponse(
        responseCode = "409",
        description = "The service's own configuration declares the source; change it there.")
@interface DeclaredSource {}
