package io.fustor.source.mysql.error;

/// What the service does after a failure.
public enum Recovery {
    /// The failure may be temporary: retry with back-off.
    RETRY,
    /// The requested position is no longer available: the subscriber's `on_lost` decides.
    REPOSITION,
    /// A person has to change something first; retrying does not help.
    STOP
}
