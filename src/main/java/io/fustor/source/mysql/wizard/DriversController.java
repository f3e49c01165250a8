package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.source.SourceConfig;
import io.fustor.source.mysql.source.SourceFields;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Fustor's interface for drivers: which there are, and what is known of the sources that use them.
@RestController
@RequestMapping("/api/drivers")
@Tag(name = "Drivers", description = "What a source can be made of")
class DriversController {

    /// The drivers by what they are for; this service only reads.
    record Drivers(@Schema(example = "[\"mysql\"]") List<String> sources, List<String> pushers) {}

    /// The fields of a source by `schema.table.column`.
    record Fields(Map<String, Object> properties) {}

    private final SourceFields fields;

    DriversController(SourceFields fields) {
        this.fields = fields;
    }

    @GetMapping
    @Operation(summary = "List the drivers")
    Drivers drivers() {
        return new Drivers(List.of(SourceConfig.DRIVER), List.of());
    }

    /// The cache holds the answer as it is; reading 200,000 fields into a tree would cost many
    /// times its size.
    @GetMapping(
            path = "/sources/{id}/_actions/get_available_fields",
            produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(summary = "Answer the cached fields of a stored source")
    @ApiResponse(
            responseCode = "200",
            content = @Content(schema = @Schema(implementation = Fields.class)))
    String availableFields(@PathVariable String id) {
        return fields.cached(id);
    }
}
