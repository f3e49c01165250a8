package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The service's REST interface as a test calls it. May be used by any thread.
///
/// @param base the service's address without a path
/// @param bearer the token that each request shows, or null
public record ServiceApi(URI base, @Nullable String bearer) {

    /// In which an answer comes whole. The client's own limit is for the head; a stream has no end.
    private static final int WHOLE_SECONDS = 120;

    private static final HttpClient HTTP =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(60))
                    .build();

    public ServiceApi(URI base) {
        this(base, null);
    }

    /// The same interface as the caller of a token sees it.
    public ServiceApi as(String token) {
        return new ServiceApi(base, token);
    }

    public Answer get(String path) {
        return send(request(path).GET());
    }

    public Answer delete(String path) {
        return send(request(path).DELETE());
    }

    public Answer post(String path, Object body) {
        return send(json(path).POST(BodyPublishers.ofString(text(body))));
    }

    public Answer put(String path, Object body) {
        return send(json(path).PUT(BodyPublishers.ofString(text(body))));
    }

    private HttpRequest.Builder json(String path) {
        return request(path).header("Content-Type", "application/json");
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path));
        return bearer == null ? request : request.header("Authorization", "Bearer " + bearer);
    }

    /// Sends any request.
    public Answer send(String method, String path, @Nullable Object body) {
        return body == null
                ? send(request(path).method(method, BodyPublishers.noBody()))
                : send(json(path).method(method, BodyPublishers.ofString(text(body))));
    }

    /// Makes a reader, and answers its secret.
    public String addReader(String name, Map<String, ?> grant) {
        Answer made = post("/api/readers/" + name, grant).expect(201);
        return made.json().path("secret").asString();
    }

    private static String text(Object body) {
        return body instanceof String text ? text : ChangeEvent.JSON.writeValueAsString(body);
    }

    private static Answer send(HttpRequest.Builder request) {
        CompletableFuture<HttpResponse<String>> answer =
                HTTP.sendAsync(
                        request.timeout(Duration.ofSeconds(60)).build(), BodyHandlers.ofString());
        try {
            HttpResponse<String> response = answer.get(WHOLE_SECONDS, TimeUnit.SECONDS);
            return new Answer(response.statusCode(), response.headers(), response.body());
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new AssertionError("the answer has no end after " + WHOLE_SECONDS + " s", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException broken
                    ? new UncheckedIOException("the service does not answer", broken)
                    : new IllegalStateException(e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the service answers", e);
        }
    }

    /// Saves a source that reads the server with no more rights than it needs, and takes a lost
    /// connection up again within a second.
    public void addSource(String id, TestMySql server) {
        addSource(id, server.uri(), TestMySql.CAPTURE);
    }

    /// Saves a source at an address, `host:port`, as a user of one's choice.
    public void addSource(String id, String uri, TestMySql.Login login) {
        Map<String, Object> config =
                Map.of(
                        "driver",
                        "mysql",
                        "uri",
                        uri,
                        "credential",
                        Map.of("user", login.user(), "passwd", login.password()),
                        "max_retries",
                        100,
                        "retry_delay_sec",
                        1);
        post("/api/configs/sources/" + id, Map.of("config", config)).expect(201);
    }

    /// A subscription to a source, still without parameters.
    public FeedRequest feed(String sourceId) {
        FeedRequest feed = FeedRequest.to(base.resolve("/api/sources/" + sourceId + "/events"));
        return bearer == null ? feed : feed.header("Authorization", "Bearer " + bearer);
    }

    /// The token of the place where a source stands now.
    public String tokenOfNow(String sourceId) {
        try (FeedClient client = feed(sourceId).open()) {
            return client.hello();
        }
    }

    public JsonNode source(String id) {
        return get("/api/sources/" + id).expect(200).json();
    }
}
