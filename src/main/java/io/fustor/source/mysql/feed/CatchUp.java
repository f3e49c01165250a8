package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.capture.CatchUpTurns;
import io.fustor.source.mysql.capture.Delivered;
import io.fustor.source.mysql.capture.LiveCursor;
import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.error.SourceException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Delivers from a binlog reader of its own, in batches while the binlog is there faster than its
/// frames are, up to where the live window can be joined.
///
/// For the subscription's thread.
final class CatchUp {

    private static final long JOIN_CHECK_NANOS = Duration.ofMillis(20).toNanos();

    private final BinlogReader reader;
    private final CatchUpTurns.Turn turn;
    private final ChangeWriter writer;
    private final Pace pace;
    private final ChangeProgress progress;
    private final Delivered delivered;
    private final EncodingBatch batch;

    /// @param reader begins at the client's place or in front of it; to be closed by its owner
    CatchUp(
            BinlogReader reader,
            CatchUpTurns.Turn turn,
            ChangeWriter writer,
            Pace pace,
            ChangeProgress progress) {
        this.reader = reader;
        this.turn = turn;
        this.writer = writer;
        this.pace = pace;
        this.progress = progress;
        this.delivered = new Delivered(progress.place());
        this.batch = new EncodingBatch(writer.encoder(), writer.out().pieces());
    }

    /// Delivers until the live window can be joined.
    ///
    /// @param join at the client's place
    /// @return null where the turn was revoked, or the subscription is to end
    @Nullable LiveCursor deliver(Supplier<@Nullable LiveCursor> join) throws IOException {
        long joinCheck = System.nanoTime();
        while (!pace.isEnding() && !turn.isRevoked()) {
            BinlogEvent event = takeNext();
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
        }
        return null;
    }

    /// What stands in front of an event that cannot be read or delivered is delivered.
    private @Nullable BinlogEvent takeNext() throws IOException {
        try {
            BinlogEvent event = reader.next();
            take(event);
            return event;
        } catch (SourceException e) {
            if (!turn.isRevoked()) {
                writeBatch();
            }
            throw e;
        }
    }

    private void take(@Nullable BinlogEvent event) throws IOException {
        if (event != null && !delivered.includes(event)) {
            turn.progressed();
            pace.moved();
            deliver(event);
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
            writer.begin(event);
            writer.write(event, skip, reader::isOverdue);
            written(List.of(entry));
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
            batch.write(writer.out(), this::written);
            reader.reuse();
        }
    }

    private void written(List<EncodingBatch.Entry> entries) {
        for (EncodingBatch.Entry entry : entries) {
            if (entry.isWanted()) {
                pace.served();
                progress.count(entry.event(), entry.skip());
            }
        }
        if (!entries.isEmpty()) {
            progress.passed(entries.getLast().event());
        }
    }
}
