package io.fustor.source.mysql.openapi;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.swagger.v3.core.util.Json31;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.media.Schema;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/// The JSON Schemas of the items of a stream, changes and control events. The OpenAPI document and
/// the AsyncAPI document contain the same ones.
final class StreamSchemas {

    private static final String FOLDER = "/stream/";
    private static final String ITEM = "StreamItem";
    private static final String NDJSON = "application/x-ndjson";

    private StreamSchemas() {}

    /// The AsyncAPI document.
    static String asyncApi() {
        ObjectNode document = (ObjectNode) read("asyncapi.json");
        ((ObjectNode) document.path("components")).set("schemas", read("schemas.json"));
        return document.toString();
    }

    /// Adds the schemas, and what the lines of a stream are.
    static void addTo(OpenAPI document) {
        Schema<?> item = new Schema<>();
        item.setDescription("A line of a stream in NDJSON that is not empty.");
        read("schemas.json")
                .properties()
                .forEach(
                        named -> {
                            document.getComponents()
                                    .addSchemas(named.getKey(), schema(named.getValue()));
                            item.addAnyOfItem(reference(named.getKey()));
                        });
        document.getComponents().addSchemas(ITEM, item);
        document.getPaths().values().stream()
                .flatMap(path -> path.readOperations().stream())
                .flatMap(operation -> operation.getResponses().values().stream())
                .filter(response -> response.getContent() != null)
                .map(response -> response.getContent().get(NDJSON))
                .filter(content -> content != null && content.getSchema() != null)
                .forEach(content -> content.getSchema().contentSchema(reference(ITEM)));
    }

    private static Schema<?> reference(String name) {
        return new Schema<>().$ref("#/components/schemas/" + name);
    }

    private static Schema<?> schema(JsonNode json) {
        try {
            return Json31.mapper().treeToValue(json, Schema.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode read(String name) {
        try (InputStream in = StreamSchemas.class.getResourceAsStream(FOLDER + name)) {
            return new ObjectMapper().readTree(Objects.requireNonNull(in, name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
