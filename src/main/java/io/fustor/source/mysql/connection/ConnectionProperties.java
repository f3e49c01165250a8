package io.fustor.source.mysql.connection;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How the service connects to every MySQL server, under `fustor.mysql`.
///
/// @param connectTimeout the time limit for a connection and its login
/// @param readTimeout how long a connection may be silent before it counts as dead; for a
///   connection that reads the binlog, three replication heartbeats of five seconds, or of a third
///   of this time, each
/// @param tls whether connections are encrypted and what is verified
/// @param trustStore the certificates that `verify-ca` and `verify-identity` trust, as PKCS#12 or
///   PEM; the JVM's own if absent
/// @param trustStorePassword the password of a PKCS#12 file
@ConfigurationProperties("fustor.mysql")
public record ConnectionProperties(
        @DefaultValue("10s") Duration connectTimeout,
        @DefaultValue("60s") Duration readTimeout,
        @DefaultValue("preferred") TlsMode tls,
        @Nullable Path trustStore,
        @DefaultValue("") String trustStorePassword) {

    public ConnectionProperties {
        if (connectTimeout.toMillis() < 100) {
            throw new IllegalArgumentException(
                    "fustor.mysql.connect-timeout must be 100ms or more");
        }
        if (readTimeout.toMillis() < 3_000) {
            throw new IllegalArgumentException("fustor.mysql.read-timeout must be 3s or more");
        }
    }

    @Override
    public String toString() {
        return "ConnectionProperties[connectTimeout="
                + connectTimeout
                + ", readTimeout="
                + readTimeout
                + ", tls="
                + tls
                + ", trustStore="
                + trustStore
                + "]";
    }
}
