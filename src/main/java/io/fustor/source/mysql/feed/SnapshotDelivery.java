package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.Attempts;
import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.encode.SnapshotEncoder;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.server.PassedOver;
import io.fustor.source.mysql.snapshot.RowStream;
import io.fustor.source.mysql.snapshot.TableQuery;
import io.fustor.source.mysql.thread.Computing;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The first part of a subscription with a snapshot: all rows of its tables, between
/// `snapshot_started` and `snapshot_completed`. When the consistent view is lost, it opens another
/// one; the client only notices another `snapshot_started`.
///
/// For the subscription's thread.
final class SnapshotDelivery {

    private static final long PROGRESS_NANOS = Duration.ofSeconds(1).toNanos();
    private static final Logger log = LoggerFactory.getLogger(SnapshotDelivery.class);

    private final Snapshot snapshot;
    private final EventEncoder events;
    private final SubscriptionEvents control;
    private final ClientOutput out;
    private final Attempts attempts;
    private final Pace pace;
    private final Progress progress;

    private SnapshotEncoder encoder;
    private long lastProgress = System.nanoTime();
    private @Nullable TableQuery reading;

    /// Receives the progress of the snapshot.
    interface Progress {
        /// The rows up to a place were written.
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
        this.attempts = snapshot.attempts();
        this.pace = pace;
        this.progress = progress;
        this.encoder = encoder(snapshot.start());
    }

    private SnapshotEncoder encoder(SnapshotPlace start) {
        return new SnapshotEncoder(events.form(), snapshot.follow(), start, snapshot.origin());
    }

    /// Delivers the rows.
    ///
    /// @return false if the subscription has to end before all rows are delivered
    /// @throws SourceException if the snapshot cannot be read any further
    /// @throws IOException if the client has disconnected
    boolean deliver() throws IOException {
        started(snapshot.start().isInTable());
        while (!pace.isEnding()) {
            try {
                if (Computing.run(this::readOn)) {
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

    /// Reads to the end; false if the subscription has to end before.
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
                progress.delivered(encoder.place(), 0);
                progressIfDue();
                pace.heartbeatIfDue();
            }
        }
        return false;
    }

    private void addRow() throws IOException {
        RowStream row = snapshot.reader().row();
        snapshot.progress().read();
        if (encoder.passes(row.array(), row.from(), row.to())) {
            pace.moved();
            return;
        }
        if (SnapshotEncoder.isLarge(row.from(), row.to())) {
            writePending();
            encoder.check(row.array(), row.from(), row.to());
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
        if (reading != null && reading.isResumable()) {
            attempts.succeeded();
        }
        snapshot.progress().add(count);
        progress.delivered(encoder.place(), count);
    }

    @SuppressWarnings("ReferenceEquality") // the plan's own instances
    private void begin() throws IOException {
        writePending();
        TableQuery query = snapshot.reader().table();
        if (query != reading) {
            // A table that starts over is no progress, even if many of its rows were delivered.
            attempts.succeeded();
        }
        reading = query;
        events.show(query.table().schema().id());
        encoder.begin(Snapshot.layout(query));
        snapshot.progress().begin(query);
        progress.delivered(encoder.place(), 0);
        // A client that is disconnected after this need not read a table without order again.
        control.heartbeat(token());
    }

    /// Opens another view after the last delivered row, or gives up.
    private void reopen(SourceException lost) throws IOException {
        @Nullable SourceException failure = lost;
        try {
            while (failure != null && !pace.isEnding()) {
                if (!snapshot.losses().retryAfter(failure, attempts, this)) {
                    throw failure;
                }
                log.warn(
                        "snapshot={} view is lost code={} detail={} attempt={}",
                        snapshot.progress().id(),
                        failure.code(),
                        failure.getMessage(),
                        attempts.failures());
                pace.pause(attempts.delay(), attempts::isServerBack);
                failure = pace.isEnding() ? null : tryReopen();
            }
        } finally {
            snapshot.losses().recovered(this);
        }
    }

    /// Why the snapshot cannot go on yet, or null if it can.
    private @Nullable SourceException tryReopen() throws IOException {
        try {
            snapshot.reopen(encoder.place());
            encoder = encoder(encoder.place());
            started(true);
            return null;
        } catch (SourceException e) {
            return e;
        }
    }

    private String token() {
        SnapshotPlace place = events.form().sealed(encoder.place());
        return new FeedToken(events.form().source(), snapshot.follow(), place, null).toString();
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
        data.put("passed_over", snapshot.passedOver().stream().map(SnapshotDelivery::why).toList());
        control.control("snapshot_started", token(), data);
        out.flush();
    }

    private static Map<String, Object> why(PassedOver passed) {
        Map<String, Object> why = name(passed.table());
        why.put("reason", passed.reason());
        return why;
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
            about.put("rows_read", table.rowsRead());
            about.put("estimated_rows", table.estimatedRows());
            tables.add(about);
        }
        data.put("tables", tables);
        data.put("rows", snapshot.progress().rows());
        data.put("rows_read", snapshot.progress().rowsRead());
        data.put("estimated_rows", snapshot.progress().estimatedRows());
        control.control("snapshot_progress", token(), data);
    }

    /// Tells the client that it has all rows.
    ///
    /// @param token of the place after which changes follow
    void completed(String token) throws IOException {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("snapshot", snapshot.progress().id());
        List<Map<String, Object>> tables = new ArrayList<>();
        for (SnapshotProgress.TableProgress table : snapshot.progress().tables()) {
            Map<String, Object> about = name(table.id());
            about.put("rows", table.rows());
            about.put("rows_read", table.rowsRead());
            tables.add(about);
        }
        data.put("tables", tables);
        data.put("rows", snapshot.progress().rows());
        data.put("rows_read", snapshot.progress().rowsRead());
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
        Place follow = snapshot.follow();
        Map<String, Object> position = new LinkedHashMap<>();
        position.put("file", snapshot.followFile());
        position.put("position", follow.offset());
        position.put("gtid_set", follow.executed() == null ? null : follow.executed().toString());
        return position;
    }
}
