package io.fustor.source.mysql.support;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What a stream with a snapshot brought, from its start to its end or to where a test cut it off.
///
/// @param frames all that came, in order
/// @param token the last one
public record SnapshotStream(List<Frame> frames, @Nullable String token) {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// Reads a stream that ends by itself.
    public static SnapshotStream toTheEnd(FeedRequest request) {
        return until(request, frame -> frame.isControl("end"));
    }

    /// Reads up to a frame, the frame included, and cuts the connection.
    public static SnapshotStream until(FeedRequest request, Predicate<Frame> isLast) {
        try (FeedClient client = request.open()) {
            SnapshotStream stream = until(client, isLast);
            client.cut();
            return stream;
        }
    }

    /// Reads on up to a frame, the frame included. Heartbeats do not prolong the wait.
    public static SnapshotStream until(FeedClient client, Predicate<Frame> isLast) {
        List<Frame> frames = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (frames.isEmpty() || !isLast.test(frames.getLast())) {
            frames.add(client.frame());
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("waited " + PATIENCE + ", and had " + few(frames));
            }
        }
        return new SnapshotStream(frames, client.token());
    }

    /// What came in two streams, the second resumed after the first.
    public static SnapshotStream join(SnapshotStream first, SnapshotStream second) {
        List<Frame> frames = new ArrayList<>(first.frames);
        frames.addAll(second.frames);
        return new SnapshotStream(frames, second.token);
    }

    public static boolean isSnapshotRow(Frame frame) {
        return frame.isChange() && frame.data().contains("\"message_source\":\"snapshot\"");
    }

    /// The rows' events, in order.
    public List<ChangeEvent> snapshotEvents() {
        return frames.stream().filter(SnapshotStream::isSnapshotRow).map(Frame::change).toList();
    }

    public List<ChangeEvent> snapshotEvents(String table) {
        return snapshotEvents().stream().filter(event -> event.table().equals(table)).toList();
    }

    /// The rows of a table as text, in order.
    public List<String> snapshotRows(String table) {
        return snapshotEvents(table).stream().flatMap(event -> event.rows().stream()).toList();
    }

    /// The changes after the rows, in order.
    public List<ChangeEvent> changes() {
        return frames.stream()
                .filter(Frame::isChange)
                .filter(frame -> !isSnapshotRow(frame))
                .map(Frame::change)
                .toList();
    }

    public Stream<JsonNode> controls(String name) {
        return frames.stream()
                .filter(frame -> frame.isControl(name))
                .map(frame -> ChangeEvent.JSON.readTree(frame.data()));
    }

    /// The one control event of a name.
    public JsonNode control(String name) {
        List<JsonNode> found = controls(name).toList();
        if (found.size() != 1) {
            throw new AssertionError(name + " came " + found.size() + " times, in " + few(frames));
        }
        return found.getFirst();
    }

    private static String few(List<Frame> frames) {
        return frames.subList(Math.max(0, frames.size() - 5), frames.size()).toString();
    }
}
