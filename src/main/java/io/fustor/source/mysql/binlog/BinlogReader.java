package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.SessionMark;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Follows a server's binlog. Yields rows events, commits and truncations in its order, each with
/// its place. The capture's reader thread has one, and so has each subscription that catches up.
///
/// It never skips an event that may hold rows. An event of an unknown type, a statement that
/// changes rows without rows events and inconsistent bytes cause a [SourceException]. Nothing can
/// be read after one. Only a reader that searches for a place passes over such events and
/// statements, since the stream that begins there judges them.
///
/// For one thread, except [#close].
public final class BinlogReader implements AutoCloseable {

    /// How long the reader reads events that yield nothing before it returns to its caller: a
    /// server may send nothing but heartbeats.
    private static final Duration LONGEST_IN_VAIN = Duration.ofMillis(5);

    private final EventStream stream;
    private final EventBytes event;
    private final BinlogCursor cursor;
    private final XaTransactions xa;
    private final QueryEventReader queries;

    /// False if the reader searches for a place.
    private final boolean judges;

    private @Nullable BinlogEvent pending;

    /// Whether the names of the columns of the last table map are not known yet.
    private boolean naming;

    private BinlogReader(
            MySqlServer server, EventStream stream, XaTransactions xa, boolean judges) {
        this.stream = stream;
        this.event = stream.event();
        this.cursor = stream.cursor();
        this.xa = xa;
        this.judges = judges;
        this.queries = new QueryEventReader(server, stream, xa, judges);
    }

    /// @param preparedReaders opens readers of prepared XA transactions; null for such a reader
    /// @param readAs the transaction to which a reader of a prepared XA transaction assigns its
    ///   rows; null for all other readers
    static BinlogReader of(
            MySqlServer server,
            EventStream stream,
            XaCommit.@Nullable Opening preparedReaders,
            XaCommit.@Nullable Commit readAs) {
        return of(server, stream, preparedReaders, readAs, true);
    }

    private static BinlogReader of(
            MySqlServer server,
            EventStream stream,
            XaCommit.@Nullable Opening preparedReaders,
            XaCommit.@Nullable Commit readAs,
            boolean judges) {
        XaTransactions xa = new XaTransactions(server, stream, preparedReaders, readAs);
        return new BinlogReader(server, stream, xa, judges);
    }

    /// Connects and asks for the binlog.
    ///
    /// @param largeEvents which large events are held in memory, and how long rows events stay
    ///   valid
    /// @param names the columns' names if table maps do not contain them; closed with the reader
    /// @throws SourceException if the server cannot be reached or does not send the binlog
    public static BinlogReader open(
            MySqlServer server, BinlogStart start, LargeEvents largeEvents, ColumnNames names) {
        return open(server, start, largeEvents, names, true);
    }

    private static BinlogReader open(
            MySqlServer server,
            BinlogStart start,
            LargeEvents largeEvents,
            ColumnNames names,
            boolean judges) {
        TableMaps tables = new TableMaps(names);
        XaCommit.Opening preparedReaders =
                (place, commit) ->
                        of(
                                server,
                                EventStream.open(
                                        server, place, tables.ofAnotherStream(), largeEvents),
                                null,
                                commit,
                                judges);
        EventStream stream = EventStream.open(server, start, tables, largeEvents);
        return of(server, stream, preparedReaders, null, judges);
    }

    /// Opens a reader that searches for a place. It yields the same events as others, but does not
    /// hold large ones, and reads on where others fail. Its events tell where a stream may begin,
    /// not what the stream can deliver.
    ///
    /// @throws SourceException if the server cannot be reached or does not send the binlog
    public static BinlogReader search(MySqlServer server, BinlogStart start) {
        return open(server, start, new LargeEvents.HeadsOnly(), ColumnNames.NONE, false);
    }

    /// Opens a reader that holds all events in memory.
    ///
    /// @param forGood whether rows events stay valid; otherwise one is valid until the next call of
    ///   [#next], which saves a copy
    public static BinlogReader open(MySqlServer server, BinlogStart start, boolean forGood) {
        return open(server, start, LargeEvents.all(forGood), ColumnNames.NONE);
    }

    /// The next event. Null if none arrives within about a second, or the events that arrive yield
    /// nothing. Blocks on the socket.
    ///
    /// @throws SourceException if the stream broke, or contains an event from which no correct rows
    ///   can be read
    public @Nullable BinlogEvent next() {
        BinlogEvent second = pending;
        if (second != null) {
            pending = null;
            return second;
        }
        long start = System.nanoTime();
        XaCommit committing = xa.committing();
        while (committing == null) {
            if (!naming && !stream.next()) {
                stream.passed();
                return null;
            }
            BinlogEvent result = read();
            if (result != null || naming) {
                return result;
            }
            if (System.nanoTime() - start > LONGEST_IN_VAIN.toNanos()) {
                return null;
            }
            committing = xa.committing();
        }
        return rowsOf(committing);
    }

    /// The rows of the XA transaction whose commit was read last, and then the commit.
    private @Nullable BinlogEvent rowsOf(XaCommit committing) {
        RowsEvent rows = committing.next();
        if (rows != null) {
            cursor.addRows(rows.table().id(), rows.rowCount());
            return rows;
        }
        if (!committing.isOver()) {
            return null;
        }
        xa.committed(committing);
        return queries.commit();
    }

    /// The place after all yielded events, always between two transactions: inside one, its start.
    public Place position() {
        return cursor.position();
    }

    /// Whether the reader was opened for one transaction and has yielded its end.
    public boolean isOver() {
        return cursor.isOver();
    }

