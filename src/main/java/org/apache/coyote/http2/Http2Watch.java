package org.apache.coyote.http2;

/// Is told what happens on one HTTP/2 connection, by the thread that reads its frames. Never
/// blocks.
public interface Http2Watch {

    /// The client has sent its settings.
    void settled();

    /// The first frame of a stream's head came. Until [#headEnded], the client can send nothing but
    /// the rest of that head.
    void headBegan(Http2Stream stream);

    void headEnded();

    /// A request is about to be served on a thread of its own.
    ///
    /// @return whether it may; otherwise the client is told to try again (`REFUSED_STREAM`)
    boolean begins(Http2Stream stream);

    /// The client answered a [Http2Connection#ping].
    void answered(int number);
}
