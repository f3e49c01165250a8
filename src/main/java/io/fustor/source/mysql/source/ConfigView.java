package io.fustor.source.mysql.source;

import io.fustor.source.mysql.grant.Sight;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;

/// The configuration of a source in API responses, never with a password.
@Schema(
        name = "SourceConfigView",
        description = "The configuration of a source, without its password.")
record ConfigView(
        @Schema(description = "The driver of the source.", example = "mysql") String driver,
        @Schema(description = "The server's host and port.", example = "db.example.org:3306")
                String uri,
        @Schema(description = "The user that the source logs in as.") CredentialView credential,
        @Schema(description = ConfigDocument.MAX_QUEUE_SIZE, example = "1000") int maxQueueSize,
        @Schema(description = ConfigDocument.MAX_RETRIES, example = "10") int maxRetries,
        @Schema(description = ConfigDocument.RETRY_DELAY, example = "5") int retryDelaySec,
        @Schema(description = ConfigDocument.DISABLED) boolean disabled,
        @Schema(description = ConfigDocument.MASKS, example = ConfigDocument.MASKS_EXAMPLE)
                Map<String, String> masks,
        @Schema(description = "Settings for MySQL.") Map<String, Object> driverParams,
        @Schema(
                        description =
                                "Whether the service's own configuration declares the source, so"
                                        + " that it cannot be changed here.")
                boolean readOnly) {

    /// A credential without its password. The key `passwd` is absent, because a form filled from
    /// the response would show null as text and save it.
    @Schema(name = "PasswdCredentialView", description = "A user, without the password.")
    record CredentialView(
            @Schema(description = "The user's name.", example = "fustor") String user,
            @Schema(description = "Whether a password is stored.") boolean passwdSet) {}

    /// What a caller sees of a source's configuration: one with a grant sees that the source is
    /// there. Its address, its user and its settings, which may name tables, stay hidden.
    static ConfigView of(Source source, Sight sight) {
        ConfigView whole = of(source);
        return sight.isLimited()
                ? new ConfigView(
                        whole.driver,
                        "",
                        new CredentialView("", false),
                        whole.maxQueueSize,
                        whole.maxRetries,
                        whole.retryDelaySec,
                        whole.disabled,
                        Map.of(),
                        Map.of(),
                        true)
                : whole;
    }

    static ConfigView of(Source source) {
        SourceConfig config = source.config();
        return new ConfigView(
                config.driver(),
                config.address().toString(),
                new CredentialView(
                        config.credential().user(), !config.credential().password().isEmpty()),
                config.maxQueueSize(),
                config.maxRetries(),
                config.retryDelaySec(),
                config.disabled(),
                config.masks(),
                config.driverParams(),
                source.isDeclared());
    }
}
