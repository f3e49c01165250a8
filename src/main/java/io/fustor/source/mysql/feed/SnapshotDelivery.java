package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.RetryPolicy;
import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.encode.SnapshotEncoder;
import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.server.RowStream;
import io.fustor.source.mysql.snapshot.TableQuery;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The first part of a subscription with a snapshot: all rows of its tables, between
/// `snapshot_started` and `snapshot_completed`. A view that is lost is opened again, without the
/// client's noticing more than another `snapshot_started`.
///
/// For the subscription's thread.
final class SnapshotDelivery {

    private static final long PROGRESS_NANOS = Duration.ofSeconds(1).toNanos();
    private static final Logger log = LoggerFactory.getLogger(SnapshotDelivery.class);

    private final Snapshot snapshot;
    private final EventEncoder events;
    private final SubscriptionEvents control;
    private final ClientOutput out;
    private final RetryPolicy retry;
    private final Pace pace;
    private final Progress progress;
    private final RandomGenerator random = RandomGenerator.getDefault();

    private SnapshotEncoder encoder;
    private long lastProgress = System.nanoTime();
    private int failures;

    /// Who is told how far the snapshot is.
    interface Progress {
        /// Rows were written, up to a place.
        void delivered(SnapshotPlace place, int rows);
    }

    SnapshotDelivery(
            Snapshot snapshot,
            EventEncoder events,
            ClientOutput out,
            SubscriptionEvents control,
            Pace pace,
            Progress progress) {
        this.snapshot = snapshot;
        this.events = events;
        this.control = control;
        this.out = out;
        this.retry = snapshot.retry();
        this.pace = pace;
        this.progress = progress;
        this.encoder = encoder(snapshot.start());
    }

    private SnapshotEncoder encoder(SnapshotPlace start) {
        return new SnapshotEncoder(events.form(), snapshot.follow(), start, snapshot.origin());
    }

    /// Delivers the rows.
    ///
    /// @return false where the subscription is to end before all were delivered
    /// @throws SourceException where the snapshot cannot go on
    /// @throws IOException where the client is gone
    boolean deliver() throws IOException {
        started(snapshot.start().isInTable());
        while (!pace.isEnding()) {
            try {
                if (readOn()) {
                    snapshot.progress().finish();
                    return true;
                }
            } catch (SourceException e) {
                writePending();
                out.flush();
                reopen(e);
            }
        }
        writePending();
        return false;
    }

    /// Reads to the end; false where the subscription is to end.
    private boolean readOn() throws IOException {
        while (!pace.isEnding()) {
            switch (snapshot.reader().next()) {
                case ROW -> addRow();
                case TABLE -> begin();
                case NOTHING -> {
                    writePending();
                    out.flush();
                }
                case END -> {
                    writePending();
                    return true;
                }
            }
            if (pace.giveWayIfDue()) {
                progressIfDue();
                pace.heartbeatIfDue();
            }
        }
        return false;
    }

    private void addRow() throws IOException {
        RowStream row = snapshot.reader().row();
        if (SnapshotEncoder.isLarge(row.from(), row.to())) {
            writePending();
            out.write(
                    (gathered, outlet) ->
                            encoder.encodeInPieces(
                                    row.array(), row.from(), row.to(), gathered, outlet),
                    row::isOverdue);
            written(1);
            return;
        }
        encoder.add(row.array(), row.from(), row.to());
        if (encoder.isFull()) {
            writePending();
        }
    }

    private void writePending() throws IOException {
        int count = encoder.pending();
        if (count == 0) {
            return;
        }
        encoder.start(out.gathered());
        out.write(encoder.rows());
        encoder.end(out.gathered());
        out.pieceDone();
        written(count);
    }

    private void written(int count) {
        failures = 0;
        snapshot.progress().add(count);
        progress.delivered(encoder.place(), count);
    }

