package io.fustor.source.mysql.source;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.encode.MaskKey;
import io.fustor.source.mysql.encode.Masks;
import io.fustor.source.mysql.error.RequestException;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The configuration of a source as received in a request or in the service's configuration file.
/// Nothing is checked yet, and anything may be missing.
///
/// @param driverType named `driver` in Fustor's configuration file
/// @param adminCreds refused, because an administrator's credentials are never stored
@Schema(name = "SourceConfig", description = "The configuration of a source.")
@JsonIgnoreProperties(ignoreUnknown = true)
public record ConfigDocument(
        @Schema(
                        description = "The driver of the source.",
                        allowableValues = "mysql",
                        defaultValue = "mysql")
                @Nullable String driver,
        @Schema(hidden = true) @Nullable String driverType,
        @Schema(
                        description = "The server's host and port; IPv6 as `[::1]:3306`.",
                        example = "db.example.org:3306",
                        requiredMode = Schema.RequiredMode.REQUIRED)
                @Nullable String uri,
        @Schema(
                        description = "The user that the source logs in as.",
                        requiredMode = Schema.RequiredMode.REQUIRED)
                @Nullable CredentialDocument credential,
        @Schema(
                        description = ConfigDocument.MAX_QUEUE_SIZE,
                        defaultValue = "" + ConfigDocument.QUEUE)
                @Nullable Integer maxQueueSize,
        @Schema(
                        description = ConfigDocument.MAX_RETRIES,
                        minimum = "0",
                        defaultValue = "" + ConfigDocument.RETRIES)
                @Nullable Integer maxRetries,
        @Schema(
                        description = ConfigDocument.RETRY_DELAY,
                        minimum = "1",
                        defaultValue = "" + ConfigDocument.DELAY)
                @Nullable Integer retryDelaySec,
        @Schema(description = ConfigDocument.DISABLED, defaultValue = "false")
                @Nullable Boolean disabled,
        @Schema(description = ConfigDocument.MASKS, example = ConfigDocument.MASKS_EXAMPLE)
                @Nullable Map<String, @Nullable String> masks,
        @Schema(
                        description =
                                "Settings for MySQL: `allow_brief_lock`, whether a snapshot may"
                                        + " briefly take a global read lock; and the settings of"
                                        + " the wizard.",
                        example = "{\"allow_brief_lock\": false}")
                @Nullable Map<String, @Nullable Object> driverParams,
        @Schema(hidden = true) @Nullable Map<String, @Nullable Object> adminCreds) {

    // The descriptions of the fields in the OpenAPI document, for requests and responses.
    static final String MAX_QUEUE_SIZE = "Kept for Fustor, without effect here.";
    static final String MAX_RETRIES = "Maximum number of consecutive failed attempts to reconnect.";
    static final String RETRY_DELAY =
            "The pause before a reconnect, in seconds; doubled after each failure, up to a"
                    + " minute.";
    static final String DISABLED = "Whether the source is prevented from running.";

    static final String MASKS =
            "What stands in the place of the values of columns, by `schema.table.column`, `*` as"
                    + " wildcard in schema and table: `hmac`, `truncate:<characters>`, `null` or"
                    + " `fixed:<text>`. The first one that matches a column holds.";
    static final String MASKS_EXAMPLE = "{\"shop.customers.email\": \"hmac\"}";

    private static final int MOST_MASKS = 1000;
    private static final int QUEUE = 1000;
    private static final int RETRIES = 10;
    private static final int DELAY = 5;

    /// A user's name and password. Its text form never shows the password.
    @Schema(name = "PasswdCredential", description = "A user of the server.")
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record CredentialDocument(
            @Schema(
                            description = "The user's name.",
                            example = "fustor",
                            requiredMode = Schema.RequiredMode.REQUIRED)
                    @Nullable String user,
            @Schema(
                            description = "The password; absent or null for an empty one.",
                            format = "password",
                            accessMode = Schema.AccessMode.WRITE_ONLY)
                    @Nullable String passwd) {

        private static final int LONGEST_USER = 128;
        private static final int LONGEST_PASSWORD = 256;

        /// Checks the user's name and the password's length.
        ///
        /// @param field the name of the credential, for messages
        /// @throws RequestException INVALID, naming the field
        public Credential check(String field) {
            if (user == null || user.isBlank()) {
                throw RequestException.invalid("config.user", field);
            }
            if (user.length() > LONGEST_USER || user.chars().anyMatch(Character::isISOControl)) {
                throw RequestException.invalid("config.user-form", field, LONGEST_USER);
            }
            String password = passwd == null ? "" : passwd;
            if (password.length() > LONGEST_PASSWORD) {
                throw RequestException.invalid("config.passwd-long", field, LONGEST_PASSWORD);
            }
            return new Credential(user, password);
        }

        @Override
        public String toString() {
            return "CredentialDocument[user=" + user + "]";
        }
    }

    /// Checks every field and adds defaults.
    ///
    /// @throws RequestException INVALID, naming the field
    public SourceConfig check() {
        if (adminCreds != null) {
            throw RequestException.invalid("config.admin");
        }
        return new SourceConfig(
                checkedDriver(),
                checkedAddress(),
                checkedCredential(),
                orDefault(maxQueueSize, QUEUE, 1, "max_queue_size"),
                orDefault(maxRetries, RETRIES, 0, "max_retries"),
                orDefault(retryDelaySec, DELAY, 1, "retry_delay_sec"),
                Boolean.TRUE.equals(disabled),
                checkedMasks(),
                withoutNulls(driverParams));
    }

    private Map<String, String> checkedMasks() {
        Map<String, String> checked = new LinkedHashMap<>();
        if (masks != null) {
            masks.forEach((column, mask) -> checked.put(column, mask == null ? "null" : mask));
        }
        if (checked.size() > MOST_MASKS) {
            throw RequestException.invalid("mask.many", MOST_MASKS);
        }
        Masks.parse(checked, new MaskKey(new byte[1]));
        return checked;
    }

    /// Checks a configuration that replaces a stored one. An absent password keeps the stored
    /// password if user and address stay the same, because no caller can read it back. It is never
    /// sent to another address.
    ///
    /// @throws RequestException INVALID, naming the field
    SourceConfig check(SourceConfig stored) {
        SourceConfig config = check();
        boolean isAbsent = credential != null && credential.passwd() == null;
        boolean isSame =
                config.address().equals(stored.address())
                        && config.credential().user().equals(stored.credential().user());
        return isAbsent && isSame ? config.withCredential(stored.credential()) : config;
    }

    private String checkedDriver() {
        String name = driver != null ? driver : driverType;
        if (name != null && !name.equals(SourceConfig.DRIVER)) {
            throw RequestException.invalid("config.driver", SourceConfig.DRIVER);
        }
        return SourceConfig.DRIVER;
    }

    private ServerAddress checkedAddress() {
        if (uri == null) {
            throw RequestException.invalid("config.uri-missing");
        }
        try {
            return ServerAddress.parse(uri);
        } catch (IllegalArgumentException e) {
            throw RequestException.invalid("config.uri", String.valueOf(e.getMessage()));
        }
    }

    private Credential checkedCredential() {
        if (credential == null) {
            throw RequestException.invalid("config.credential-missing", "credential");
        }
        return credential.check("credential");
    }

    private static int orDefault(@Nullable Integer value, int otherwise, int least, String field) {
        if (value == null) {
            return otherwise;
        }
        if (value < least) {
            throw RequestException.invalid("config.least", field, least);
        }
        return value;
    }

    private static Map<String, Object> withoutNulls(
            @Nullable Map<String, @Nullable Object> params) {
        Map<String, Object> present = new LinkedHashMap<>();
        if (params != null) {
            params.forEach(
                    (name, value) -> {
                        if (value != null) {
                            present.put(name, value);
                        }
                    });
        }
        return present;
    }
}
