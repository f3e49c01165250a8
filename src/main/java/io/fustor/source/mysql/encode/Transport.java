package io.fustor.source.mysql.encode;

/// How events go over HTTP.
public enum Transport {
    /// `text/event-stream`, the WHATWG's Server-Sent Events.
    SSE,
    /// `application/x-ndjson`, one JSON document a line.
    NDJSON
}
