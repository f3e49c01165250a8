package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.schema.StatementContext;
import io.fustor.source.mysql.schema.TableId;
import org.jspecify.annotations.Nullable;

/// A statement in the binlog, as far as it affects the reader: whether it opens or ends a
/// transaction, empties a table, or changes rows without a rows event. [StatementJudge] decides
/// that.
///
/// @param table the table that is emptied or changed; without a name for other kinds
/// @param xid of the XA transaction that the statement refers to
/// @param words describe the statement to a person, never with its values
record StatementEffect(Kind kind, TableId table, @Nullable Xid xid, String words) {

    enum Kind {
        BEGIN,
        /// Creates a table and begins the transaction that fills it.
        BEGIN_WITH_TABLE,
        COMMIT,
        ROLLBACK,
        ROLLBACK_TO_SAVEPOINT,
        /// Occurs in an open transaction and changes nothing by itself.
        INSIDE,
        /// Opens a transaction that is prepared later in the same binlog transaction.
        XA_START,
        XA_END,
        /// Commit and rollback of what an earlier transaction prepared.
        XA_COMMIT,
        XA_ROLLBACK,
        UNKNOWN_XA,
        /// Changes rows of at most one table, the one that it names.
        CHANGES_TABLE,
        /// May change rows of any table, since it is not known to be harmless.
        CHANGES_ROWS,
        TRUNCATE,
        /// Known to change no rows, such as DDL.
        OTHER
    }

    static final TableId NONE = new TableId("", "");

    private static final StatementEffect BEGINS = new StatementEffect(Kind.BEGIN);
    private static final StatementEffect COMMITS = new StatementEffect(Kind.COMMIT);

    StatementEffect(Kind kind) {
        this(kind, NONE, null, "");
    }

    /// Reads a statement. The time is proportional to the text; it allocates nothing.
    ///
    /// @param event with the cursor at a query event's body
    /// @param isMariaDb whether the binlog is MariaDB's
    static StatementEffect read(EventBytes event, boolean isMariaDb) {
        QueryEvent query = QueryEvent.read(event);
        if (query.isBegin()) {
            return BEGINS;
        }
        if (query.isCommit()) {
            return COMMITS;
        }
        StatementContext context = query.context();
        return new StatementJudge(new StatementTokens(context, query, isMariaDb)).judge();
    }
}
