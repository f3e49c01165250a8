package io.fustor.source.mysql.support;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a subscriber asks for and how it reads. Immutable: every method gives a changed copy.
///
/// @param uri of the events, without a query
/// @param receiveBuffer of the socket in bytes; 0 leaves it to the system
/// @param bytesPerSecond how fast the client reads at most; 0 is unlimited
/// @param patience how long one wait may take before the test fails
public record FeedRequest(
        URI uri,
        Map<String, String> parameters,
        Map<String, String> headers,
        int receiveBuffer,
        int bytesPerSecond,
        Duration patience) {

    public FeedRequest {
        parameters = new LinkedHashMap<>(parameters);
        headers = new LinkedHashMap<>(headers);
    }

    public static FeedRequest to(URI uri) {
        Map<String, String> headers = Map.of("Accept", "text/event-stream");
        return new FeedRequest(uri, Map.of(), headers, 0, 0, Duration.ofSeconds(60));
    }

    public FeedRequest with(String parameter, Object value) {
        Map<String, String> changed = new LinkedHashMap<>(parameters);
        changed.put(parameter, value.toString());
        return new FeedRequest(uri, changed, headers, receiveBuffer, bytesPerSecond, patience);
    }

    public FeedRequest header(String name, String value) {
        Map<String, String> changed = new LinkedHashMap<>(headers);
        changed.put(name, value);
        return new FeedRequest(uri, parameters, changed, receiveBuffer, bytesPerSecond, patience);
    }

    /// Resumes after a token; null starts where the other parameters say.
    public FeedRequest after(@Nullable String token) {
        return token == null ? this : header("Last-Event-ID", token);
    }

    public FeedRequest ndjson() {
        return header("Accept", "application/x-ndjson");
    }

    public FeedRequest receiveBuffer(int bytes) {
        return new FeedRequest(uri, parameters, headers, bytes, bytesPerSecond, patience);
    }

    public FeedRequest bytesPerSecond(int rate) {
        return new FeedRequest(uri, parameters, headers, receiveBuffer, rate, patience);
    }

    public FeedRequest patience(Duration longest) {
        return new FeedRequest(uri, parameters, headers, receiveBuffer, bytesPerSecond, longest);
    }

    /// Connects, sends, and fails unless the answer is 200.
    public FeedClient open() {
        return answered(send());
    }

    /// As [#open], on a connection of HTTP/2 that others may use too.
    public FeedClient open(Http2Client connection) {
        return answered(send(connection));
    }

    private FeedClient answered(FeedClient client) {
        if (client.status() != 200) {
            String body = client.body();
            client.close();
            throw new AssertionError(pathAndQuery() + " answered " + client.status() + ": " + body);
        }
        return client;
    }

    /// Connects and sends; nothing of the answer is read before the client is asked for it.
    public FeedClient send() {
        return new FeedClient(this, new HttpStream(this));
    }

    /// As [#send], on a connection of HTTP/2.
    public FeedClient send(Http2Client connection) {
        String[] fields =
                headers.entrySet().stream()
                        .flatMap(e -> Stream.of(e.getKey().toLowerCase(Locale.ROOT), e.getValue()))
                        .toArray(String[]::new);
        return new FeedClient(this, connection.get(pathAndQuery(), fields));
    }

    boolean isNdjson() {
        return headers.getOrDefault("Accept", "").contains("ndjson");
    }

    String pathAndQuery() {
        String query =
                parameters.entrySet().stream()
                        .map(e -> e.getKey() + "=" + encode(e.getValue()))
                        .collect(Collectors.joining("&"));
        return uri.getRawPath() + (query.isEmpty() ? "" : "?" + query);
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
