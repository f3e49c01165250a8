package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.source.SourceConfig;
import io.fustor.source.mysql.source.SourceFields;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Fustor's interface for drivers: which there are, and what is known of the sources that use them.
@RestController
@RequestMapping("/api/drivers")
@Tag(name = "Drivers", description = "What a source can be made of")
class DriversController {

    /// The drivers by what they are for; this service only reads.
    record Drivers(@Schema(example = "[\"mysql\"]") List<String> sources, List<String> pushers) {}

    private static final JsonMapper JSON = JsonMapper.shared();

    private final SourceFields fields;

    DriversController(SourceFields fields) {
        this.fields = fields;
    }

    @GetMapping
    @Operation(summary = "List the drivers")
    Drivers drivers() {
        return new Drivers(List.of(SourceConfig.DRIVER), List.of());
    }

    @GetMapping("/sources/{id}/_actions/get_available_fields")
    @Operation(summary = "Answer the cached fields of a stored source")
    @Schema(type = "object")
    ObjectNode availableFields(@PathVariable String id) {
        String cached = fields.cached(id);
        JsonNode properties = cached == null ? null : JSON.readTree(cached).get("properties");
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.set("properties", properties == null ? answer.objectNode() : properties);
        return answer;
    }
}
