package io.fustor.source.mysql.page;

import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Reads pages with plain requests. Immutable; any thread.
///
/// @param stream without a query
/// @param query further parameters, encoded, each with a leading `&`
record PageClient(URI stream, String query, Map<String, String> headers) {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /// One answer to one request.
    record Fetched(String offset, Answer answer) {

        String next() {
            return answer.header("Stream-Next-Offset");
        }

        String body() {
            return answer.body();
        }

        boolean isLasting() {
            return answer.header("Cache-Control").contains("immutable");
        }

        boolean isUpToDate() {
            return answer.header("Stream-Up-To-Date").equals("true");
        }

        List<ChangeEvent> changes() {
            List<ChangeEvent> changes = new ArrayList<>();
            if (answer.status() == 200) {
                // An element is a line.
                answer.body()
                        .lines()
                        .filter(line -> line.startsWith("{"))
                        .map(
                                line ->
                                        line.endsWith(",")
                                                ? line.substring(0, line.length() - 1)
                                                : line)
                        .forEach(line -> changes.add(ChangeEvent.parse(line)));
                JsonNode array = ChangeEvent.JSON.readTree(answer.body());
                if (!array.isArray() || array.size() != changes.size()) {
                    throw new AssertionError("not an array of changes: " + answer.body());
                }
            }
            return changes;
        }

        List<FeedRow> rows() {
            return changes().stream().flatMap(change -> change.flatten().stream()).toList();
        }

        /// All that has to be the same in every answer with the page.
        String identity() {
            return answer.body() + next() + answer.header("ETag");
        }
    }

    static PageClient of(URI service, String source) {
        return new PageClient(service.resolve("/api/sources/" + source + "/stream"), "", Map.of());
    }

    PageClient with(String parameter, String value) {
        String encoded = URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
        return new PageClient(stream, query + "&" + parameter + "=" + encoded, headers);
    }

    PageClient header(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new PageClient(stream, query, more);
    }

    PageClient at(URI service) {
        return new PageClient(service.resolve(stream.getPath()), query, headers);
    }

    Fetched get(String offset) {
        return new Fetched(offset, send("GET", offset));
    }

    Answer send(String method, String offset) {
        URI uri = URI.create(stream + "?offset=" + offset + query);
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri)
                        .timeout(Duration.ofSeconds(60))
                        .method(method, HttpRequest.BodyPublishers.noBody());
        headers.forEach(request::setHeader);
        try {
            var response = HTTP.send(request.build(), BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.headers(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// The lines of an answer that does not end soon.
    Stream<String> lines(String offset) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(stream + "?offset=" + offset + query));
        headers.forEach(request::setHeader);
        try {
            return HTTP.send(request.build(), BodyHandlers.ofLines()).body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// Follows the pages from an offset on, until one is up to date.
    List<Fetched> readToTheEnd(String offset) {
        List<Fetched> pages = new ArrayList<>();
        String next = offset;
        while (true) {
            Fetched page = get(next);
            page.answer().expect(200);
            pages.add(page);
            if (page.isUpToDate()) {
                return pages;
            }
            if (page.next().equals(next)) {
                throw new AssertionError("the page leads to itself: " + next);
            }
            next = page.next();
        }
    }

    static List<FeedRow> rows(List<Fetched> pages) {
        return pages.stream().flatMap(page -> page.rows().stream()).toList();
    }
}
