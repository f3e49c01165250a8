package io.fustor.source.mysql.error;

/// What to do about a failure.
public enum Recovery {
    /// It may heal by itself: try again with back-off.
    RETRY,
    /// The position asked for cannot be had any more: the subscriber's `on_lost` decides.
    REPOSITION,
    /// A person has to change something first; trying again changes nothing.
    STOP
}
