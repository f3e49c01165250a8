package io.fustor.source.mysql.page;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.Http2Client;
import io.fustor.source.mysql.support.Traffic;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// A client that reads changes by one way, is cut off at random, and goes on where it was. For one
/// thread, except the count of cuts.
final class WayReader {

    private static final String EVENTS = "http://127.0.0.1:%d/api/sources/ways/events";
    private static final String STREAM = "http://127.0.0.1:%d/api/sources/ways/stream";
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String EVENT_ID = "\"event_id\":\"";

    /// RFC 9113, 7.
    private static final int ENHANCE_YOUR_CALM = 11;

    private final String form;
    private final String coding;
    private final String way;
    private final int port;
    private final Plan plan;
    private final Random random;
    private final @Nullable String end;
    private final List<String> changes = new ArrayList<>();
    private @Nullable Http2Client connection;
    private boolean isAtEnd;
    private volatile int cuts;

    /// @param changes that are expected, about
    /// @param cuts how often to cut it off
    /// @param known texts that some reader has, so that equal ones are in memory once
    record Plan(int changes, int cuts, long seed, Map<String, String> known) {}

    WayReader(String form, String coding, String way, int port, Plan plan) {
        this(form, coding, way, port, plan, null);
    }

    private WayReader(
            String form, String coding, String way, int port, Plan plan, @Nullable String end) {
        this.form = form;
        this.coding = coding;
        this.way = way;
        this.port = port;
        this.plan = plan;
        this.random = new Random(plan.seed);
        this.end = end;
    }

    /// The same, whose streams end at a place.
    WayReader until(String place) {
        return new WayReader(form, coding, way, port, plan, place);
    }

    /// Whether something on the way may keep a part of a stream until more comes.
    boolean isBuffered() {
        return way.contains(" on");
    }

    /// How often it was cut off.
    int cuts() {
        return cuts;
    }

    /// All changes up to the traffic's end, without their ids.
    List<String> readAll(String start) {
        try {
            if (form.equals("pages")) {
                readPages(start);
            } else {
                readStreams(start);
            }
            return changes;
        } catch (UncheckedIOException e) {
            throw new AssertionError(this + " broke, after " + cuts + " cuts", e);
        } finally {
            disconnect();
        }
    }

    private FeedRequest request(String uri) {
        FeedRequest feed =
                FeedRequest.to(URI.create(uri.formatted(port)))
                        .with("tables", "ways.*")
                        .with("batch", 1)
                        .header("Accept-Encoding", coding)
                        .patience(PATIENCE);
        return form.equals("ndjson") ? feed.ndjson() : feed;
    }

    private FeedClient send(FeedRequest request) {
        if (!way.endsWith("h2")) {
            return request.send();
        }
        Http2Client current = connection;
        if (current == null || current.isClosed() || current.goAwayCode() >= 0) {
            disconnect();
            current = Http2Client.connect(port);
            connection = current;
        }
        return request.send(current);
    }

    private void disconnect() {
        if (connection != null) {
            connection.close();
        }
    }

    private void readStreams(String start) {
        FeedRequest feed = request(EVENTS);
        FeedRequest bounded = end == null ? feed : feed.with("until", end);
        String token = start;
        while (!isAtEnd) {
            int mean = Math.max(1, 2 * plan.changes / (plan.cuts + 1));
            int left = cuts < plan.cuts ? random.nextInt(mean) : Integer.MAX_VALUE;
            try (FeedClient client = send(bounded.after(token))) {
                require(client, 200);
                requireCoding(client);
                readStream(client, left);
                token = client.token() == null ? token : client.token();
                if (!isAtEnd) {
                    client.cut();
                    cuts++;
                }
            }
        }
    }

    private void readStream(FeedClient client, int most) {
        for (int left = most; left > 0 && !isAtEnd; ) {
            Frame frame = client.frame();
            if (frame.isChange()) {
                take(Objects.requireNonNull(frame.data()));
                left--;
            } else if (frame.isControl("end") || frame.isControl("error")) {
                throw new AssertionError(this + " ended with " + frame);
            }
        }
    }

    private void readPages(String start) {
        FeedRequest pages = request(STREAM).with("live", "long-poll");
        String offset = start;
        while (!isAtEnd) {
            boolean isToBeCut = cuts < plan.cuts && (cuts == 0 || random.nextBoolean());
            try (FeedClient client = send(pages.with("offset", offset))) {
                if (isToBeCut) {
                    client.cut();
                    cuts++;
                    continue;
                }
                if (client.status() != 204) {
                    require(client, 200);
                    requireCoding(client);
                    takePage(client.body());
                }
                offset = Objects.requireNonNull(client.header("stream-next-offset"));
            } catch (UncheckedIOException e) {
                requireToldToLeave(e);
            }
        }
    }

    /// A client that resets one stream after the other is told to leave. It goes on over another
    /// connection, with the request that it had sent meanwhile.
    private void requireToldToLeave(UncheckedIOException e) {
        if (connection == null || connection.goAwayCode() != ENHANCE_YOUR_CALM) {
            throw e;
        }
    }

    private void takePage(String page) {
        page.lines()
                .filter(line -> line.startsWith("{"))
                .map(line -> line.endsWith(",") ? line.substring(0, line.length() - 1) : line)
                .forEach(this::take);
    }

    private void require(FeedClient client, int status) {
        if (client.status() != status) {
            throw new AssertionError(
                    this + " was answered with " + client.status() + ": " + client.body());
        }
    }

    private void requireCoding(FeedClient client) {
        String told = client.header("content-encoding");
        if (!coding.equals(told == null ? "identity" : told)) {
            throw new AssertionError(this + " has the coding " + told);
        }
    }

    /// The id of a change may be written in more than one way: it tells also what was read before.
    private void take(String change) {
        int from = change.indexOf(EVENT_ID);
        int to = change.indexOf('"', from + EVENT_ID.length());
        String bare = change.substring(0, from) + change.substring(to + 1);
        String known = plan.known.putIfAbsent(bare, bare);
        changes.add(known == null ? bare : known);
        if (change.contains("the end")) {
            List<FeedRow> rows = ChangeEvent.parse(change).flatten();
            isAtEnd = rows.stream().anyMatch(row -> Traffic.isEnd(row, null));
        }
    }

    @Override
    public String toString() {
        return String.join(" ", form, coding, way);
    }
}
