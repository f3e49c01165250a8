package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.HandOver;
import io.fustor.source.mysql.capture.RetryPolicy;
import io.fustor.source.mysql.encode.SnapshotEncoder;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.Overlap;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.TableDescription;
import io.fustor.source.mysql.snapshot.ConsistentView;
import io.fustor.source.mysql.snapshot.SnapshotPlan;
import io.fustor.source.mysql.snapshot.SnapshotReader;
import io.fustor.source.mysql.snapshot.TableQuery;
import io.fustor.source.mysql.source.SourceRun;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
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
    private final SnapshotPlace start;
    private final SnapshotProgress progress;
    private final Runnable whenClosed;
    private final FeedPosition follow;

    private final AtomicBoolean closed = new AtomicBoolean();
    private Overlap overlap;
    private String overlapFile;
    private volatile SnapshotReader reader;

    /// Plans and opens a snapshot. Blocks on the server.
    ///
    /// @param follow the place from which changes follow; null for the place of the view
    /// @param start how far an earlier stream got, which had the same `follow`
    /// @param whenClosed called once
    /// @throws io.fustor.source.mysql.error.SourceException where the server does not let us, or
    ///   the rest of an earlier snapshot does not fit any more
    static Snapshot open(
            SourceRun run,
            Selection selection,
            @Nullable FeedPosition follow,
            SnapshotPlace start,
            Runnable whenClosed) {
        MySqlServer server = run.capture().server();
        // Before the view: a table that is altered meanwhile is then found out when it is read.
        List<TableDescription> described = server.describe(selection);
        if (follow == null) {
            requireNamed(selection, described);
        }
        List<TableQuery> tables = SnapshotPlan.from(SnapshotPlan.of(described, selection), start);
        server.requireReadable(tables.stream().map(TableQuery::probe).toList());
        if (follow != null) {
            run.capture().startingPoints().resume(follow);
        }
        HandOver handOver = run.capture().handOver(run.config().allowsBriefLock());
        return new Snapshot(run, tables, follow, start, handOver, whenClosed);
    }

    /// A table that the user may see but not read is not among the descriptions: its changes would
    /// come without its rows.
    private static void requireNamed(Selection selection, List<TableDescription> described) {
        Set<TableId> readable =
                described.stream().map(table -> table.schema().id()).collect(Collectors.toSet());
        for (Selection.TablePattern pattern : selection.tables()) {
            TableId table = new TableId(pattern.schema(), pattern.table());
            if (pattern.isName() && !readable.contains(table)) {
                throw new SourceException(
                        FailureCode.PRIVILEGE_MISSING,
                        table + " is no table whose rows the source's user may SELECT");
            }
        }
    }

    private Snapshot(
            SourceRun run,
            List<TableQuery> tables,
            @Nullable FeedPosition follow,
            SnapshotPlace start,
            HandOver handOver,
            Runnable whenClosed) {
        this.run = run;
        this.capture = run.capture();
        this.tables = tables;
        this.start = start;
        this.whenClosed = whenClosed;
        this.follow = follow == null ? handOver.place() : follow;
        this.progress = new SnapshotProgress(UUID.randomUUID().toString().substring(0, 8), tables);
        this.reader = new SnapshotReader(handOver.view(), capture.server(), tables, start);
        this.overlap = overlap(handOver.view(), handOver.overlapEnd());
        this.overlapFile = handOver.overlapEnd().file();
        progress.viewOpened(handOver.view().opened());
    }

    private static Overlap overlap(ConsistentView view, BinlogPosition end) {
        return new Overlap(view.server().number(), end.fileNumber(), end.offset());
    }

    /// Reads on from a new view, behind the last row that was delivered.
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

    RetryPolicy retry() {
        return capture.retry();
    }

    /// Whether the server was out of reach and is back.
    boolean isBackSince(long failed) {
        return capture.isBackSince(failed);
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
    FeedPosition follow() {
        return follow;
    }

    /// The name of the binlog file of [#follow].
    String followFile() {
        String end = overlapFile;
        return end.substring(0, end.lastIndexOf('.') + 1) + "%06d".formatted(follow.fileNumber());
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
