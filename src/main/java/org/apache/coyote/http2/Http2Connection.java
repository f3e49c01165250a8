package org.apache.coyote.http2;

/// One HTTP/2 connection.
public interface Http2Connection {

    /// Asks the client for an answer. It follows everything that was sent before. Blocks as long as
    /// a write to the socket does. There is no answer where the connection is closed.
    ///
    /// @param number returns in [Http2Watch#answered]
    void ping(int number);
}
