package io.fustor.source.mysql.source;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.DiscoveredFields;
import io.fustor.source.mysql.source.ConfigDocument.CredentialDocument;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// Reads the table structures of a stored source's server, and caches the result.
@RestController
@Tag(name = "Configurations")
class FieldsController {

    /// The user for this one request. Older callers of Fustor send the last two fields.
    @JsonIgnoreProperties(ignoreUnknown = true)
    @Schema(name = "FieldsDiscovery", description = "The user that queries the server.")
    record Discovery(
            @Schema(
                            description =
                                    "A user that can see the tables; used for this request only and"
                                            + " never stored.",
                            requiredMode = Schema.RequiredMode.REQUIRED)
                    @Nullable CredentialDocument adminCreds,
            @Schema(hidden = true) @Nullable String adminUser,
            @Schema(hidden = true) @Nullable String adminPassword) {

        Credential administrator() {
            if (adminCreds != null) {
                return adminCreds.check("admin_creds");
            }
            if (adminUser != null) {
                return new CredentialDocument(adminUser, adminPassword).check("admin_creds");
            }
            throw RequestException.invalid("config.admin-missing");
        }

        @Override
        public String toString() {
            return "Discovery";
        }
    }

    private final SourceFields fields;

    FieldsController(SourceFields fields) {
        this.fields = fields;
    }

    @PostMapping({
        "/api/configs/sources/{id}/_actions/discover_and_cache_fields",
        "/api/drivers/sources/{id}/_actions/discover_and_cache_fields"
    })
    @Operation(
            operationId = "discoverAndCacheFields",
            summary = "Read the fields of a source's tables and cache them",
            description =
                    "Queries the source's server with the credentials of the request, and replaces"
                            + " the cached fields.")
    @ApiResponse(responseCode = "200", description = "The fields are cached.")
    @ApiResponse(
            responseCode = "400",
            description =
                    "The request is malformed, or the server cannot be queried; `code` gives the reason.")
    @UnknownSource
    Message discover(
            @PathVariable @SourceId String id, @RequestBody Discovery discovery, Locale language) {
        try {
            DiscoveredFields found = fields.discover(id, discovery.administrator());
            return Message.of(language, "wizard.discovered", found.columns(), found.tables());
        } catch (SourceException e) {
            throw new RequestException(RequestCode.INVALID_REQUEST, Sentence.ofFailure(e), e);
        }
    }
}
