package io.fustor.source.mysql.capture;

/// Where a subscriber goes on in a live window.
///
/// @param sequence of the first event that it has not had, or not had whole
public record LiveCursor(LiveWindow window, long sequence) {}
