package io.fustor.source.mysql.source;

import io.fustor.source.mysql.capture.RetryPolicy;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAddress;
import java.time.Duration;
import java.util.Map;

/// How one source is configured; every value in it has been checked.
///
/// @param driver always `mysql`
/// @param maxQueueSize kept for Fustor; nothing queues here
/// @param disabled whether it may not run
/// @param masks what stands in the place of the values of columns, by `schema.table.column`
/// @param driverParams further settings by name, such as `allow_brief_lock`
public record SourceConfig(
        String driver,
        ServerAddress address,
        Credential credential,
        int maxQueueSize,
        int maxRetries,
        int retryDelaySec,
        boolean disabled,
        Map<String, String> masks,
        Map<String, Object> driverParams) {

    /// The only driver there is.
    public static final String DRIVER = "mysql";

    RetryPolicy retryPolicy() {
        return new RetryPolicy(maxRetries, Duration.ofSeconds(retryDelaySec));
    }

    SourceConfig withDisabled(boolean isDisabled) {
        return new SourceConfig(
                driver,
                address,
                credential,
                maxQueueSize,
                maxRetries,
                retryDelaySec,
                isDisabled,
                masks,
                driverParams);
    }

    SourceConfig withCredential(Credential other) {
        return new SourceConfig(
                driver,
                address,
                other,
                maxQueueSize,
                maxRetries,
                retryDelaySec,
                disabled,
                masks,
                driverParams);
    }

    /// What becomes of the source with another configuration, for the log.
    String changeTo(SourceConfig now) {
        if (disabled == now.disabled) {
            return "updated";
        }
        return now.disabled ? "disabled" : "enabled";
    }

    /// Whether a snapshot may take a global read lock for the moment in which it reads the
    /// position.
    public boolean allowsBriefLock() {
        return Boolean.TRUE.equals(driverParams.get("allow_brief_lock"))
                || "true".equals(driverParams.get("allow_brief_lock"));
    }
}
