package io.fustor.source.mysql.encode;

/// How events are sent to a subscriber.
public enum Transport {
    /// `text/event-stream`, the WHATWG's Server-Sent Events.
    SSE,
    /// `application/x-ndjson`, one JSON document a line.
    NDJSON,
    /// The elements of a JSON array, one a line. Their bytes depend on the binlog only: no clock is
    /// in them.
    PAGE,
    /// Records of a log, not over HTTP: lines whose parts are separated by tabs. A change is kind
    /// and token, topic, key, the row's other key, value; a control event is `!` and name, token,
    /// JSON; a heartbeat is a dot and a token.
    RECORD
}
