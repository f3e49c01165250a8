package io.fustor.source.mysql.error;

import org.jspecify.annotations.Nullable;

/// The configuration does not let the service start. The message names the property and what to do,
/// and replaces the stack trace. It never contains a secret.
public final class ConfigurationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ConfigurationException(String message) {
        this(message, null);
    }

    public ConfigurationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
