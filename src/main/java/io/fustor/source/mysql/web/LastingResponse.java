package io.fustor.source.mysql.web;

import io.fustor.source.mysql.grant.ClientLine;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A response whose rest is written after its request has left the filters. To Tomcat it is an
/// asynchronous one that was completed by the thread that began it, before that thread was done:
/// the thread ends the response then, and no other ever serves the request.
///
/// For the thread that serves the request.
///
/// @param request without a time limit
record LastingResponse(AsyncContext request, ClientLine.Rest rest) {

    private static final Logger LOG = LoggerFactory.getLogger(LastingResponse.class);

    /// The request is asynchronous from now on.
    static LastingResponse of(HttpServletRequest request, ClientLine.Rest rest) {
        AsyncContext lasting = request.startAsync();
        lasting.setTimeout(0);
        return new LastingResponse(lasting, rest);
    }

    /// Writes the rest and completes the request.
    void write(Response response) {
        try {
            rest.write(hasFailed() ? new FailedOutput() : new Body(response));
        } catch (IOException e) {
            LOG.debug("response was not written to its end", e);
        } finally {
            // The context no longer takes it where the request has failed.
            if (is(response, ActionCode.ASYNC_IS_ASYNC)
                    && !is(response, ActionCode.ASYNC_IS_COMPLETING)) {
                response.action(ActionCode.ASYNC_COMPLETE, null);
            }
        }
    }

    /// Whether Tomcat has ended the request since the rest was left: over HTTP/2, the client may
    /// have left.
    private boolean hasFailed() {
        try {
            return !request.getRequest().isAsyncStarted();
        } catch (IllegalStateException e) {
            LOG.debug("the request is over", e);
            return true;
        }
    }

    private static boolean is(Response response, ActionCode state) {
        AtomicBoolean answer = new AtomicBoolean();
        response.action(state, answer);
        return answer.get();
    }

    /// The body past the servlet's buffer, which would cut each write into pieces of its own size.
    private static final class Body extends OutputStream {

        private final Response response;

        private Body(Response response) {
            this.response = response;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            if (length == 0) {
                return;
            }
            try {
                response.doWrite(ByteBuffer.wrap(bytes, from, length));
            } catch (IOException e) {
                // Tomcat would still try to send what it holds, and over HTTP/2 take a failure of
                // that for one of the connection.
                response.action(ActionCode.CLOSE_NOW, e);
                throw e;
            }
        }

        @Override
        public void flush() throws IOException {
            response.action(ActionCode.CLIENT_FLUSH, null);
            failIfBroken();
        }

        @Override
        public void close() throws IOException {
            response.action(ActionCode.CLOSE, null);
            failIfBroken();
        }

        private void failIfBroken() throws IOException {
            if (response.isExceptionPresent()) {
                throw new IOException(response.getErrorException());
            }
        }
    }
}
