package io.fustor.source.mysql.history;

import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.schema.TableId;
import java.util.List;

/// One reader's way along a server's [SchemaHistory]. The reader tells it of every statement and of
/// the places that it passes, and asks it for the names of tables; it does so in the order of the
/// binlog, on its own thread, and leaves out nothing between. Many may follow one history; what was
/// read before is not applied again.
///
/// How a binlog reader uses it, where the table maps lack names:
/// - a query event that is none of `BEGIN`, `COMMIT` and the like, and also the `CREATE TABLE` that
///   ends in `START TRANSACTION` and opens a transaction: [#statement], with the event's database,
///   status variables and text as bytes, the start of its transaction and the place behind it. Stop
///   where a table that is captured is among those that it returns.
/// - a table map whose schema is not named: [SchemaHistory#named], with the start of its
///   transaction.
/// - after a file's end, and now and then: [#passed] with a place between transactions, so that a
///   restart has less to read again.
public final class SchemaFollower {

    private final SchemaHistory history;

    SchemaFollower(SchemaHistory history) {
        this.history = history;
    }

    /// A statement in the binlog. Blocks on the state database where it changes something.
    ///
    /// @param start of the transaction that the statement is, or begins
    /// @param after where the next one starts at the earliest: behind the statement's own event
    /// @param sql the statement's bytes, in the character set that the context says; not kept
    /// @return the tables that are lost by it: nobody can say any more what they look like
    public List<TableId> statement(
            FeedPosition start, FeedPosition after, byte[] sql, StatementContext context) {
        return history.apply(SchemaPlace.of(start), SchemaPlace.of(after), sql, context);
    }

    /// Notes in the state database that everything before a place was read.
    ///
    /// @param place between two transactions
    public void passed(FeedPosition place) {
        history.advance(SchemaPlace.of(place));
    }
}
