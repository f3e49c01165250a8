package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A subscriber of a feed, for tests: reads frames one at a time when it is asked to, and can be
/// cut off at any of them. Made by [FeedRequest#open]. Every wait has a limit and fails the test
/// when it is reached. Used by one thread, but for [#cut].
public final class FeedClient implements AutoCloseable {

    /// Control events after which no further change is to be expected.
    private static final Set<String> ENDS = Set.of("error", "end", "position_lost");

    private final FeedRequest request;
    private final FeedLines http;
    private @Nullable String token;
    private int heartbeats;

    private @Nullable String id;
    private @Nullable String data;
    private @Nullable String retry;
    private String event = "";
    private List<String> comments = new ArrayList<>();

    FeedClient(FeedRequest request, FeedLines http) {
        this.request = request;
        this.http = http;
    }

    public int status() {
        return attempt("an answer", http::status);
    }

    /// The answer's header by its lower-case name, or null.
    public @Nullable String header(String name) {
        Map<String, String> headers = attempt("an answer", http::headers);
        return headers.get(name);
    }

    /// All of an answer that ends.
    public String body() {
        StringBuilder text = new StringBuilder();
        String line;
        while ((line = attempt("the body's end", http::line)) != null) {
            text.append(line).append('\n');
        }
        return text.toString().strip();
    }

    /// The problem document of an answer that is none of success.
    public JsonNode problem() {
        String body = body();
        Codes.requireExplained(400, "application/problem+json", body);
        return ChangeEvent.JSON.readTree(body);
    }

    /// The token of the last frame that had one: where a resumed stream goes on.
    public @Nullable String token() {
        return token;
    }

    /// How many heartbeat frames came so far.
    public int heartbeats() {
        return heartbeats;
    }

    /// The next frame; the test fails where the stream ends or stays silent instead.
    public Frame frame() {
        return frameOrEnd()
                .orElseThrow(() -> new AssertionError("the stream ended, after token " + token));
    }

    /// The next frame, or empty where the stream ends as HTTP wants it.
    public Optional<Frame> frameOrEnd() {
        return Optional.ofNullable(attempt("a frame", this::readFrame));
    }

    /// The next frame of some kind, waiting no longer for it than for any frame: heartbeats do not
    /// prolong the wait.
    private Frame frame(String what, Predicate<Frame> isWanted) {
        long start = System.nanoTime();
        while (true) {
            Duration left = request.patience().minusNanos(System.nanoTime() - start);
            Frame next = attempt(what, this::readFrame, left);
            if (next == null) {
                throw new AssertionError("the stream ended, after token " + token);
            }
            if (isWanted.test(next)) {
                return next;
            }
        }
    }

