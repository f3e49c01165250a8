package io.fustor.source.mysql.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// A subscriber that takes a stream's bytes off its socket and does not look at them, but for the
/// answer's head: the least that a client can do.
record FeedStream(Socket socket, InputStream in) implements AutoCloseable {

    private static final String EVENTS = "text/event-stream";
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);

    /// Asks, and returns when the stream's head is read.
    ///
    /// @param target path and query
    static FeedStream open(int port, String target) throws IOException {
        return open(port, request(target));
    }

    /// As HTTP/1.0 has it, without the lengths of chunks between any two bytes, for those who read
    /// what the stream says.
    static FeedStream openPlain(int port, String target) throws IOException {
        return openPlain(port, target, "identity");
    }

    /// The same in a content coding.
    static FeedStream openPlain(int port, String target, String coding) throws IOException {
        return open(port, plainRequest(target, coding));
    }

    static byte[] plainRequest(String target, String coding) {
        return request(target, "HTTP/1.0", EVENTS + "\r\nAccept-Encoding: " + coding);
    }

    private static FeedStream open(int port, byte[] request) throws IOException {
        Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port);
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) LONGEST_SILENCE.toMillis());
            socket.getOutputStream().write(request);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            String head = head(in);
            if (!head.startsWith("HTTP/1.1 200")) {
                String body = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                throw new IOException("answered " + head.strip() + " " + body);
            }
            return new FeedStream(socket, in);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    static byte[] request(String target) {
        return request(target, "HTTP/1.1", EVENTS);
    }

    /// The request of a caller who has a token.
    static byte[] request(String target, String token) {
        return request(target, "HTTP/1.1", EVENTS + "\r\nAuthorization: Bearer " + token);
    }

    private static byte[] request(String target, String version, String accept) {
        return """
        GET %s %s\r
        Host: 127.0.0.1\r
        Accept: %s\r
        Connection: close\r
        \r
        """
                .formatted(target, version, accept)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int line = 0;
        for (int next = in.read(); next >= 0; next = in.read()) {
            head.write(next);
            if (next == '\n' && line == 0) {
                return head.toString(StandardCharsets.US_ASCII);
            }
            line = next == '\n' ? 0 : next == '\r' ? line : line + 1;
        }
        throw new IOException("the stream ended in its head: " + head);
    }

    /// The time from before the request until so many rows, or all of a stream that ends, were
    /// read.
    static Reading read(int port, String target, long enough) throws IOException {
        return read(port, request(target), enough);
    }

    /// The same of the stream that has a document a line.
    static Reading readLines(int port, String target, long enough) throws IOException {
        return read(port, request(target, "HTTP/1.1", "application/x-ndjson"), enough);
    }

    /// The same of a request that is made already.
    static Reading read(int port, byte[] request, long enough) throws IOException {
        long start = System.nanoTime();
        try (FeedStream stream = open(port, request)) {
            return Reading.ofMarks(stream.in(), enough, start);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
