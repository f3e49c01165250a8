package io.fustor.source.mysql.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One stream of an [Http2Client]. Its response is read by one thread.
public final class Http2Exchange implements FeedLines {

    private static final byte[] END = new byte[0];

    private final Http2Client client;
    private final int id;
    private final CountDownLatch answered = new CountDownLatch(1);
    private final BlockingQueue<byte[]> pieces = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private volatile Map<String, String> headers = Map.of();
    private volatile int resetCode = -1;
    private volatile boolean isBroken;
    private volatile boolean isEnded;
    private volatile boolean isCut;
    private volatile long lastPiece = System.nanoTime();
    private volatile long received;
    private @Nullable CodedLines coded;
    private byte[] piece = new byte[0];
    private int at;
    private long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();

    Http2Exchange(Http2Client client, int id) {
        this.client = client;
        this.id = id;
    }

    public int id() {
        return id;
    }

    void head(Map<String, String> fields) {
        if (answered.getCount() > 0) {
            headers = fields;
            answered.countDown();
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // the connection's thread only
    void data(byte[] bytes) {
        lastPiece = System.nanoTime();
        received += bytes.length;
        if (bytes.length > 0) {
            pieces.add(bytes);
        }
    }

    void ended() {
        isEnded = true;
        over();
    }

    void reset(int code) {
        if (resetCode < 0) {
            resetCode = code;
        }
        over();
    }

    void broke() {
        isBroken = true;
        over();
    }

    private void over() {
        answered.countDown();
        pieces.add(END);
    }

    /// How many bytes of the body came, whether they were read or not.
    public long received() {
        return received;
    }

    /// The code of the first RST_STREAM that came; -1 if none came.
    public int resetCode() {
        return resetCode;
    }

    /// Whether the response has come to its end.
    public boolean isEnded() {
        return isEnded;
    }

    /// Whether nothing more can come.
    public boolean isOver() {
        return isEnded || isBroken || resetCode >= 0;
    }

    /// Sends a part of the request's body.
    public void send(byte[] bytes, boolean isLast) {
        int flags = isLast ? Http2Frame.END_STREAM : 0;
        client.send(new Http2Frame(Http2Frame.DATA, flags, id, bytes));
    }

    /// All of a body that ends.
    public String body() {
        var text = new StringBuilder();
        try {
            String next;
            while ((next = line()) != null) {
                text.append(next).append('\n');
            }
        } catch (IOException e) {
            throw new AssertionError("stream " + id + " broke", e);
        }
        return text.toString().strip();
    }

    @Override
    public void waitAtMost(Duration time) {
        deadline = System.nanoTime() + time.toNanos();
    }

    @Override
    public Duration silence() {
        return Duration.ofNanos(System.nanoTime() - lastPiece);
    }

    @Override
    public int status() throws IOException {
        String status = headers().get(":status");
        if (status == null) {
            throw broken();
        }
        return Integer.parseInt(status);
    }

    private IOException broken() {
        return new IOException(
                "stream %d broke, reset code %d, GOAWAY code %d"
                        .formatted(id, resetCode, client.goAwayCode()));
    }

    @Override
    public Map<String, String> headers() throws IOException {
        try {
            if (!answered.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw new SocketTimeoutException("no answer on stream " + id);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return headers;
    }

    /// The next line; a body with a content coding is decoded.
    @Override
    public @Nullable String line() throws IOException {
        String coding = headers().get("content-encoding");
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
        public int read(byte[] bytes, int from, int length) throws IOException {
            if (at == piece.length && !Http2Exchange.this.next()) {
                return -1;
            }
            int count = Math.min(length, piece.length - at);
            System.arraycopy(piece, at, bytes, from, count);
            at += count;
            return count;
        }

        @Override
        public int available() {
            return piece.length - at;
        }
    }

    private @Nullable String plainLine() throws IOException {
        while (true) {
            if (at == piece.length && !next()) {
                return line.size() > 0 ? take() : null;
            }
            while (at < piece.length) {
                byte next = piece[at++];
                if (next == '\n') {
                    return take();
                }
                line.write(next);
            }
        }
    }

    private String take() {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        return text;
    }

    private boolean next() throws IOException {
        byte[] got;
        try {
            got = pieces.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        if (got == null) {
            throw new SocketTimeoutException("nothing came on stream " + id);
        }
        if (got == END) {
            pieces.add(END);
            if (!isEnded) {
                throw broken();
            }
            return false;
        }
        piece = got;
        at = 0;
        if (!isOver() && !isCut) {
            client.send(Http2Frame.windowUpdate(id, got.length));
        }
        return true;
    }

    /// Resets the stream, once.
    @Override
    public void cut() {
        if (!isCut) {
            isCut = true;
            client.send(Http2Frame.reset(id, 8));
        }
    }

    @Override
    public void close() {
        if (!isOver()) {
            cut();
        }
    }
}
