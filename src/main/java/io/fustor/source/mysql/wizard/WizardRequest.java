package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.server.Credential;
import io.fustor.source.mysql.server.ServerAddress;
import io.fustor.source.mysql.source.ConfigDocument.CredentialDocument;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The body of every action; each uses what it needs. Its text form shows nothing of it.
///
/// @param adminCreds used for this one request and never kept
/// @param credential the user that the source will log in as
@Schema(description = "What a step of the wizard knows so far")
record WizardRequest(
        @Schema(example = "db.example.org:3306", requiredMode = Schema.RequiredMode.REQUIRED)
                @Nullable String uri,
        @Nullable CredentialDocument adminCreds,
        @Nullable CredentialDocument credential,
        @Schema(type = "object", example = "{\"agent_host\": \"10.0.0.%\"}")
                @Nullable Map<String, @Nullable Object> driverParams) {

    ServerAddress address() {
        if (uri == null || uri.isBlank()) {
            throw RequestException.invalid("uri is missing: the server's host:port.");
        }
        try {
            return ServerAddress.parse(uri.strip());
        } catch (IllegalArgumentException e) {
            throw RequestException.invalid(e.getMessage() + ".");
        }
    }

    Credential administrator() {
        return required(adminCreds, "admin_creds");
    }

    /// The administrator, where the request names one.
    @Nullable Credential administratorOrNull() {
        return adminCreds == null ? null : administrator();
    }

    Credential agent() {
        return required(credential, "credential");
    }

    private static Credential required(@Nullable CredentialDocument document, String field) {
        if (document == null) {
            throw RequestException.invalid(field + " is missing: {\"user\", \"passwd\"}.");
        }
        return document.check(field);
    }

    DriverParams params() {
        return DriverParams.of(driverParams == null ? Map.of() : driverParams);
    }

    @Override
    public String toString() {
        return "WizardRequest";
    }
}