    /// The next frame, waiting for a time of its own; empty where none comes.
    public Optional<Frame> frameWithin(Duration time) {
        http.waitAtMost(time);
        try {
            return Optional.ofNullable(readFrame());
        } catch (SocketTimeoutException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /// Reads the start of every stream, the retry line and the heartbeat that says where it starts,
    /// and returns that token.
    public String hello() {
        Frame first = frame();
        if (!request.isNdjson() && first.retry() == null) {
            throw new AssertionError("the stream starts with " + first + ", not with retry");
        }
        if (request.isNdjson()) {
            return "";
        }
        Frame heartbeat = first.id() == null ? frame() : first;
        if (!heartbeat.isHeartbeat()) {
            throw new AssertionError("the stream starts with " + heartbeat + ", not a heartbeat");
        }
        return heartbeat.id();
    }

    /// The next change; passes over heartbeats and notes such as `commit`, fails on an `error`,
    /// `end` or `position_lost`.
    public ChangeEvent change() {
        Frame next = frame("a change", frame -> frame.isChange() || ENDS.contains(frame.event()));
        if (!next.isChange()) {
            throw new AssertionError("a change was expected, not " + next);
        }
        return next.change();
    }

    /// The next control event of a name; passes over everything else.
    public JsonNode control(String name) {
        Frame next = frame(name, frame -> frame.isControl(name) || ENDS.contains(frame.event()));
        if (!next.isControl(name)) {
            throw new AssertionError(name + " was expected, not " + next);
        }
        return ChangeEvent.JSON.readTree(next.data());
    }

    /// The next heartbeat; fails where a change comes before it.
    public String heartbeat() {
        Frame next = frame("a heartbeat", frame -> frame.isHeartbeat() || frame.data() != null);
        if (!next.isHeartbeat()) {
            throw new AssertionError("a heartbeat was expected, not " + next);
        }
        return next.id();
    }

    /// At least so many rows, in whole events.
    public List<FeedRow> rows(int count) {
        List<FeedRow> rows = new ArrayList<>(count);
        while (rows.size() < count) {
            rows.addAll(change().flatten());
        }
        return rows;
    }

    /// Breaks the connection as a client does that dies: what was not read is lost.
    public void cut() {
        http.cut();
    }

    @Override
    public void close() {
        http.close();
    }

    private interface Read<T> {
        T read() throws IOException;
    }

    private <T> T attempt(String what, Read<T> read) {
        return attempt(what, read, request.patience());
    }

    private <T> T attempt(String what, Read<T> read, Duration longest) {
        http.waitAtMost(longest);
        try {
            return read.read();
        } catch (SocketTimeoutException e) {
            throw new AssertionError(
                    "waited %s for %s of %s, after token %s; the last bytes came %s ago"
                            .formatted(
                                    longest, what, request.pathAndQuery(), token, http.silence()),
                    e);
        } catch (IOException e) {
            throw broken(e);
        }
    }

    private UncheckedIOException broken(IOException why) {
        String what = "the stream broke after token %s: %s".formatted(token, why.getMessage());
        return new UncheckedIOException(what, why);
    }

    private @Nullable Frame readFrame() throws IOException {
        if (request.isNdjson()) {
            return readLine();
        }
        while (true) {
            String line = http.line();
            if (line == null) {
                return null;
            }
            if (!line.isEmpty()) {
                take(line);
            } else if (!isEmpty()) {
                return dispatch();
            }
        }
    }

    private boolean isEmpty() {
        return id == null && data == null && retry == null && event.isEmpty() && comments.isEmpty();
    }

    private void take(String line) {
        int colon = line.indexOf(':');
        if (colon == 0) {
            comments.add(line.substring(1).strip());
            return;
        }
        String field = colon < 0 ? line : line.substring(0, colon);
        String value = colon < 0 ? "" : line.substring(colon + 1);
        value = value.startsWith(" ") ? value.substring(1) : value;
        switch (field) {
            case "id" -> id = value;
            case "event" -> event = value;
            case "data" -> data = data == null ? value : data + "\n" + value;
            case "retry" -> retry = value;
            default -> throw new AssertionError("unknown line in the stream: " + line);
        }
    }

    private Frame dispatch() {
        Frame frame = new Frame(id, event, data, List.copyOf(comments), retry);
        id = null;
        data = null;
        retry = null;
        event = "";
        comments = new ArrayList<>();
        return note(frame);
    }

    private Frame note(Frame frame) {
        if (frame.id() != null) {
            token = frame.id();
        }
        if (frame.isHeartbeat()) {
            heartbeats++;
        }
        return frame;
    }

    private @Nullable Frame readLine() throws IOException {
        String line = http.line();
        if (line == null) {
            return null;
        }
        if (line.isEmpty()) {
            heartbeats++;
            return new Frame(null, "", null, List.of(), null);
        }
        JsonNode json = ChangeEvent.JSON.readTree(line);
        String control = ChangeEvent.textOf(json, "control");
        String of = ChangeEvent.textOf(json, "event_id");
        return note(new Frame(of, control == null ? "" : control, line, List.of(), null));
    }
}
