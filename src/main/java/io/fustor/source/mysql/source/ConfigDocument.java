package io.fustor.source.mysql.source;

import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.server.Credential;
import io.fustor.source.mysql.server.ServerAddress;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A source's configuration as somebody wrote it, in a request or in the service's configuration
/// file: nothing is checked yet, everything may be missing.
///
/// @param driverType what Fustor's configuration file calls `driver`
/// @param adminCreds refused: an administrator's credentials are never stored
@Schema(name = "SourceConfig", description = "How a source is configured")
public record ConfigDocument(
        @Schema(allowableValues = "mysql", defaultValue = "mysql") @Nullable String driver,
        @Schema(hidden = true) @Nullable String driverType,
        @Schema(example = "db.example.org:3306", requiredMode = Schema.RequiredMode.REQUIRED)
                @Nullable String uri,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
                @Nullable CredentialDocument credential,
        @Schema(defaultValue = "1000") @Nullable Integer maxQueueSize,
        @Schema(defaultValue = "10") @Nullable Integer maxRetries,
        @Schema(defaultValue = "5") @Nullable Integer retryDelaySec,
        @Schema(defaultValue = "false") @Nullable Boolean disabled,
        @Schema(example = "{\"allow_brief_lock\": false}")
                @Nullable Map<String, @Nullable Object> driverParams,
        @Schema(hidden = true) @Nullable Map<String, @Nullable Object> adminCreds) {

    /// A user's name and password. Its text form never shows the password.
    ///
    /// @param passwd absent or null for an empty one
    @Schema(name = "PasswdCredential")
    public record CredentialDocument(
            @Schema(example = "fustor", requiredMode = Schema.RequiredMode.REQUIRED)
                    @Nullable String user,
            @Schema(format = "password", accessMode = Schema.AccessMode.WRITE_ONLY)
                    @Nullable String passwd) {

        private static final int LONGEST_USER = 128;
        private static final int LONGEST_PASSWORD = 256;

        /// Checks the user's name and the password's length.
        ///
        /// @param field the name of the credential, for messages
        /// @throws RequestException INVALID, naming the field
        public Credential check(String field) {
            if (user == null || user.isBlank()) {
                throw RequestException.invalid(field + ".user must name a MySQL user.");
            }
            if (user.length() > LONGEST_USER || user.chars().anyMatch(Character::isISOControl)) {
                throw RequestException.invalid(
                        field
                                + ".user must have at most "
                                + LONGEST_USER
                                + " characters and no control characters.");
            }
            String password = passwd == null ? "" : passwd;
            if (password.length() > LONGEST_PASSWORD) {
                throw RequestException.invalid(
                        field + ".passwd must have at most " + LONGEST_PASSWORD + " characters.");
            }
            return new Credential(user, password);
        }

        @Override
        public String toString() {
            return "CredentialDocument[user=" + user + "]";
        }
    }

    /// Checks every field and fills in what is absent.
    ///
    /// @throws RequestException INVALID, naming the field
    public SourceConfig check() {
        if (adminCreds != null) {
            throw RequestException.invalid(
                    "admin_creds must not be in a config: an administrator's credentials are used"
                            + " once and never stored.");
        }
        return new SourceConfig(
                checkedDriver(),
                checkedAddress(),
                checkedCredential(),
                orDefault(maxQueueSize, 1000, 1, "max_queue_size"),
                orDefault(maxRetries, 10, 0, "max_retries"),
                orDefault(retryDelaySec, 5, 1, "retry_delay_sec"),
                Boolean.TRUE.equals(disabled),
                withoutNulls(driverParams));
    }

    /// Checks what takes the place of a stored configuration. A password that is absent stays as it
    /// is where user and address do, for nobody can read it back; to another address it is never
    /// taken along.
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
            throw RequestException.invalid("driver must be \"" + SourceConfig.DRIVER + "\".");
        }
        return SourceConfig.DRIVER;
    }

    private ServerAddress checkedAddress() {
        if (uri == null) {
            throw RequestException.invalid("uri is missing: the server's host:port.");
        }
        try {
            return ServerAddress.parse(uri);
        } catch (IllegalArgumentException e) {
            throw RequestException.invalid(e.getMessage() + ".");
        }
    }

    private Credential checkedCredential() {
        if (credential == null) {
            throw RequestException.invalid("credential is missing: {\"user\", \"passwd\"}.");
        }
        return credential.check("credential");
    }

    private static int orDefault(@Nullable Integer value, int otherwise, int least, String field) {
        if (value == null) {
            return otherwise;
        }
        if (value < least) {
            throw RequestException.invalid(field + " must be " + least + " or more.");
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