    private void begin() throws IOException {
        writePending();
        TableQuery query = snapshot.reader().table();
        encoder.begin(
                new SnapshotEncoder.Layout(
                        query.table().schema(),
                        query.columns(),
                        query.keyCells(),
                        query.cellCount(),
                        query.shape()));
        snapshot.progress().begin(query);
        progress.delivered(encoder.place(), 0);
        // Whoever is cut off from here on need not have a table again that has no order.
        control.heartbeat(token());
    }

    /// Opens another view behind the last row that was delivered, or gives up.
    private void reopen(SourceException lost) throws IOException {
        SourceException failure = lost;
        while (!pace.isEnding()) {
            failures++;
            if (failure.recovery() != Recovery.RETRY || retry.isOver(failures, failure)) {
                throw failure;
            }
            log.warn(
                    "snapshot={} view is lost code={} detail={} attempt={}",
                    snapshot.progress().id(),
                    failure.code(),
                    failure.getMessage(),
                    failures);
            pause(failure);
            if (pace.isEnding()) {
                return;
            }
            try {
                snapshot.reopen(encoder.place());
                encoder = encoder(encoder.place());
                started(true);
                return;
            } catch (SourceException e) {
                failure = e;
            }
        }
    }

    private void pause(SourceException failure) throws IOException {
        long failed = System.nanoTime();
        pace.pause(
                retry.delay(failures, failure, random),
                () -> failure.code().isUnreachable() && snapshot.isBackSince(failed));
    }

    private String token() {
        return new FeedToken(events.form().source(), snapshot.follow(), encoder.place(), null)
                .toString();
    }

    private void started(boolean resumed) throws IOException {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("snapshot", snapshot.progress().id());
        List<Map<String, Object>> tables = new ArrayList<>();
        for (SnapshotProgress.TableProgress table : snapshot.progress().tables()) {
            Map<String, Object> about = name(table.id());
            about.put("key", table.query().keyNames());
            about.put("estimated_rows", table.estimatedRows());
            tables.add(about);
        }
        data.put("tables", tables);
        data.put("estimated_rows", snapshot.progress().estimatedRows());
        data.put("position", position());
        data.put("resumed", resumed);
        data.put(
                "read_in_one_pass",
                snapshot.readInOnePass().stream()
                        .map(query -> query.table().schema().id().toString())
                        .toList());
        control.control("snapshot_started", token(), data);
        out.flush();
    }

    private void progressIfDue() {
        long now = System.nanoTime();
        if (now - lastProgress < PROGRESS_NANOS) {
            return;
        }
        lastProgress = now;
        Map<String, Object> data = new LinkedHashMap<>();
        List<Map<String, Object>> tables = new ArrayList<>();
        for (SnapshotProgress.TableProgress table : snapshot.progress().tables()) {
            Map<String, Object> about = name(table.id());
            about.put("rows", table.rows());
            about.put("estimated_rows", table.estimatedRows());
            tables.add(about);
        }
        data.put("tables", tables);
        data.put("rows", snapshot.progress().rows());
        data.put("estimated_rows", snapshot.progress().estimatedRows());
        control.control("snapshot_progress", token(), data);
    }

    /// Tells the client that it has all rows.
    ///
    /// @param token of the place from which changes follow
    void completed(String token) throws IOException {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("snapshot", snapshot.progress().id());
        List<Map<String, Object>> tables = new ArrayList<>();
        for (SnapshotProgress.TableProgress table : snapshot.progress().tables()) {
            Map<String, Object> about = name(table.id());
            about.put("rows", table.rows());
            tables.add(about);
        }
        data.put("tables", tables);
        data.put("rows", snapshot.progress().rows());
        data.put("position", position());
        control.control("snapshot_completed", token, data);
        out.flush();
    }

    private static Map<String, Object> name(TableId table) {
        Map<String, Object> name = new LinkedHashMap<>();
        name.put("event_schema", table.schema());
        name.put("table", table.table());
        return name;
    }

    private Map<String, Object> position() {
        FeedPosition follow = snapshot.follow();
        Map<String, Object> position = new LinkedHashMap<>();
        position.put("file", snapshot.followFile());
        position.put("position", follow.offset());
        position.put("gtid_set", follow.executed() == null ? null : follow.executed().toString());
        return position;
    }
}
