package io.fustor.source.mysql.source;

import io.fustor.source.mysql.state.DataDirectory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Storage and declaration of sources, under `fustor`.
///
/// @param dataDir folder of the embedded database and the key file; a relative path starts at the
///   working directory of the process
/// @param healthFile file to which the service writes the address of its liveness when it is ready,
///   and which it removes at exit; for health checks that need to know the port and whether it uses
///   TLS
/// @param agentId name of this instance in Fustor; by default the host name
/// @param refresh interval at which changes of other instances are read from a shared state
///   database
/// @param lookInterval interval at which the service logs in to each source's server to check
///   whether the source can be served
/// @param sources sources declared in the configuration, by id, in the form of Fustor's
///   `agent-config.yaml`; the API shows them and cannot change them
@ConfigurationProperties("fustor")
public record SourceProperties(
        @DefaultValue(DataDirectory.DEFAULT) Path dataDir,
        @Nullable Path healthFile,
        @Nullable String agentId,
        @DefaultValue(REFRESH) Duration refresh,
        @DefaultValue("30s") Duration lookInterval,
        @DefaultValue Map<String, ConfigDocument> sources) {

    /// The default of `refresh`.
    static final String REFRESH = "5s";
}
