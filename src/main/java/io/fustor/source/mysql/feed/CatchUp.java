package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.capture.CatchUpTurns;
import io.fustor.source.mysql.capture.Delivered;
import io.fustor.source.mysql.capture.LiveCursor;
import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.encode.JsonBuffer;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Delivers from its own binlog reader until the live window can be joined. It uses batches while
/// the binlog arrives faster than it can be encoded.
///
/// For the subscription's thread.
final class CatchUp {

    private static final long JOIN_CHECK_NANOS = Duration.ofMillis(20).toNanos();

    private final BinlogReader reader;
    private final CatchUpTurns.Turn turn;
    private final ChangeWriter writer;
    private final Pace pace;
    private final ChangeProgress progress;
    private final StreamEnd end;
    private final Delivered delivered;
    private final EncodingBatch batch;
    private final @Nullable Following sharing;

    /// Where the current stretch began.
    private Place stretch;

    private boolean isAtStretchEnd;

    /// @param sharing with others that catch up; null if nothing can be shared
    /// @param reader starts at the client's place or before it; its owner closes it
    CatchUp(
            BinlogReader reader,
            CatchUpTurns.Turn turn,
            ChangeWriter writer,
            Pace pace,
            ChangeProgress progress,
            StreamEnd end,
            @Nullable Following sharing) {
        this.reader = reader;
        this.turn = turn;
        this.writer = writer;
        this.pace = pace;
        this.progress = progress;
        this.end = end;
        this.sharing = sharing;
        this.stretch = progress.place();
        this.delivered = new Delivered(progress.place());
        this.batch = new EncodingBatch(writer.encoder(), writer.out().pieces());
        progress.transactionBegins();
    }

    /// Delivers until the live window can be joined.
    ///
    /// @param join at the client's place
    /// @return null if the turn was revoked, the reader has ended, others make what follows, or the
    ///   subscription must end
    @Nullable LiveCursor deliver(Supplier<@Nullable LiveCursor> join) throws IOException {
        long joinCheck = System.nanoTime();
        while (!pace.isEnding() && !turn.isRevoked()) {
            BinlogEvent event = takeNext();
            if (pace.isEnding()) {
                return null;
            }
            long now = System.nanoTime();
            if (event == null
                    || (event instanceof CommitEvent && now - joinCheck > JOIN_CHECK_NANOS)) {
                joinCheck = now;
                writeBatch();
                LiveCursor cursor = join.get();
                if (cursor != null) {
                    return cursor;
                }
            }
            pace.heartbeatIfDue(now);
            if (event == null || !reader.hasBuffered()) {
                writeBatch();
                writer.out().flush();
            }
            pace.giveWayIfDue(now);
            if (isAtStretchEnd && !goesOn()) {
                return null;
            }
            if (event instanceof CommitEvent && reader.isOver()) {
                writeBatch();
                return null;
            }
        }
        return null;
    }

    /// Ends a stretch; false if another subscription makes the next one.
    private boolean goesOn() throws IOException {
        isAtStretchEnd = false;
        writeBatch();
        stretch = progress.place();
        return sharing == null || sharing.passes();
    }

    /// Delivers all events before an event that cannot be read or delivered.
    private @Nullable BinlogEvent takeNext() throws IOException {
        try {
            BinlogEvent event = reader.next();
            BinlogEvent part = event == null ? null : end.part(event);
            if (event == null || part != null) {
                take(visible(part));
            }
            if (isOver(event, part)) {
                writeBatch();
                pace.over();
            }
            return part;
        } catch (SourceException e) {
            if (!turn.isRevoked()) {
                writeBatch();
            }
            throw e;
        }
    }

    /// Whether the client has everything up to the end of its stream.
    ///
    /// @param part what of the event comes before the end
    private boolean isOver(@Nullable BinlogEvent event, @Nullable BinlogEvent part) {
        if (event == null) {
            end.look();
            return end.isReachedAt(progress.place());
        }
        return part == null || end.isAfter(part);
    }

    /// What the client sees of an event: a commit has the rows that are for it. The rows that it
    /// already has are among them.
    private @Nullable BinlogEvent visible(@Nullable BinlogEvent event) {
        if (!writer.encoder().countsRows()) {
            return event;
        }
        if (event instanceof RowsEvent rows) {
            progress.hasRows(writer.encoder().count(rows));
        } else if (event instanceof CommitEvent commit) {
            long rows = progress.transactionRows();
            progress.transactionBegins();
            return commit.withRows(rows);
        }
        return event;
    }

    private void take(@Nullable BinlogEvent event) throws IOException {
        if (event != null && !delivered.includes(event)) {
            turn.progressed();
            pace.moved();
            deliver(event);
            isAtStretchEnd =
                    sharing != null
                            && event instanceof CommitEvent
                            && Stretches.isEnd(stretch, event.after());
            return;
        }
        if (event == null || event instanceof CommitEvent) {
            writeBatch();
            if (progress.passTo(event == null ? reader.position() : event.after())) {
                pace.moved();
            }
        }
    }

    private void deliver(BinlogEvent event) throws IOException {
        boolean isWanted = writer.encoder().wants(event);
        if (!isWanted && batch.isEmpty()) {
            progress.passed(event);
            return;
        }
        int skip = event instanceof RowsEvent rows ? delivered.rows(rows) : 0;
        EncodingBatch.Entry entry = new EncodingBatch.Entry(event, skip, isWanted);
        if (isWanted && !(writer.isPlain(event) && keep(event))) {
            writeBatch();
            spoil();
            writer.begin(event);
            int rows = writer.write(event, skip, reader::isOverdue);
            written(List.of(entry), rows, rows > 0 || !(event instanceof RowsEvent), null);
            return;
        }
        if (isWanted) {
            writer.begin(event);
        }
        batch.add(entry);
        if (batch.isFull()) {
            writeBatch();
        }
    }

    private boolean keep(BinlogEvent event) {
        return !(event instanceof RowsEvent) || reader.keep();
    }

    private void writeBatch() throws IOException {
        if (!batch.isEmpty()) {
            batch.write(writer.out(), wanted() != null, this::written);
            reader.reuse();
        }
    }

    private boolean written(
            List<EncodingBatch.Entry> entries,
            int rows,
            boolean isServed,
            @Nullable JsonBuffer frames) {
        if (isServed) {
            pace.served();
        }
        progress.count(rows);
        if (!entries.isEmpty()) {
            progress.passed(entries.getLast().event());
        }
        return frames != null && keep(entries, rows, frames);
    }

    /// Keeps frames for others.
    private boolean keep(List<EncodingBatch.Entry> entries, int rows, JsonBuffer frames) {
        Stretches.Stretch wanted = wanted();
        if (wanted == null) {
            return false;
        }
        for (EncodingBatch.Entry entry : entries) {
            if (entry.isWanted() && entry.event() instanceof RowsEvent event) {
                wanted.add(event.table());
            }
        }
        return wanted.add(
                new Stretches.Piece(frames, rows, progress.place(), progress.servedMicros()));
    }

    /// The stretch that others may need.
    private Stretches.@Nullable Stretch wanted() {
        Stretches.Stretch made = sharing == null ? null : sharing.mine();
        return made != null && made.isWanted() ? made : null;
    }

    /// The frames of an event stay this client's.
    private void spoil() {
        Stretches.Stretch wanted = wanted();
        if (wanted != null) {
            wanted.spoil();
        }
    }
}
