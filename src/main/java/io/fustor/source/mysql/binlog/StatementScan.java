package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.MySqlServer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads a part of the binlog for its statements only. It does not check events or read rows.
///
/// For one thread, except [#close].
public final class StatementScan implements AutoCloseable {

    /// The maximum duration of one step, so that the caller can do other work in between.
    private static final long STEP_NANOS = Duration.ofMillis(500).toNanos();

    private final EventStream stream;
    private final Place end;

    /// The start of the current transaction, if servers write a GTID event before it.
    private @Nullable Place start;

    private final Map<Long, Integer> files = new HashMap<>();

    private StatementScan(EventStream stream, Place end) {
        this.stream = stream;
        this.end = end;
    }

    /// Connects and requests the binlog.
    ///
    /// @param from before any event; if it is after `end`, only the head of its file is read
    /// @param end after any event
    /// @throws SourceException with the reason of a failure; `FOREIGN_SERVER`, from here or a step,
    ///   if the file at `from` is not the one in which the place was found file at `from` is
    ///   another one than the place was taken from
    public static StatementScan open(MySqlServer server, BinlogStart.AtPosition from, Place end) {
        return new StatementScan(
                EventStream.open(server, from, new TableMaps(), new LargeEvents.HeadsOnly()), end);
    }

    /// The next statement, or null if half a second brought none or the scan is over.
    public @Nullable SchemaStatement next() {
        long deadline = System.nanoTime() + STEP_NANOS;
        while (!isOver() && System.nanoTime() < deadline) {
            if (!stream.next()) {
                return null;
            }
            SchemaStatement statement = take(stream.event());
            if (statement != null) {
                return statement;
            }
        }
        return null;
    }

    /// Whether everything before the end was read.
    public boolean isOver() {
        return stream.cursor().isDescribed()
                && stream.cursor().isProven()
                && !stream.isInPayload()
                && !end.isAfter(stream.cursor().here());
    }

    /// When the server began the files that were read so far, in seconds since 1970.
    public Map<Long, Integer> files() {
        return files;
    }

    /// Whether the head of the first file was read.
    public boolean isBegun() {
        return stream.cursor().isDescribed();
    }

    /// When the server began a file that was read, in seconds since 1970; 0 if it was not read.
    public int created(long file) {
        return files.getOrDefault(file, 0);
    }

    /// The place after everything that was read.
    public Place position() {
        return stream.cursor().here();
    }

    private @Nullable SchemaStatement take(EventBytes event) {
        BinlogCursor cursor = stream.cursor();
        switch (event.type()) {
            case EventType.GTID,
                    EventType.ANONYMOUS_GTID,
                    EventType.GTID_TAGGED,
                    EventType.MARIADB_GTID ->
                    start = cursor.eventPlace();
            case EventType.FORMAT_DESCRIPTION -> {
                Place here = cursor.here();
                files.put(here.fileNumber(), here.fileCreated());
            }
            case EventType.QUERY -> {
                Place begun = start;
                QueryEvent query = QueryEvent.read(event);
                return query.isBegin() || cursor.isWithoutEffect()
                        ? null
                        : SchemaStatement.of(
                                query, begun == null ? cursor.eventPlace() : begun, cursor.here());
            }
            default -> {
                // Rows and the events around them.
            }
        }
        return null;
    }

    /// Any thread may call this; a waiting read ends.
    @Override
    public void close() {
        stream.close();
    }
}
