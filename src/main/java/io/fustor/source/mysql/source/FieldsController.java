package io.fustor.source.mysql.source;

import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.Credential;
import io.fustor.source.mysql.server.DiscoveredFields;
import io.fustor.source.mysql.source.ConfigDocument.CredentialDocument;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// Asks a stored source's server what its tables look like, and caches the answer.
@RestController
@Tag(name = "Configurations")
class FieldsController {

    /// Who asks the server, used for this one request; Fustor's older callers send the last two.
    record Discovery(
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
            throw RequestException.invalid(
                    "admin_creds is missing: {\"user\", \"passwd\"} of a user who sees the tables.");
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
    @Operation(summary = "Read the fields of a source's tables and cache them")
    Message discover(@PathVariable String id, @RequestBody Discovery discovery) {
        try {
            DiscoveredFields found = fields.discover(id, discovery.administrator());
            return new Message(
                    "Found " + found.columns() + " fields in " + found.tables() + " tables.");
        } catch (SourceException e) {
            throw new RequestException(
                    RequestException.Kind.INVALID, String.valueOf(e.getMessage()), e);
        }
    }
}
