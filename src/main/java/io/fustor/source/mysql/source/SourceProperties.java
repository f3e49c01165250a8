package io.fustor.source.mysql.source;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// What the service keeps and declares about sources, under `fustor`.
///
/// @param dataDir the folder of the embedded database and the key file
/// @param agentId how this instance calls itself towards Fustor; its host's name where absent
/// @param refresh how often to look what other instances changed in a shared state database
/// @param sources sources declared here, by id, in the shape of Fustor's `agent-config.yaml`; the
///   API shows them and cannot change them
/// @param security how stored passwords are kept
@ConfigurationProperties("fustor")
public record SourceProperties(
        @DefaultValue("./data") Path dataDir,
        @Nullable String agentId,
        @DefaultValue("5s") Duration refresh,
        @DefaultValue Map<String, ConfigDocument> sources,
        @DefaultValue Security security) {

    /// How stored passwords are kept, under `fustor.security`.
    ///
    /// @param encryptionKey 32 bytes in base64; without it, a key file in the data folder is made
    ///   and used
    /// @param previousEncryptionKeys keys that were in use before: what they encrypted is encrypted
    ///   anew with the current one at start
    public record Security(
            @Nullable String encryptionKey, @DefaultValue List<String> previousEncryptionKeys) {

        @Override
        public String toString() {
            return "Security[encryptionKey="
                    + (encryptionKey == null ? "none" : "set")
                    + ", previousEncryptionKeys="
                    + previousEncryptionKeys.size()
                    + "]";
        }
    }
}
