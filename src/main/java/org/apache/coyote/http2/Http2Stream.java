package org.apache.coyote.http2;

import org.apache.coyote.Request;

/// One request of an HTTP/2 connection. For any thread.
public final class Http2Stream {

    /// Why the service resets a stream.
    public enum Reason {
        /// The stream's caller may see no more.
        CANCELLED(Http2Error.CANCEL),
        /// The client reads or sends too slowly.
        TOO_SLOW(Http2Error.ENHANCE_YOUR_CALM),
        /// There is no room for it now.
        REFUSED(Http2Error.REFUSED_STREAM);

        private final Http2Error code;

        Reason(Http2Error code) {
            this.code = code;
        }
    }

    private final Stream stream;

    Http2Stream(Stream stream) {
        this.stream = stream;
    }

    public Request request() {
        return stream.getCoyoteRequest();
    }

    /// Whether the client can still receive something on it.
    public boolean isOpen() {
        return stream.canWrite();
    }

    /// Whether the client still sends its body.
    public boolean isBodyExpected() {
        return !stream.isInputFinished();
    }

    /// How many bytes the client takes now; negative where it took back what it had allowed.
    public long window() {
        return stream.getWindowSize();
    }

    /// Tells the client that the stream is over, and wakes the thread that serves it: what that
    /// thread writes from now on fails. Blocks as long as a write to the socket does.
    public void reset(Reason reason) {
        stream.close(new StreamException(reason.name(), reason.code, stream.getIdAsInt()));
    }
}
