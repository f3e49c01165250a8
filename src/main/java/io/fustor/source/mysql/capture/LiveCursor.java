package io.fustor.source.mysql.capture;

/// Where a subscriber continues in a live window.
///
/// @param sequence number of the first event that it has not received completely
public record LiveCursor(LiveWindow window, long sequence) {}
