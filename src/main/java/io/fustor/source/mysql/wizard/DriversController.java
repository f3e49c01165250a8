package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.source.DocumentedFields;
import io.fustor.source.mysql.source.SourceConfig;
import io.fustor.source.mysql.source.SourceFields;
import io.fustor.source.mysql.source.SourceId;
import io.fustor.source.mysql.source.UnknownSource;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Fustor's API for drivers: the available drivers, and the cached fields of their sources.
@RestController
@RequestMapping("/api/drivers")
@Tag(name = "Drivers", description = "Drivers for sources")
class DriversController {

    /// The drivers by purpose. This service only reads.
    @Schema(description = "The available drivers.")
    record Drivers(
            @Schema(description = "Drivers that read.", example = "[\"mysql\"]")
                    List<String> sources,
            @Schema(description = "Drivers that write: this service has none.", example = "[]")
                    List<String> pushers) {}

    private final SourceFields fields;

    DriversController(SourceFields fields) {
        this.fields = fields;
    }

    @GetMapping
    @Operation(
            operationId = "listDrivers",
            summary = "List the drivers",
            description = "In Fustor's terms, a source is read and a pusher is written to.")
    @ApiResponse(responseCode = "200", description = "The drivers.")
    Drivers drivers() {
        return new Drivers(List.of(SourceConfig.DRIVER), List.of());
    }

    @GetMapping("/sources/{id}/_actions/get_available_fields")
    @Operation(
            operationId = "getAvailableFields",
            summary = "Return the cached fields of a stored source",
            description =
                    "The fields that the wizard found when the source was saved, or that a later"
                            + " discovery found.")
    @ApiResponse(
            responseCode = "200",
            description = "The fields; empty if none are cached.",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = DocumentedFields.Fields.class)))
    @UnknownSource
    void availableFields(
            @PathVariable @SourceId String id, HttpServletResponse response, Sight sight)
            throws IOException {
        response.setContentType(MediaType.APPLICATION_JSON_VALUE);
        fields.writeCached(id, sight, response.getOutputStream());
    }
}
