package io.fustor.source.mysql.grant;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The line to the client of a response that lasts, for ending the stream of a caller whose grant
/// is over. The web server provides it as an attribute of the request.
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

                @Override
                public void serveRest(HttpServletRequest request, Rest rest) throws IOException {
                    AsyncContext lasting = request.startAsync();
                    try {
                        rest.write(lasting.getResponse().getOutputStream());
                    } finally {
                        lasting.complete();
                    }
                }
            };

    /// What follows the head of a response.
    interface Rest {

        /// Writes it, on the request's thread. Called once, also where the response has failed:
        /// then writing fails.
        ///
        /// @param body goes to the client, piece by piece as it is written; closing it ends the
        ///   response
        void write(OutputStream body) throws IOException;
    }

    /// Serves a response that lasts: its rest is written by the same thread, but after the request
    /// has left the filters, whose calls would take most of the thread's stack as long as the
    /// client stays. For the request's thread.
    ///
    /// @param request whose response has its head sent
    void serveRest(HttpServletRequest request, Rest rest) throws IOException;

    /// Whether the web server holds the request while the rest of its response is written: its
    /// buffers, and over TLS what encrypts. For the writing thread.
    default boolean holdsRequest() {
        return true;
    }

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

    /// The response will last: the line gives back what only the head of the request needs. For the
    /// request's thread, which has read the request.
    default void lasts() {}

    /// Waits until the client has taken everything; after a time, cuts the connection. For the
    /// request's thread, after the last write.
    void finish(Duration time);
}
