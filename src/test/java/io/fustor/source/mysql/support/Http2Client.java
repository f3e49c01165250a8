package io.fustor.source.mysql.support;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.apache.coyote.http2.HeadDecoder;
import org.jspecify.annotations.Nullable;

/// One HTTP/2 connection, frame by frame, for tests of what no ordinary client does. It gives the
/// connection window back at once, and that of a stream when its bytes are read: a stream that is
/// not read stalls, and no other.
///
/// Any thread may send.
public final class Http2Client implements AutoCloseable {

    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int LARGE = 1 << 30;

    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;
    private final HeadDecoder heads = new HeadDecoder();
    private final Map<Integer, Http2Exchange> exchanges = new ConcurrentHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ByteArrayOutputStream head = new ByteArrayOutputStream();
    private final String scheme;
    private int nextStream = 1;
    private volatile @Nullable Http2Frame goAway;
    private volatile int pings;
    private volatile int resets;
    private volatile boolean isDeaf;

    private Http2Client(Socket socket, String scheme, int window) throws IOException {
        this.socket = socket;
        this.scheme = scheme;
        this.out = socket.getOutputStream();
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 65_536));
        socket.setTcpNoDelay(true);
        out.write(PREFACE);
        send(Http2Frame.settings(Http2Frame.INITIAL_WINDOW, window));
        send(Http2Frame.windowUpdate(0, LARGE));
        Thread.ofVirtual().start(this::readAll);
    }

    /// Connects without TLS, knowing that the service speaks HTTP/2.
    ///
    /// @param window how many bytes of a stream may come before one is read
    public static Http2Client connect(int port, int window) {
        try {
            return new Http2Client(new Socket("127.0.0.1", port), "http", window);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Http2Client connect(int port) {
        return connect(port, 1 << 20);
    }

    /// Connects with TLS.
    public static Http2Client connect(int port, SSLContext tls) {
        try {
            var secure = (SSLSocket) tls.getSocketFactory().createSocket("localhost", port);
            var parameters = secure.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            secure.setSSLParameters(parameters);
            secure.startHandshake();
            if (!secure.getApplicationProtocol().equals("h2")) {
                throw new AssertionError("chose " + secure.getApplicationProtocol());
            }
            return new Http2Client(secure, "https", 1 << 20);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void send(Http2Frame frame) {
        sendBytes(frame.bytes());
    }

    public void sendBytes(byte[] bytes) {
        synchronized (out) {
            try {
                out.write(bytes);
                out.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// From now on it answers no ping and reads nothing from the socket.
    public void fallSilent() {
        isDeaf = true;
    }

    /// Gets a path, with names and values in turn.
    public Http2Exchange get(String path, String... headers) {
        return request("GET", path, true, headers);
    }

    /// Begins a request.
    ///
    /// @param isWhole whether it has no body
    public Http2Exchange request(String method, String path, boolean isWhole, String... headers) {
        byte[] block = Http2Frame.head(fields(method, path, headers));
        int flags = Http2Frame.END_HEADERS | (isWhole ? Http2Frame.END_STREAM : 0);
        synchronized (out) {
            Http2Exchange exchange = exchange();
            send(new Http2Frame(Http2Frame.HEADERS, flags, exchange.id(), block));
            return exchange;
        }
    }

    /// A stream on which nothing was sent yet.
    public Http2Exchange exchange() {
        synchronized (out) {
            var exchange = new Http2Exchange(this, nextStream);
            exchanges.put(nextStream, exchange);
            nextStream += 2;
            return exchange;
        }
    }

    public List<Map.Entry<String, String>> fields(String method, String path, String... headers) {
        var fields = new ArrayList<Map.Entry<String, String>>();
        fields.add(Map.entry(":method", method));
        fields.add(Map.entry(":scheme", scheme));
        fields.add(Map.entry(":authority", "localhost:" + socket.getPort()));
        fields.add(Map.entry(":path", path));
        for (int i = 0; i < headers.length; i += 2) {
            fields.add(Map.entry(headers[i], headers[i + 1]));
        }
        return fields;
    }

    private void readAll() {
        try {
            while (!isDeaf) {
                take(Http2Frame.read(in));
            }
        } catch (IOException | UncheckedIOException _) {
            closed.countDown();
            exchanges.values().forEach(Http2Exchange::broke);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread reads frames
    private void take(Http2Frame frame) {
        Http2Exchange exchange = exchanges.get(frame.stream());
        switch (frame.type()) {
            case Http2Frame.HEADERS, Http2Frame.CONTINUATION -> takeHead(frame, exchange);
            case Http2Frame.DATA -> takeData(frame, exchange);
            case Http2Frame.RST_STREAM -> {
                resets++;
                if (exchange != null) {
                    exchange.reset(frame.number());
                }
            }
            case Http2Frame.SETTINGS -> {
                if (!frame.has(Http2Frame.ACK)) {
                    send(new Http2Frame(Http2Frame.SETTINGS, Http2Frame.ACK, 0, new byte[0]));
                }
            }
            case Http2Frame.PING -> takePing(frame);
            case Http2Frame.GOAWAY -> goAway = frame;
            default -> {
                // The service's windows are large enough for the tests' bodies.
            }
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread reads frames
    private void takePing(Http2Frame frame) {
        if (frame.has(Http2Frame.ACK)) {
            pings++;
        } else {
            send(new Http2Frame(Http2Frame.PING, Http2Frame.ACK, 0, frame.payload()));
        }
    }

    private void takeHead(Http2Frame frame, @Nullable Http2Exchange exchange) {
        head.writeBytes(frame.payload());
        if (frame.has(Http2Frame.END_HEADERS)) {
            Map<String, String> fields = heads.decode(head.toByteArray());
            head.reset();
            if (exchange != null) {
                exchange.head(fields);
            }
        }
        if (frame.type() == Http2Frame.HEADERS
                && frame.has(Http2Frame.END_STREAM)
                && exchange != null) {
            exchange.ended();
        }
    }

    private void takeData(Http2Frame frame, @Nullable Http2Exchange exchange) {
        if (frame.payload().length > 0) {
            send(Http2Frame.windowUpdate(0, frame.payload().length));
        }
        if (exchange != null) {
            exchange.data(frame.payload());
            if (frame.has(Http2Frame.END_STREAM)) {
                exchange.ended();
            }
        }
    }

    /// The error code of the GOAWAY that came last; -1 if none came.
    public int goAwayCode() {
        Http2Frame frame = goAway;
        return frame == null ? -1 : ByteBuffer.wrap(frame.payload()).getInt(4);
    }

    /// How many of its pings were answered.
    public int pings() {
        return pings;
    }

    /// How many streams the service has reset.
    public int resets() {
        return resets;
    }

    /// Whether the service has closed the connection.
    public boolean isClosed() {
        return closed.getCount() == 0;
    }

    /// Closes the connection with a reset, as a client does that dies.
    public void cut() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException _) {
            // Closed already: nothing is left to do.
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException _) {
            // Nothing is left to do.
        }
    }
}
