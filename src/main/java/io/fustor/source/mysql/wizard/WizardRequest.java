package io.fustor.source.mysql.wizard;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.source.ConfigDocument.CredentialDocument;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The body of every action. Each action uses the fields that it needs. The text form contains no
/// values.
@Schema(
        description =
                "The values that a wizard step uses; each step uses the fields that it needs.")
@JsonIgnoreProperties(ignoreUnknown = true)
record WizardRequest(
        @Schema(
                        description = "The server's host and port; IPv6 as `[::1]:3306`.",
                        example = "db.example.org:3306",
                        requiredMode = Schema.RequiredMode.REQUIRED)
                @Nullable String uri,
        @Schema(
                        description =
                                "An administrator of the server; used for this request only and"
                                        + " never stored.")
                @Nullable CredentialDocument adminCreds,
        @Schema(description = "The user that the source will log in as.")
                @Nullable CredentialDocument credential,
        @Schema(
                        description =
                                "Settings for MySQL: `agent_host`, the host from which the source's"
                                        + " user may log in (`%`); `reset_password`, whether an"
                                        + " existing user's password may be changed; `tables`,"
                                        + " what the source captures; `allow_brief_lock`,"
                                        + " whether its user may take a global read lock.",
                        example = "{\"agent_host\": \"10.0.0.%\"}")
                @Nullable Map<String, @Nullable Object> driverParams) {

    ServerAddress address() {
        if (uri == null || uri.isBlank()) {
            throw RequestException.invalid("config.uri-missing");
        }
        try {
            return ServerAddress.parse(uri.strip());
        } catch (IllegalArgumentException e) {
            throw RequestException.invalid("config.uri", String.valueOf(e.getMessage()));
        }
    }

    Credential administrator() {
        return required(adminCreds, "admin_creds");
    }

    /// The administrator, if the request names one.
    @Nullable Credential administratorOrNull() {
        return adminCreds == null ? null : administrator();
    }

    Credential agent() {
        return required(credential, "credential");
    }

    private static Credential required(@Nullable CredentialDocument document, String field) {
        if (document == null) {
            throw RequestException.invalid("config.credential-missing", field);
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
