package io.fustor.source.mysql.support;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One frame of an event stream: the lines up to a blank one. Of NDJSON one line.
///
/// @param id the token, or null where the frame has none
/// @param event the control event's name; empty for a change or a heartbeat
/// @param data JSON, or null for a heartbeat
/// @param comments the lines that start with a colon, without it
/// @param retry milliseconds, or null where the frame says none
public record Frame(
        @Nullable String id,
        String event,
        @Nullable String data,
        List<String> comments,
        @Nullable String retry) {

    public boolean isHeartbeat() {
        return data == null && id != null;
    }

    public boolean isChange() {
        return data != null && event.isEmpty();
    }

    public boolean isControl(String name) {
        return data != null && event.equals(name);
    }

    /// What the frame's data says as a change.
    public ChangeEvent change() {
        if (data == null || !event.isEmpty()) {
            throw new AssertionError("not a change: " + this);
        }
        return ChangeEvent.parse(data);
    }
}
