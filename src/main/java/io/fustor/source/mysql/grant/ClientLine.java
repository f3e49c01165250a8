package io.fustor.source.mysql.grant;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The line to a stream's client, for ending the stream of a caller whose grant is over. The web
/// server provides it as an attribute of the request.
public interface ClientLine {

    /// The request attribute that holds it.
    String ATTRIBUTE = "fustor.client-line";

    /// Of a request that came over no connection.
    ClientLine NONE =
            new ClientLine() {
                @Override
                public void cut(Thread served) {
                    served.interrupt();
                }

                @Override
                public void finish(Duration time) {}
            };

    /// Drops everything that the client has not taken yet: the connection, or over HTTP/2 the
    /// stream. Any thread may call; it never blocks.
    ///
    /// @param served the request's thread; if it waits for the client, its write fails now, and
    ///   otherwise the next one
    void cut(Thread served);

    /// Calls an action once the client is known to have left. Only HTTP/2 tells that before the
    /// next write fails.
    ///
    /// @param action never blocks; may be called more than once
    default void onGone(Runnable action) {}

    /// Calls an action, once a second, while the client sends nothing more: it has left, or over
    /// HTTP/1.1 may have closed its side only. Until the request is answered.
    ///
    /// @param action never blocks, and is null to end the calls; the next write tells whether the
    ///   client has left
    default void onInputEnd(@Nullable Runnable action) {}

    /// Waits until the client has taken everything; after a time, cuts the connection. For the
    /// request's thread, after the last write.
    void finish(Duration time);
}
