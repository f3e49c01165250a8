package io.fustor.source.mysql.source;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A source's configuration as the API answers it: never with a password.
///
/// @param readOnly whether the service's own configuration declares the source
@Schema(name = "SourceConfigView", description = "How a source is configured, without its password")
record ConfigView(
        @Schema(example = "mysql") String driver,
        @Schema(example = "db.example.org:3306") String uri,
        CredentialView credential,
        @Schema(example = "1000") int maxQueueSize,
        @Schema(example = "10") int maxRetries,
        @Schema(example = "5") int retryDelaySec,
        boolean disabled,
        Map<String, Object> driverParams,
        @Schema(description = "declared in the service's configuration, not changeable here")
                boolean readOnly) {

    /// A credential without its password.
    ///
    /// @param passwd always null
    @Schema(name = "PasswdCredentialView")
    record CredentialView(
            @Schema(example = "fustor") String user,
            @Schema(description = "always null", nullable = true) @Nullable String passwd,
            @Schema(description = "whether one is stored") boolean passwdSet) {}

    static ConfigView of(Source source) {
        SourceConfig config = source.config();
        return new ConfigView(
                config.driver(),
                config.address().toString(),
                new CredentialView(
                        config.credential().user(),
                        null,
                        !config.credential().password().isEmpty()),
                config.maxQueueSize(),
                config.maxRetries(),
                config.retryDelaySec(),
                config.disabled(),
                config.driverParams(),
                source.isDeclared());
    }
}
