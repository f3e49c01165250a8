package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.Attempts;
import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.HandOver;
import io.fustor.source.mysql.capture.Losses;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.encode.SnapshotEncoder;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Overlap;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.server.PassedOver;
import io.fustor.source.mysql.snapshot.ConsistentView;
import io.fustor.source.mysql.snapshot.SnapshotPlan;
import io.fustor.source.mysql.snapshot.SnapshotReader;
import io.fustor.source.mysql.snapshot.TableQuery;
import io.fustor.source.mysql.source.SourceRun;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A snapshot that is open: its tables, the view they are read from, and the place from which
/// changes follow. When the view is lost it can be opened again: the rest is then read from a new
/// view, and changes still follow from the first one's place.
///
/// For the subscription's thread, except [#abort] and the progress.
final class Snapshot implements AutoCloseable {

    private final SourceRun run;
    private final Capture capture;
    private final List<TableQuery> tables;
    private final List<PassedOver> passedOver;
    private final SnapshotPlace start;
    private final SnapshotProgress progress;
    private final Runnable whenClosed;
    private final Place follow;

    private final AtomicBoolean closed = new AtomicBoolean();
    private Overlap overlap;
    private String overlapFile;
    private volatile SnapshotReader reader;

    /// Plans and opens a snapshot. Blocks on the server.
    ///
    /// @param form what the client wants of which tables, and how
    /// @param follow the place from which changes follow; null for the place of the view
    /// @param start how far an earlier stream got, which had the same `follow`
    /// @param requirement throws if the tables cannot be delivered as they have to be
    /// @param whenClosed called once
    /// @throws io.fustor.source.mysql.error.SourceException where the server does not let us, or
    ///   the rest of an earlier snapshot does not fit any more
    static Snapshot open(
            SourceRun run,
            FrameForm form,
            @Nullable Place follow,
            SnapshotPlace start,
            Consumer<SnapshotTables> requirement,
            Runnable whenClosed) {
        // Before the view: a table that is altered meanwhile is then found out when it is read.
        SnapshotTables tables =
                SnapshotTables.find(run.capture().server(), form, follow == null, start);
        requirement.accept(tables);
        if (follow != null) {
            run.capture().startingPoints().resume(follow);
        }
        HandOver handOver = run.capture().handOver(run.config().allowsBriefLock());
        SnapshotProgress progress =
                new SnapshotProgress(
                        UUID.randomUUID().toString().substring(0, 8),
                        tables.queries(),
                        form.conditions().hasGranted());
        return new Snapshot(run, tables, follow, start, handOver, progress, whenClosed);
    }

    private Snapshot(
            SourceRun run,
            SnapshotTables found,
            @Nullable Place follow,
            SnapshotPlace start,
            HandOver handOver,
            SnapshotProgress progress,
            Runnable whenClosed) {
        this.run = run;
        this.capture = run.capture();
        this.tables = found.queries();
        this.passedOver = found.passedOver();
        this.start = start;
        this.whenClosed = whenClosed;
        this.follow = follow == null ? handOver.place() : follow;
        this.progress = progress;
        this.reader = new SnapshotReader(handOver.view(), capture.server(), tables, start);
        this.overlap = overlap(handOver.view(), handOver.overlapEnd());
        this.overlapFile = handOver.overlapEnd().file();
        progress.viewOpened(handOver.view().opened());
    }

    private static Overlap overlap(ConsistentView view, BinlogPosition end) {
        return new Overlap(view.server().number(), end.fileNumber(), end.offset());
    }

    /// Reads on from a new view, after the last delivered row.
    void reopen(SnapshotPlace delivered) {
        reader.close();
        List<TableQuery> rest = SnapshotPlan.from(tables, delivered);
        capture.startingPoints().resume(follow);
        HandOver handOver = capture.handOver(run.config().allowsBriefLock());
        reader = new SnapshotReader(handOver.view(), capture.server(), rest, delivered);
        overlap = overlap(handOver.view(), handOver.overlapEnd());
        overlapFile = handOver.overlapEnd().file();
        progress.viewOpened(handOver.view().opened());
    }

    /// The attempts to read it, for one delivery.
    Attempts attempts() {
        return capture.attempts();
    }

    Losses losses() {
        return capture.losses();
    }

    SnapshotProgress progress() {
        return progress;
    }

    SnapshotReader reader() {
        return reader;
    }

    /// How far an earlier stream got.
    SnapshotPlace start() {
        return start;
    }

    /// The place from which changes follow.
    Place follow() {
        return follow;
    }

    /// The name of the binlog file of [#follow].
    String followFile() {
        String end = overlapFile;
        return end.substring(0, end.lastIndexOf('.') + 1) + "%06d".formatted(follow.fileNumber());
    }

    /// How the rows of a table are laid out for the encoder.
    static SnapshotEncoder.Layout layout(TableQuery query) {
        return new SnapshotEncoder.Layout(
                query.table().schema(),
                query.columns(),
                query.keyCells(),
                query.cellCount(),
                query.shape());
    }

    SnapshotEncoder.Origin origin() {
        ConsistentView view = reader.view();
        return new SnapshotEncoder.Origin(followFile(), view.serverId(), view.openedMicros());
    }

    /// Up to where changes may be in the rows too. Rows of tables without transactions are no older
    /// than their reading, so that it is known only when all are read.
    OverlapZone overlapAtEnd() {
        boolean isTransactional =
                tables.stream().allMatch(query -> query.table().isTransactional());
        Overlap end =
                isTransactional
                        ? overlap
                        : overlap(reader.view(), capture.server().status().position());
        return new OverlapZone(end, tables.stream().map(TableQuery::table).toList());
    }

    /// Tables whose rows have no order in which to go on: they start over where the reading breaks.
    List<TableQuery> readInOnePass() {
        return tables.stream().filter(query -> !query.isResumable()).toList();
    }

    /// What the selection includes and the rows do not.
    List<PassedOver> passedOver() {
        return passedOver;
    }

    /// Gives the view back to the server at once. Any thread may call.
    void abort() {
        reader.abort();
    }

    /// Gives the view back; once is enough.
    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            reader.close();
            whenClosed.run();
        }
    }
}
