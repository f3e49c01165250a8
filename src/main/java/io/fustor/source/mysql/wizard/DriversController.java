package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.source.SourceConfig;
import io.fustor.source.mysql.source.SourceFields;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
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

    @GetMapping("/sources/{id}/_actions/get_available_fields")
    @Operation(summary = "Answer the cached fields of a stored source")
    @ApiResponse(
            responseCode = "200",
            content = @Content(schema = @Schema(implementation = Fields.class)))
    void availableFields(@PathVariable String id, HttpServletResponse response) throws IOException {
        response.setContentType(MediaType.APPLICATION_JSON_VALUE);
        fields.writeCached(id, response.getOutputStream());
    }
}
