package io.fustor.source.mysql.web;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.coyote.http11.Http11InputBuffer;
import org.apache.tomcat.util.net.SocketEvent;
import org.jspecify.annotations.Nullable;

/// A request that Tomcat has read, and its response.
///
/// For the thread that serves the request.
///
/// @param adapter leads it through the filters to its controller
record ServedRequest(Adapter adapter, Request request, Response response) {

    /// Serves it, and then the rest of its response, if it has one.
    void serve(ClientExchange exchange) throws Exception {
        try {
            if (StreamPath.isFeed(request)) {
                Detour.run(
                        () -> ScopedValue.where(ClientExchange.CURRENT, exchange).call(this::pass));
            } else {
                pass();
            }
        } finally {
            LastingResponse lasting = exchange.takeLasting();
            if (lasting != null) {
                // For the filters, the request was answered.
                exchange.bodyCame();
                lasting.write(response);
                exchange.answered(true);
                endIfBroken();
            }
        }
    }

    /// Whether the client has sent more than the request, whose body was read.
    boolean hasMore() {
        return request.getInputBuffer() instanceof Http11InputBuffer input
                && input.getByteBuffer().hasRemaining();
    }

    /// Leads the request through the filters.
    @Nullable Void pass() throws Exception {
        adapter.service(request, response);
        return null;
    }

    /// Tomcat closes a broken connection without the end of an asynchronous request. That end gives
    /// back what its filters, measures and counters hold for it.
    private void endIfBroken() throws Exception {
        AtomicBoolean isBroken = new AtomicBoolean();
        response.action(ActionCode.IS_ERROR, isBroken);
        if (isBroken.get()) {
            response.action(ActionCode.ASYNC_POST_PROCESS, null);
            adapter.asyncDispatch(request, response, SocketEvent.OPEN_READ);
        }
    }
}
