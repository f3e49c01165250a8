package io.fustor.source.mysql.web;

import io.fustor.source.mysql.grant.ClientLine;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One request and its response, as the guards of the port see it. Over HTTP/1.1 it has its
/// connection for itself, over HTTP/2 it is a stream beside others.
sealed interface ClientExchange extends ClientLine permits ClientConnection, ClientStream {

    /// The request that a thread serves.
    ScopedValue<ClientExchange> CURRENT = ScopedValue.newInstance();

    /// The request that this thread serves; null if there is none.
    static @Nullable ClientExchange current() {
        return CURRENT.isBound() ? CURRENT.get() : null;
    }

    /// This thread is about to read from the request body. The time counts from the first call.
    void awaitBody();

    void bodyCame();

    /// The application has responded.
    ///
    /// @param withBody whether a body may still be on its way
    void answered(boolean withBody);

    /// Sets how long one write may make no progress, from now on.
    void letClientStall(Duration time);

    /// The response that is left to be written, once; null if there is none.
    @Nullable LastingResponse takeLasting();

    /// Whether the service has ended it, since the client was too slow.
    boolean isDropped();
}
