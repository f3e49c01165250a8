package io.fustor.source.mysql.web;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fustor.source.mysql.grant.ClientLine;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.coyote.UpgradeToken;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A connection of HTTP/1.1 during a response that lasts. To Tomcat it is one that was upgraded to
/// another protocol when its request left the filters: Tomcat ends the request, takes back all that
/// it has for requests, and lets this object serve the connection. The other protocol is the rest
/// of the response. After that the connection is one of HTTP/1.1 again.
///
/// For the thread that serves the connection.
final class StreamingConnection implements Processor, HttpUpgradeHandler, WebConnection {

    private static final Logger LOG = LoggerFactory.getLogger(StreamingConnection.class);

    private static final String PROTOCOL = "the rest of a response";
    private static final String CHUNKED = "chunked";
    private static final String CLOSE = "close";

    private final ClientConnection connection;
    private final SocketWrapperBase<NioChannel> wrapper;
    private final UpgradeToken token = new UpgradeToken(this, null, null, PROTOCOL);
    private final boolean isChunked;
    private final boolean isLast;

    /// Null once it is written.
    private ClientLine.@Nullable Rest rest;

    /// @param response with its head sent
    StreamingConnection(
            ClientConnection connection,
            SocketWrapperBase<NioChannel> wrapper,
            Response response,
            ClientLine.Rest rest) {
        this.connection = connection;
        this.wrapper = wrapper;
        this.rest = rest;
        this.isChunked = has(response, "Transfer-Encoding", CHUNKED);
        this.isLast = !isChunked || has(response, "Connection", CLOSE);
    }

    private static boolean has(Response response, String header, String value) {
        return value.equals(response.getMimeHeaders().getHeader(header));
    }

    /// Lets the request leave: Tomcat writes nothing more of its response.
    void leave(Response response) {
        response.action(ActionCode.UPGRADE, token);
    }

    /// The request has failed after it left, and the connection with it.
    void failIfUnwritten() {
        ClientLine.Rest left = rest;
        rest = null;
        if (left != null) {
            try {
                left.write(new FailedOutput());
            } catch (IOException e) {
                LOG.debug("response was not written", e);
            }
        }
    }

    /// Writes the rest of the response.
    @Override
    public SocketState process(SocketWrapperBase<?> socket, SocketEvent event) {
        ClientLine.Rest left = rest;
        rest = null;
        if (left == null) {
            return SocketState.CLOSED;
        }
        // For the filters, the request was answered.
        connection.bodyCame();
        boolean isComplete = false;
        try {
            isComplete = isWritten(left);
            return isComplete && !isLast ? awaitRequest() : SocketState.CLOSED;
        } catch (IOException e) {
            LOG.debug("client left after the response", e);
            return SocketState.CLOSED;
        } finally {
            if (!isComplete) {
                // Tomcat leaves the connection of a thread that fails open.
                wrapper.close();
            }
        }
    }

    /// Writes all of it; false if that fails.
    private boolean isWritten(ClientLine.Rest left) {
        Body body = new Body();
        try {
            left.write(body);
        } catch (IOException e) {
            LOG.debug("response was not written to its end", e);
        } finally {
            connection.answered(false);
        }
        return body.isComplete;
    }

    /// What the client has sent meanwhile may be here already, and would wake no one.
    private SocketState awaitRequest() throws IOException {
        if (wrapper.isReadyForRead()) {
            wrapper.processSocket(SocketEvent.OPEN_READ, true);
        }
        return SocketState.OPEN;
    }

    /// The body in pieces of its own (RFC 9112, 7.1), or to the end of the connection.
    private final class Body extends OutputStream {

        private static final byte[] LINE_END = {'\r', '\n'};
        private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(US_ASCII);
        private static final byte[] DIGITS = "0123456789abcdef".getBytes(US_ASCII);

        /// The size of a chunk, of at most eight digits, and the end of its line.
        private final byte[] size = new byte[10];

        private boolean isComplete;

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            if (length == 0) {
                return;
            }
            if (isChunked) {
                int at = size(length);
                wrapper.write(true, size, at, size.length - at);
                wrapper.write(true, bytes, from, length);
                wrapper.write(true, LINE_END, 0, LINE_END.length);
            } else {
                wrapper.write(true, bytes, from, length);
            }
        }

        /// Returns where the line with the size begins.
        private int size(int length) {
            int at = size.length;
            size[--at] = '\n';
            size[--at] = '\r';
            for (int left = length; left != 0; left >>>= 4) {
                size[--at] = DIGITS[left & 15];
            }
            return at;
        }

        @Override
        public void flush() throws IOException {
            wrapper.flush(true);
        }

        @Override
        public void close() throws IOException {
            if (!isComplete) {
                if (isChunked) {
                    wrapper.write(true, LAST_CHUNK, 0, LAST_CHUNK.length);
                }
                flush();
                isComplete = true;
            }
        }
    }

    @Override
    public UpgradeToken getUpgradeToken() {
        return token;
    }

    @Override
    public boolean isUpgrade() {
        return true;
    }

    @Override
    public boolean isAsync() {
        return false;
    }

    @Override
    public void timeoutAsync(long now) {}

    @Override
    public @Nullable Request getRequest() {
        return null;
    }

    @Override
    public void recycle() {}

    @Override
    public void setSslSupport(SSLSupport support) {}

    @Override
    public @Nullable ByteBuffer getLeftoverInput() {
        return null;
    }

    @Override
    public void pause() {}

    @Override
    public boolean checkAsyncTimeoutGeneration() {
        return false;
    }

    @Override
    public void init(WebConnection itself) {}

    @Override
    public void destroy() {}

    @Override
    public ServletInputStream getInputStream() {
        throw new UnsupportedOperationException();
    }

    @Override
    public ServletOutputStream getOutputStream() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
