package io.fustor.source.mysql.support;

import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A consumer that takes a snapshot and the changes after it, is cut off at random bytes of the
/// stream and at its turning points, resumes with the last id it has, and puts all that comes into
/// a copy. It fails at once at what must never come: a row of the snapshot a second time, a change
/// twice or out of order. Used by one thread, but for the counts.
public final class CutReader {

    private static final int[] BATCHES = {1, 2, 7, 100, 500, 10_000};
    private static final int MOST_CONNECTIONS = 1_000;

    private final FeedRequest feed;
    private final TcpProxy proxy;
    private final Random random;
    private final KeyedCopy copy = new KeyedCopy();
    private final Set<String> snapshotKeys = new HashSet<>();

    private @Nullable String token;
    private String transaction = "";
    private long nextRow;
    private volatile int snapshotCuts;
    private volatile boolean isSnapshotDone;
    private volatile int changeCuts;
    private volatile int changes;
    private volatile boolean isOver;
    private volatile int refusals;
    private int endCuts;
    private boolean isAtEnd;

    /// What a test plans for one run.
    ///
    /// @param snapshotCuts how often to cut within the snapshot, about
    /// @param snapshotBytes how many bytes to read between two of these cuts, at most
    /// @param endCuts how often to lose the frame that ends the snapshot
    /// @param changeCuts how often to cut in the changes, and how many bytes to read between
    public record Plan(
            int snapshotCuts, int snapshotBytes, int endCuts, int changeCuts, int changeBytes) {}

    /// @param feed the events' address with the parameters, without `batch`
    public CutReader(FeedRequest feed, TcpProxy proxy, long seed) {
        this.feed = feed;
        this.proxy = proxy;
        this.random = new Random(seed);
    }

    public KeyedCopy copy() {
        return copy;
    }

    public boolean isSnapshotDone() {
        return isSnapshotDone;
    }

    public int snapshotCuts() {
        return snapshotCuts;
    }

    public int changeCuts() {
        return changeCuts;
    }

    /// Rows of changes that came so far.
    public int changes() {
        return changes;
    }

    /// How often the service asked it to come again later, as it does while the server is away.
    public int refusals() {
        return refusals;
    }

    /// Whether it reads no more, for whatever reason.
    public boolean isOver() {
        return isOver;
    }

    /// Reads until the traffic's end comes as a change.
    public void read(Plan plan) {
        try {
            readToTheEnd(plan);
        } finally {
            isOver = true;
        }
    }

    private void readToTheEnd(Plan plan) {
        endCuts = plan.endCuts();
        for (int i = 0; !isAtEnd; i++) {
            if (i == MOST_CONNECTIONS) {
                throw new AssertionError("no end after so many connections; token " + token);
            }
            boolean isSnapshot = !isSnapshotDone;
            proxy.breakAfter(bytesToRead(plan));
            int batch = BATCHES[random.nextInt(BATCHES.length)];
            try (FeedClient client = feed.with("batch", batch).after(token).send()) {
                if (client.status() == 503) {
                    refusals++;
                    continue;
                }
                readUntilCut(client);
            } catch (UncheckedIOException _) {
                // Cut in mid-frame: what came before it counts, and the next stream goes on there.
            }
            if (isSnapshot) {
                snapshotCuts++;
            } else {
                changeCuts++;
            }
        }
    }

    private long bytesToRead(Plan plan) {
        if (!isSnapshotDone) {
            return snapshotCuts < plan.snapshotCuts()
                    ? 1 + random.nextInt(plan.snapshotBytes())
                    : Long.MAX_VALUE;
        }
        return changeCuts < plan.changeCuts()
                ? 1 + random.nextInt(plan.changeBytes())
                : Long.MAX_VALUE;
    }

    /// A stream that goes over from the snapshot into the changes is cut soon after, or at once.
    private void readUntilCut(FeedClient client) {
        int left = Integer.MAX_VALUE;
        while (!isAtEnd && left > 0) {
            Frame frame = client.frame();
            boolean isCompleted = frame.isControl("snapshot_completed");
            if (isCompleted && endCuts-- > 0) {
                break;
            }
            take(frame);
            token = frame.id() == null ? token : frame.id();
            left = isCompleted ? random.nextInt(20) : left - 1;
        }
        client.cut();
    }

    private void take(Frame frame) {
        if (frame.isChange()) {
            take(frame.change());
            return;
        }
        switch (frame.event()) {
            case "", "snapshot_progress", "schema_changed" -> {}
            case "snapshot_started" -> begin(ChangeEvent.JSON.readTree(frame.data()));
            case "snapshot_completed" -> isSnapshotDone = true;
            default -> throw new AssertionError("not expected: " + frame);
        }
    }

    /// It begins again also where the client saw it completed, but was cut before the next id.
    private void begin(JsonNode started) {
        boolean resumed = started.path("resumed").asBoolean();
        boolean isRight = resumed ? token != null : snapshotKeys.isEmpty();
        if (!isRight || changes > 0) {
            throw new AssertionError("after token " + token + " not expected: " + started);
        }
        isSnapshotDone = false;
    }

    private void take(ChangeEvent event) {
        if (event.json().path("message_source").asString().equals("snapshot")) {
            takeSnapshot(event);
        } else {
            takeChange(event);
        }
        copy.apply(event);
    }

    private void takeSnapshot(ChangeEvent event) {
        boolean isBare =
                event.metadata().path("transaction").isNull()
                        && event.metadata().path("gtid").isNull()
                        && !event.metadata().has("overlap")
                        && event.operation().equals("insert");
        if (!isBare || isSnapshotDone) {
            throw new AssertionError("not an event of a snapshot: " + event.json());
        }
        for (String key : KeyedCopy.keys(event)) {
            if (!snapshotKeys.add(event.table() + " " + key)) {
                throw new AssertionError(event.table() + " " + key + " came twice");
            }
        }
    }

    private void takeChange(ChangeEvent event) {
        JsonNode of = event.metadata().path("transaction");
        String id = of.path("id").asString();
        long first = of.path("first_row").asLong();
        long expected = id.equals(transaction) ? nextRow : 0;
        if (first != expected || !isSnapshotDone) {
            throw new AssertionError(
                    "row %d of %s expected, but it was %s".formatted(expected, id, event.json()));
        }
        transaction = id;
        nextRow = first + event.rows().size();
        changes += event.rows().size();
        isAtEnd = KeyedTraffic.isEnd(event);
    }
}
