package io.fustor.source.mysql.openapi;

import io.swagger.v3.oas.annotations.Hidden;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// The AsyncAPI document: the feed as a channel, with its messages. It is served where the OpenAPI
/// document is, and to the same callers.
@Hidden
@RestController
@ConditionalOnProperty(name = "springdoc.api-docs.enabled", matchIfMissing = true)
class AsyncApiController {

    private final String document = StreamSchemas.asyncApi();

    @GetMapping(path = "/v3/asyncapi", produces = MediaType.APPLICATION_JSON_VALUE)
    String document() {
        return document;
    }
}
