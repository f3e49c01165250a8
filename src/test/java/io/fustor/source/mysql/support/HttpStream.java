package io.fustor.source.mysql.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// One HTTP/1.1 request over a socket of its own, whose body is read line by line as it comes. A
/// wait that runs out of time loses nothing: the same line can be waited for again.
///
/// Used by one thread, but for [#cut], which any thread may call.
final class HttpStream implements FeedLines {

    private final Socket socket = new Socket();
    private final InputStream in;
    private final int bytesPerSecond;
    private final byte[] buffer;
    private int at;
    private int limit;
    private long lastRead = System.nanoTime();
    private long deadline;
    private long nextRead = System.nanoTime();

    private int status;
    private final Map<String, String> headers = new TreeMap<>();
    private boolean isHeadRead;
    private boolean isEnded;
    private boolean isChunked;
    private long left;
    private boolean isFirstChunk = true;
    private @Nullable CodedLines coded;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final ByteArrayOutputStream chunkLine = new ByteArrayOutputStream();

    HttpStream(FeedRequest request) {
        bytesPerSecond = request.bytesPerSecond();
        buffer = new byte[bytesPerSecond > 0 ? Math.max(1, bytesPerSecond / 10) : 16_384];
        try {
            if (request.receiveBuffer() > 0) {
                socket.setReceiveBufferSize(request.receiveBuffer());
            }
            socket.setTcpNoDelay(true);
            socket.connect(
                    new InetSocketAddress(request.uri().getHost(), request.uri().getPort()),
                    (int) request.patience().toMillis());
            in = socket.getInputStream();
            socket.getOutputStream().write(head(request));
            socket.getOutputStream().flush();
        } catch (IOException e) {
            cut();
            throw new UncheckedIOException("cannot ask " + request.uri(), e);
        }
    }

    private static byte[] head(FeedRequest request) {
        StringBuilder text = new StringBuilder(512);
        text.append("GET ").append(request.pathAndQuery()).append(" HTTP/1.1\r\n");
        text.append("Host: ").append(request.uri().getAuthority()).append("\r\n");
        request.headers()
                .forEach((name, value) -> text.append(name + ": ").append(value).append("\r\n"));
        return text.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    /// The next reads together take at most that long.
    @Override
    public void waitAtMost(Duration time) {
        deadline = System.nanoTime() + time.toNanos();
    }

    /// How long ago the last bytes came.
    @Override
    public Duration silence() {
        return Duration.ofNanos(System.nanoTime() - lastRead);
    }

    @Override
    public int status() throws IOException {
        readHead();
        return status;
    }

    /// By lower-case name.
    @Override
    public Map<String, String> headers() throws IOException {
        readHead();
        return headers;
    }

    private void readHead() throws IOException {
        while (!isHeadRead) {
            String text = rawLine(line);
            if (status == 0) {
                status = Integer.parseInt(text.split(" ", 3)[1]);
            } else if (!text.isEmpty()) {
                int colon = text.indexOf(':');
                String name = text.substring(0, colon).toLowerCase(Locale.ROOT);
                headers.put(name, text.substring(colon + 1).strip());
            } else {
                isChunked = headers.getOrDefault("transfer-encoding", "").contains("chunked");
                String length = headers.get("content-length");
                left = isChunked ? 0 : length == null ? Long.MAX_VALUE : Long.parseLong(length);
                isHeadRead = true;
            }
        }
    }

    /// The next line of the body without its end, or null where the body ends. A body with a
    /// content coding is decoded.
    ///
    /// @throws SocketTimeoutException where it does not come in time
    /// @throws IOException where the connection broke before the body's end, or the end of what is
    ///   coded is missing
    @Override
    public @Nullable String line() throws IOException {
        readHead();
        String coding = headers.get("content-encoding");
        if (coding == null) {
            return plainLine();
        }
        CodedLines lines = coded;
        if (lines == null) {
            lines = CodedLines.of(coding, new Body());
            coded = lines;
        }
        return lines.next();
    }

    /// The bytes of the body as they come.
    private final class Body extends InputStream {

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (!hasBody()) {
                return -1;
            }
            int count = (int) Math.min(Math.min(limit - at, left), length);
            System.arraycopy(buffer, at, into, from, count);
            at += count;
            left -= count;
            return count;
        }
    }

    private @Nullable String plainLine() throws IOException {
        while (hasBody()) {
            int to = (int) Math.min(limit, at + Math.min(left, buffer.length));
            int feed = at;
            while (feed < to && buffer[feed] != '\n') {
                feed++;
            }
            line.write(buffer, at, feed - at);
            boolean isWhole = feed < to;
            int next = isWhole ? feed + 1 : feed;
            left -= next - at;
            at = next;
            if (isWhole) {
                return take(line);
            }
        }
        return line.size() > 0 ? take(line) : null;
    }

    /// Whether there is a byte of the body in the buffer; waits for one.
    private boolean hasBody() throws IOException {
        if (isEnded) {
            return false;
        }
        if (left == 0 && isChunked) {
            nextChunk();
        }
        if (left == 0) {
            isEnded = true;
            return false;
        }
        if (at == limit && !fill()) {
            if (left != Long.MAX_VALUE) {
                throw new IOException("the connection was closed within the body");
            }
            isEnded = true;
            return false;
        }
        return true;
    }

    private void nextChunk() throws IOException {
        if (!isFirstChunk) {
            rawLine(chunkLine);
            isFirstChunk = true;
        }
        left = Long.parseLong(rawLine(chunkLine).split(";", 2)[0].strip(), 16);
        isFirstChunk = false;
        if (left == 0) {
            isEnded = true;
        }
    }

    private String rawLine(ByteArrayOutputStream into) throws IOException {
        while (true) {
            if (at == limit && !fill()) {
                throw new IOException("the connection was closed");
            }
            byte next = buffer[at++];
            if (next == '\n') {
                return take(into);
            }
            into.write(next);
        }
    }

    private static String take(ByteArrayOutputStream line) {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    private boolean fill() throws IOException {
        long time = deadline - System.nanoTime();
        if (time <= 0) {
            throw new SocketTimeoutException("no time left");
        }
        pace();
        socket.setSoTimeout((int) Math.max(1, time / 1_000_000));
        int count = in.read(buffer);
        lastRead = System.nanoTime();
        at = 0;
        limit = Math.max(0, count);
        if (bytesPerSecond > 0) {
            nextRead = System.nanoTime() + limit * 1_000_000_000L / bytesPerSecond;
        }
        return count > 0;
    }

    private void pace() {
        for (long wait = nextRead - System.nanoTime();
                bytesPerSecond > 0 && wait > 0;
                wait = nextRead - System.nanoTime()) {
            LockSupport.parkNanos(wait);
        }
    }

    /// Closes the connection with a reset, as a client does that dies.
    @Override
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
