package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.server.MySqlServer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Reads a stretch of the binlog for its statements only. It judges no event and looks into no row.
///
/// For one thread, except [#close].
public final class StatementScan implements AutoCloseable {

    /// How long one step takes at the most, so that the caller can do something else in between.
    private static final long STEP_NANOS = Duration.ofMillis(500).toNanos();

    private final EventStream stream;
    private final FeedPosition end;

    /// Of the transaction that is being read, where servers write a GTID event in front of it.
    private @Nullable FeedPosition start;

    private StatementScan(EventStream stream, FeedPosition end) {
        this.stream = stream;
        this.end = end;
    }

    /// Connects and asks for the binlog.
    ///
    /// @param from in front of any event; if it lies behind `end`, only the head of its file is
    ///   read
    /// @param end behind any event
    /// @throws SourceException by what went wrong, `FOREIGN_SERVER` from here or a step where the
    ///   file at `from` is another one than the place was taken from
    public static StatementScan open(
            MySqlServer server, BinlogStart.AtPosition from, FeedPosition end) {
        return new StatementScan(
                EventStream.open(server, from, new TableMaps(), new LargeEvents.HeadsOnly()), end);
    }

    /// The next statement, or null where half a second brought none or the scan is over.
    public @Nullable LoggedStatement next() {
        long deadline = System.nanoTime() + STEP_NANOS;
        while (!isOver() && System.nanoTime() < deadline) {
            if (!stream.next()) {
                return null;
            }
            LoggedStatement statement = take(stream.event());
            if (statement != null) {
                return statement;
            }
        }
        return null;
    }

    /// Whether everything in front of the end was read.
    public boolean isOver() {
        return stream.cursor().isDescribed()
                && !stream.isInPayload()
                && !end.isAfter(stream.cursor().here());
    }

    /// The place behind what was read.
    public FeedPosition position() {
        return stream.cursor().here();
    }

    private @Nullable LoggedStatement take(EventBytes event) {
        BinlogCursor cursor = stream.cursor();
        switch (event.type()) {
            case EventType.GTID,
                    EventType.ANONYMOUS_GTID,
                    EventType.GTID_TAGGED,
                    EventType.MARIADB_GTID ->
                    start = cursor.eventPlace();
            case EventType.QUERY -> {
                FeedPosition begun = start;
                LoggedStatement statement =
                        LoggedStatement.read(
                                event, begun == null ? cursor.eventPlace() : begun, cursor.here());
                return Statement.isBegin(statement.sql()) ? null : statement;
            }
            default -> {
                // Rows, and what belongs to them.
            }
        }
        return null;
    }

    /// From any thread; a read that waits ends.
    @Override
    public void close() {
        stream.close();
    }
}
