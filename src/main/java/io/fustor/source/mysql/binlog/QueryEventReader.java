package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.TruncateEvent;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.NameRule;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.server.MySqlServer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the query events of one stream. Their statements begin and end transactions, truncate a
/// table, or define one. It refuses a statement that may change rows without rows events.
///
/// For the reader's thread.
final class QueryEventReader {

    /// Schemas whose tables are in no feed and have no triggers, which could change other tables.
    private static final Set<String> HOUSEKEEPING = Set.of("mysql", "performance_schema");

    private final MySqlServer server;
    private final EventStream stream;
    private final EventBytes event;
    private final BinlogCursor cursor;
    private final XaTransactions xa;
    private final boolean judges;

    private @Nullable CommitEvent following;

    /// @param judges false for a reader that searches for a place and fails at no statement
    QueryEventReader(MySqlServer server, EventStream stream, XaTransactions xa, boolean judges) {
        this.server = server;
        this.stream = stream;
        this.event = stream.event();
        this.cursor = stream.cursor();
        this.xa = xa;
        this.judges = judges;
    }

    /// Reads the statement of the event that was read last.
    ///
    /// @return null if it yields nothing; a truncation is followed by its commit ([#following])
    @Nullable BinlogEvent read() {
        if (cursor.isWithoutEffect()) {
            return commit();
        }
        StatementEffect statement = StatementEffect.read(event, cursor.isOfMariaDb());
        return switch (statement.kind()) {
            case BEGIN -> {
                cursor.beginStatement(event);
                yield null;
            }
            case BEGIN_WITH_TABLE -> {
                cursor.beginStatement(event);
                stream.define(cursor.position());
                yield null;
            }
            case COMMIT -> commit();
            case ROLLBACK -> rollback();
            case ROLLBACK_TO_SAVEPOINT -> rollbackToSavepoint();
            case INSIDE -> null;
            case XA_START -> {
                xa.start(statement.xid());
                yield null;
            }
            case XA_END -> null;
            case XA_COMMIT -> {
                xa.commit(statement.xid());
                yield null;
            }
            case XA_ROLLBACK -> {
                xa.rollback(statement.xid());
                yield commit();
            }
            case UNKNOWN_XA -> {
                refuse(
                        FailureCode.XA_TRANSACTION,
                        "is a statement on an XA transaction that this service does not know");
                yield other();
            }
            case CHANGES_TABLE -> {
                if (!HOUSEKEEPING.contains(stored(statement.table()).schema())) {
                    refuseStatement(statement.words());
                }
                yield null;
            }
            case CHANGES_ROWS -> {
                refuseStatement(statement.words());
                yield other();
            }
            case TRUNCATE -> truncate(stored(statement.table()));
            case OTHER -> other();
        };
    }

    /// Takes the event that follows the one that was read last, or null.
    @Nullable CommitEvent following() {
        CommitEvent next = following;
        following = null;
        return next;
    }

    /// A table by the server's names. The server is asked only if its rule makes a difference.
    private TableId stored(TableId table) {
        TableId inLowerCase = NameRule.LOWER_CASE.stored(table);
        return inLowerCase.equals(table) ? table : server.identity().names().stored(table);
    }

    /// Fails at a statement that may change rows without rows events.
    ///
    /// @param words the statement's first words; may be empty
    void refuseStatement(String words) {
        refuse(
                FailureCode.STATEMENT_FORMAT,
                "is a statement"
                        + (words.isEmpty() ? "" : " (" + words + ")")
                        + " that may change rows without rows events: a session had binlog_format ="
                        + " STATEMENT or MIXED");
    }

    /// Fails at the last event, unless the reader only searches.
    private void refuse(FailureCode code, String what) {
        if (judges) {
            throw failure(code, what);
        }
    }

    private @Nullable BinlogEvent other() {
        if (cursor.isInside()) {
            stream.define(cursor.position());
            return null;
        }
        Place start = cursor.position();
        BinlogEvent commit = commit();
        stream.define(start);
        return commit;
    }

    /// Only a transaction that changed tables without transactions is written with its rollback.
    private BinlogEvent rollback() {
        if (cursor.rows() > 0 || xa.isPreparing()) {
            throw failure(
                    FailureCode.UNSUPPORTED_EVENT,
                    "rolls rows back that the binlog holds: the transaction mixes tables with and without transactions");
        }
        return commit();
    }

    /// The binlog keeps the changes after the savepoint only if it keeps this statement too.
    private @Nullable BinlogEvent rollbackToSavepoint() {
        if (cursor.rows() > 0 || xa.isPreparing()) {
            throw failure(
                    FailureCode.UNSUPPORTED_EVENT,
                    "rolls rows back to a savepoint that the binlog holds: the transaction mixes tables with and without transactions");
        }
        return null;
    }

    /// A truncation is a transaction of its own: its commit is the event after it.
    private BinlogEvent truncate(TableId table) {
        CommitEvent commit = cursor.commit(event);
        TruncateEvent truncate = new TruncateEvent(commit.transaction(), table, event.timestamp());
        following = commit;
        return truncate;
    }

    /// Ends the open transaction, or one that consists of this event alone.
    ///
    /// @throws SourceException `CORRUPT_EVENT` if an XA transaction is open
    CommitEvent commit() {
        if (xa.isInside()) {
            throw failure(
                    FailureCode.CORRUPT_EVENT, "commits a transaction while an XA one is open");
        }
        return cursor.commit(event);
    }

    private SourceException failure(FailureCode code, String what) {
        return stream.failure(code, what);
    }
}
