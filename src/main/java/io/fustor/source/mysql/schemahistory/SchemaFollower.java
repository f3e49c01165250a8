package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.StatementContext;
import io.fustor.source.mysql.schema.TableId;
import java.util.List;
import java.util.Map;

/// Follows a server's [SchemaHistory] for one reader. The reader reports every statement and the
/// places that it passes, and asks for the names of tables. It does so in the order of the binlog,
/// on its own thread, without gaps. Many readers may follow one history; statements that were read
/// before are not applied again.
///
/// A binlog reader uses it as follows if the table maps lack names:
/// - For a query event other than `BEGIN`, `COMMIT` and the like, and for the `CREATE TABLE` that
///   ends in `START TRANSACTION` and opens a transaction: call [#statement] with the event's
///   database, status variables and text as bytes, the start of its transaction and the place after
///   it. Stop if a captured table is among the returned tables.
/// - For a table map whose schema has no names: call [SchemaHistory#named] with the start of its
///   transaction.
/// - After a file's end, and from time to time: call [#passed] with a place between transactions,
///   so that less has to be read again after a restart. restart has less to read again.
public final class SchemaFollower {

    private final SchemaHistory history;
    private final long beginning;

    SchemaFollower(SchemaHistory history, long beginning) {
        this.history = history;
        this.beginning = beginning;
    }

    /// Applies a statement of the binlog. Blocks on the state database if the statement changes
    /// something.
    ///
    /// @param start of the transaction that the statement is, or begins
    /// @param after where the next transaction can start at the earliest: after the statement's own
    ///   event
    /// @param sql the statement's bytes, in the character set of the context; not kept
    /// @return the tables that are lost by it: their structure is unknown from here on
    public List<TableId> statement(Place start, Place after, byte[] sql, StatementContext context) {
        history.requireBegunAs(beginning);
        return history.apply(SchemaPlace.of(start), SchemaPlace.of(after), sql, context);
    }

    /// Records in the state database that everything before a place was read.
    ///
    /// @param place between two transactions
    public void passed(Place place) {
        history.requireBegunAs(beginning);
        history.advance(SchemaPlace.of(place));
    }

    /// Records files that were read from the history's end on.
    ///
    /// @param created when the server began each, in seconds since 1970
    public void files(Map<Long, Integer> created) {
        history.requireBegunAs(beginning);
        history.know(created);
    }
}
