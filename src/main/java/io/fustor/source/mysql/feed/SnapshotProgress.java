package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.snapshot.TableQuery;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// How far a snapshot is, table by table. Written by the thread that delivers it, read by any.
///
/// Where the subscriber may not know of some rows, those that are delivered are all that counts.
final class SnapshotProgress {

    private final String id;
    private final Instant since = Instant.now();
    private final boolean isNarrow;
    private final List<TableProgress> tables;
    private final long began = System.nanoTime();
    private volatile long viewBegan = began;
    private volatile Instant viewOpened = since;
    private volatile int current = -1;

    /// One table of the snapshot.
    static final class TableProgress {

        private final TableQuery query;
        private final boolean isNarrow;
        private final AtomicLong rows = new AtomicLong();
        private final AtomicLong rowsRead = new AtomicLong();
        private volatile @Nullable Instant begun;
        private volatile @Nullable Instant done;

        private TableProgress(TableQuery query, boolean isNarrow) {
            this.query = query;
            this.isNarrow = isNarrow;
        }

        TableId id() {
            return query.table().schema().id();
        }

        TableQuery query() {
            return query;
        }

        private SubscriptionStatus.TableStatus status() {
            return new SubscriptionStatus.TableStatus(
                    id().schema(),
                    id().table(),
                    state(),
                    rows(),
                    estimatedRows(),
                    rate(),
                    secondsLeft());
        }

        /// Delivered by this stream: those before a resumed one's start are not counted.
        long rows() {
            return rows.get();
        }

        /// Read by this stream; those that do not meet a condition are read and not delivered.
        long rowsRead() {
            return isNarrow ? rows.get() : rowsRead.get();
        }

        /// As the server's statistics have it; 0 where they count what the subscriber may not know
        /// of.
        long estimatedRows() {
            return isNarrow ? 0 : query.table().estimatedRows();
        }

        /// `waiting`, `reading` or `done`.
        String state() {
            if (done != null) {
                return "done";
            }
            return begun == null ? "waiting" : "reading";
        }

        /// Rows a second since the table was begun; null before.
        @Nullable Double rate() {
            Instant from = begun;
            Instant to = done;
            if (from == null) {
                return null;
            }
            long millis = Duration.between(from, to == null ? Instant.now() : to).toMillis();
            return millis == 0 ? null : rowsRead() * 1000.0 / millis;
        }

        /// Seconds that the rest may take; null where that cannot be said.
        @Nullable Long secondsLeft() {
            Double rate = rate();
            if (done != null) {
                return 0L;
            }
            return rate == null || rate == 0 || isNarrow
                    ? null
                    : (long) Math.ceil(Math.max(0, estimatedRows() - rowsRead()) / rate);
        }
    }

    /// @param isNarrow whether there may be rows of which the subscriber may not know
    SnapshotProgress(String id, List<TableQuery> tables, boolean isNarrow) {
        this.id = id;
        this.isNarrow = isNarrow;
        this.tables = tables.stream().map(query -> new TableProgress(query, isNarrow)).toList();
    }

    String id() {
        return id;
    }

    /// What there is to see of it now.
    SubscriptionStatus.SnapshotStatus status() {
        return new SubscriptionStatus.SnapshotStatus(
                id,
                since,
                viewOpened,
                viewAge(),
                rows(),
                estimatedRows(),
                left(),
                tables.stream().map(TableProgress::status).toList());
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    List<TableProgress> tables() {
        return tables;
    }

    /// When the read view was opened that rows come from now: as long as it is open, the server
    /// cannot purge the row versions that it may need.
    Instant viewOpened() {
        return viewOpened;
    }

    Duration viewAge() {
        return Duration.ofNanos(System.nanoTime() - viewBegan);
    }

    void viewOpened(Instant opened) {
        viewOpened = opened;
        viewBegan = System.nanoTime();
    }

    /// How long the rest may take at the pace so far; null where that cannot be said.
    @Nullable Duration left() {
        long read = rowsRead();
        long rest = Math.max(0, estimatedRows() - read);
        double pace = read / (age().toMillis() + 1.0);
        return read == 0 || isNarrow ? null : Duration.ofMillis((long) (rest / pace));
    }

    /// Rows delivered of all tables, by this stream.
    long rows() {
        return tables.stream().mapToLong(TableProgress::rows).sum();
    }

    /// Rows read of all tables, by this stream.
    long rowsRead() {
        return tables.stream().mapToLong(TableProgress::rowsRead).sum();
    }

    long estimatedRows() {
        return tables.stream().mapToLong(TableProgress::estimatedRows).sum();
    }

    /// A table begins, or begins again where its reading broke; those before it are done.
    @SuppressWarnings("ReferenceEquality") // the plan's own instances
    void begin(TableQuery query) {
        int next =
                IntStream.range(0, tables.size())
                        .filter(i -> tables.get(i).query == query)
                        .findFirst()
                        .orElseThrow();
        finishBefore(next);
        TableProgress table = tables.get(next);
        if (table.begun == null) {
            table.begun = Instant.now();
        } else if (!query.isResumable()) {
            table.rows.set(0);
            table.rowsRead.set(0);
        }
        current = next;
    }

    /// A row of the table that was begun last was read. Called by one thread only.
    void read() {
        AtomicLong read = tables.get(current).rowsRead;
        read.lazySet(read.getPlain() + 1);
    }

    /// Rows of the table that was begun last were delivered.
    void add(int rows) {
        tables.get(current).rows.addAndGet(rows);
    }

    void finish() {
        finishBefore(tables.size());
    }

    private void finishBefore(int end) {
        Instant now = Instant.now();
        for (TableProgress table : tables.subList(0, end)) {
            if (table.done == null) {
                table.done = now;
            }
        }
    }
}
