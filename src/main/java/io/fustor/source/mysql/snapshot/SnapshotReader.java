package io.fustor.source.mysql.snapshot;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.ServerSession;
import io.fustor.source.mysql.server.TableDescription;
import io.fustor.source.mysql.server.TableFailures;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the rows of tables out of one consistent view, table by table in the order of their names,
/// each in the order of its key. Nothing is held but the row that is being read.
///
/// A table's columns are compared with what they were when the snapshot was planned, once no
/// session can change them any more, so that rows are never read under names that are not theirs. A
/// table that is done is given back: its locks do not outlast its reading.
///
/// For one thread, except [#abort].
public final class SnapshotReader implements AutoCloseable {

    private static final int NO_SUCH_TABLE = 1146;
    private static final int UNKNOWN_COLUMN = 1054;
    private static final int NO_SUCH_KEY = 1176;
    private static final int NO_SUCH_SCHEMA = 1049;
    private static final int TABLE_DEFINITION_CHANGED = 1412;
    private static final int INVALID_CHARACTERS = 1300;
    private static final int SYNTAX_ERROR = 1064;

    private final ConsistentView view;
    private final MySqlServer server;
    private final Iterator<TableQuery> tables;
    private final SnapshotPlace start;

    private @Nullable TableQuery table;
    private @Nullable RowStream rows;

    /// What a step of the reading brought.
    public enum Step {
        /// A table begins; it may have no row.
        TABLE,
        /// A row is there.
        ROW,
        /// Nothing came within about a second.
        NOTHING,
        /// All rows of all tables were read.
        END
    }

    /// @param view is closed with this reader
    /// @param server for questions that the view cannot answer: it shows tables as they were
    /// @param tables what to read, in the order of their names; those before `start` are passed
    ///   over
    /// @param start after which row to begin
    /// @throws SourceException `TABLE_CHANGED` where the table of `start` is gone or is another
    public SnapshotReader(
            ConsistentView view, MySqlServer server, List<TableQuery> tables, SnapshotPlace start) {
        this.view = view;
        this.server = server;
        this.start = start;
        this.tables = SnapshotPlan.from(tables, start).iterator();
    }

    /// Moves on. Blocks for about a second at most.
    ///
    /// @throws SourceException by what went wrong; the reader is of no use after it
    public Step next() {
        RowStream open = rows;
        if (open == null) {
            return nextTable();
        }
        try {
            if (open.next()) {
                return Step.ROW;
            }
        } catch (SourceException e) {
            throw explained(table(), e);
        }
        if (!open.isOver()) {
            return Step.NOTHING;
        }
        open.close();
        rows = null;
        view.releaseTables();
        return nextTable();
    }

    private Step nextTable() {
        if (!tables.hasNext()) {
            return Step.END;
        }
        TableQuery next = tables.next();
        table = next;
        byte[] lastKey = isStart(next) ? start.key() : new byte[0];
        try {
            view.savepoint();
            view.execute(next.probe());
            requireUnchanged(next);
            rows = view.rows(select(next, lastKey));
            return Step.TABLE;
        } catch (SourceException e) {
            throw explained(next, e);
        }
    }

    /// The statement that reads a table: by the index that serves its condition, if the rows come
    /// in the order of the key by it, and else by that of the key.
    private String select(TableQuery query, byte[] lastKey) {
        if (query.isNarrowed() && query.isResumable()) {
            String byAny = query.selectByAny(lastKey);
            if (IndexProof.isInOrder(view, byAny)) {
                return byAny;
            }
        }
        String select = query.select(lastKey);
        IndexProof.require(view, query, select);
        return select;
    }

    private boolean isStart(TableQuery query) {
        TableId id = query.table().schema().id();
        return id.schema().equals(start.schema()) && id.table().equals(start.table());
    }

    /// Called when the reading holds the table's metadata lock: from here on it stays as it is.
    private void requireUnchanged(TableQuery query) {
        TableDescription planned = query.table();
        TableDescription now = server.describe(planned.schema().id());
        if (now == null || !now.schema().looksLike(planned.schema())) {
            throw changed(planned.schema().id(), null);
        }
    }

    private static SourceException explained(TableQuery query, SourceException failure) {
        return switch (ServerSession.errorNumber(failure)) {
            case NO_SUCH_TABLE,
                    UNKNOWN_COLUMN,
                    NO_SUCH_KEY,
                    NO_SUCH_SCHEMA,
                    TABLE_DEFINITION_CHANGED ->
                    changed(query.table().schema().id(), failure);
            case INVALID_CHARACTERS, SYNTAX_ERROR ->
                    new SourceException(
                            FailureCode.INTERNAL,
                            "reading "
                                    + query.table().schema().id()
                                    + " cannot go on after its last row: "
                                    + failure.getMessage(),
                            failure);
            default -> TableFailures.about(query.table().schema().id(), failure);
        };
    }

    static SourceException changed(TableId table, @Nullable SourceException cause) {
        return new SourceException(
                FailureCode.TABLE_CHANGED,
                "the table "
                        + table
                        + " was altered, emptied, renamed or dropped while the snapshot was taken: take a new"
                        + " one",
                cause);
    }

    /// The table that is being read.
    public TableQuery table() {
        TableQuery reading = table;
        if (reading == null) {
            throw new IllegalStateException("no table was begun");
        }
        return reading;
    }

    /// The row that is there, valid until the next step: its array, and where it starts and ends.
    public RowStream row() {
        RowStream open = rows;
        if (open == null) {
            throw new IllegalStateException("no row is there");
        }
        return open;
    }

    public ConsistentView view() {
        return view;
    }

    /// Makes a step that waits fail soon. Any thread may call.
    public void abort() {
        view.abort();
    }

    @Override
    public void close() {
        RowStream open = rows;
        rows = null;
        if (open != null) {
            open.close();
        }
        view.close();
    }
}