    /// When the server created the file in which the reader began, in seconds since 1970. Reads the
    /// file's head, and the events that prove the reader's first place, if that is not done yet.
    ///
    /// @throws SourceException `FOREIGN_SERVER` if the place belongs to another binlog
    public long fileCreated() {
        while (!cursor.isDescribed() || !cursor.isProven()) {
            if (stream.next()) {
                pending = read();
            }
        }
        return cursor.position().fileCreated() & 0xFFFF_FFFFL;
    }

    /// The mark that shows whether another connection leads to the reader's server.
    public SessionMark mark() {
        return stream.mark();
    }

    /// The name of the binlog file that is being read.
    public String file() {
        return cursor.file();
    }

    /// Whether more of the stream has arrived: then it pays to read on before waking subscribers.
    public boolean hasBuffered() {
        XaCommit committing = xa.committing();
        boolean here = committing == null ? stream.hasBuffered() : committing.hasBuffered();
        return pending != null || here;
    }

    /// Keeps the rows event that was yielded last valid until [#reuse], not only until the next
    /// one.
    ///
    /// @return false if that is impossible: it is large, or was read over another connection
    public boolean keep() {
        return !isReadingPrepared() && stream.keep();
    }

    /// The caller no longer needs the events that it kept.
    public void reuse() {
        stream.reuse();
    }

    /// Whether other readers have waited too long for the memory of the event that was read last.
    public boolean isOverdue() {
        XaCommit committing = xa.committing();
        return stream.isOverdue() || (committing != null && committing.isOverdue());
    }

    /// Whether rows of an XA transaction are searched for or read, over another connection.
    public boolean isReadingPrepared() {
        return xa.committing() != null;
    }

    private @Nullable BinlogEvent read() {
        try {
            return readEvent();
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new SourceException(
                    FailureCode.CORRUPT_EVENT,
                    stream.failure(FailureCode.CORRUPT_EVENT, "cannot be read").getMessage(),
                    e);
        }
    }

    private @Nullable BinlogEvent readEvent() {
        switch (event.type()) {
            case EventType.WRITE_ROWS, EventType.WRITE_ROWS_V1 -> {
                return rows(Operation.INSERT);
            }
            case EventType.UPDATE_ROWS, EventType.UPDATE_ROWS_V1 -> {
                return rows(Operation.UPDATE);
            }
            case EventType.DELETE_ROWS, EventType.DELETE_ROWS_V1 -> {
                return rows(Operation.DELETE);
            }
            case EventType.TABLE_MAP -> naming = !stream.addTable();
            case EventType.GTID,
                    EventType.ANONYMOUS_GTID,
                    EventType.GTID_TAGGED,
                    EventType.MARIADB_GTID ->
                    cursor.begin(event, stream.isInPayload());
            case EventType.QUERY -> {
                BinlogEvent first = queries.read();
                pending = queries.following();
                return first;
            }
            case EventType.XID -> {
                return queries.commit();
            }
            case EventType.XA_PREPARE -> {
                return xa.end();
            }
            default -> {
                return readOther();
            }
        }
        return null;
    }

    private @Nullable BinlogEvent rows(Operation operation) {
        RowsEvent rows =
                xa.isInside()
                        ? xa.rows(operation)
                        : stream.rows(operation, cursor.transaction(event), null);
        return rows == null || Sequences.isOne(rows.table()) ? null : rows;
    }

    private @Nullable BinlogEvent readOther() {
        switch (event.type()) {
            case EventType.PREVIOUS_GTIDS -> cursor.previousGtids(event);
            case EventType.MARIADB_GTID_LIST -> cursor.gtidList(event);
            case EventType.ROTATE,
                    EventType.FORMAT_DESCRIPTION,
                    EventType.TRANSACTION_PAYLOAD,
                    EventType.HEARTBEAT,
                    EventType.HEARTBEAT_V2,
                    EventType.STOP,
                    EventType.IGNORABLE,
                    EventType.ROWS_QUERY,
                    EventType.INTVAR,
                    EventType.RAND,
                    EventType.USER_VAR,
                    EventType.TRANSACTION_CONTEXT,
                    EventType.VIEW_CHANGE,
                    EventType.MARIADB_ANNOTATE_ROWS,
                    EventType.MARIADB_BINLOG_CHECKPOINT,
                    EventType.MARIADB_START_ENCRYPTION -> {
                // They change no rows, or the stream has processed them. A variable belongs to a
                // statement, which is judged by itself.
            }
            case EventType.PARTIAL_UPDATE_ROWS ->
                    refuse(
                            FailureCode.PARTIAL_JSON,
                            "holds partial JSON updates; set binlog_row_value_options = '' on the server and in its sessions");
            case EventType.INCIDENT -> {
                refuse(
                        FailureCode.INCIDENT,
                        "says that the server lost events; take a new snapshot from a position after it");
                // It is a transaction of its own.
                return queries.commit();
            }
            case EventType.LOAD,
                    EventType.CREATE_FILE,
                    EventType.APPEND_BLOCK,
                    EventType.EXEC_LOAD,
                    EventType.DELETE_FILE,
                    EventType.NEW_LOAD,
                    EventType.BEGIN_LOAD_QUERY,
                    EventType.EXECUTE_LOAD_QUERY ->
                    queries.refuseStatement("LOAD DATA");
            default -> {
                if (!event.isIgnorable()) {
                    refuse(
                            FailureCode.UNSUPPORTED_EVENT,
                            "is of the type "
                                    + event.type()
                                    + ", which this service does not know");
                }
            }
        }
        return null;
    }

    /// Fails at an event after which rows would be missing, unless the reader only searches.
    private void refuse(FailureCode code, String what) {
        if (judges) {
            throw stream.failure(code, what);
        }
    }

    /// Closes the stream, at the server too. Does not wait.
    @Override
    public void close() {
        stream.close();
        xa.close();
    }
}
