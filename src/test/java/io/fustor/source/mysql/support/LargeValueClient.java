package io.fustor.source.mysql.support;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/// A subscriber, by SSE or NDJSON, that holds no value: of each change it keeps the operation, and
/// of each string in a column named `v` the length and the checksum. For values without an escape.
public final class LargeValueClient implements AutoCloseable {

    private static final byte[] VALUE = "\"v\":\"".getBytes(StandardCharsets.US_ASCII);

    /// More than what stands around the values of an event.
    private static final int LONGEST_REST = 8_192;

    private static final Pattern ENDS =
            Pattern.compile("^(event: |\\{\"control\":\")(error|end)\\b");

    private final HttpClient http = HttpClient.newHttpClient();
    private final InputStream in;
    private final byte[] piece = new byte[64 * 1024];
    private int at;
    private int limit;

    /// @param text all of a line but the values
    public record Line(String text, List<Value> values) {

        public boolean isChange() {
            return text.contains("\"event_type\":") || text.contains("\"op\":");
        }
    }

    /// @param crc32 as the server's function of that name
    public record Value(long length, long crc32) {}

    public LargeValueClient(FeedRequest request) {
        var builder = HttpRequest.newBuilder(uri(request));
        request.headers().forEach(builder::header);
        try {
            in =
                    new BufferedInputStream(
                            http.send(builder.build(), BodyHandlers.ofInputStream()).body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static URI uri(FeedRequest request) {
        return request.uri().resolve(request.pathAndQuery());
    }

    /// The next change; fails where an error or the stream's end comes before it.
    public Line change() {
        while (true) {
            Line line = line();
            if (line.isChange()) {
                return line;
            }
            if (ENDS.matcher(line.text()).find()) {
                throw new AssertionError("a change was expected, not " + line + line());
            }
        }
    }

    /// The next line of the stream.
    public Line line() {
        StringBuilder text = new StringBuilder();
        List<Value> values = new ArrayList<>();
        int matched = 0;
        try {
            for (int next = read(); next != '\n'; next = read()) {
                text.append((char) next);
                matched = next == VALUE[matched] ? matched + 1 : next == VALUE[0] ? 1 : 0;
                if (matched == VALUE.length) {
                    values.add(value());
                    matched = 0;
                }
                if (text.length() > LONGEST_REST) {
                    throw new AssertionError("a line is too long: " + text);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the stream broke in " + text, e);
        }
        return new Line(text.toString(), values);
    }

    private Value value() throws IOException {
        CRC32 crc = new CRC32();
        long length = 0;
        while (true) {
            int end = at;
            while (end < limit && piece[end] != '"') {
                end++;
            }
            crc.update(piece, at, end - at);
            length += end - at;
            at = end;
            if (read() == '"') {
                return new Value(length, crc.getValue());
            }
            at--;
        }
    }

    private int read() throws IOException {
        if (at == limit) {
            at = 0;
            limit = Math.max(0, in.read(piece));
            if (limit == 0) {
                throw new EOFException("the stream ended");
            }
        }
        return piece[at++];
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
