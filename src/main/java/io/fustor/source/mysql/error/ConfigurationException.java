package io.fustor.source.mysql.error;

import org.jspecify.annotations.Nullable;

/// The configuration does not let the service start. The message is one sentence or two that name
/// the property and what to do; the start ends with it instead of a stack trace. It never holds a
/// secret.
public final class ConfigurationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ConfigurationException(String message) {
        this(message, null);
    }

    public ConfigurationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
