package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.schema.TableSchema;

/// Says what columns are called where the binlog itself does not (`binlog_row_metadata=MINIMAL`).
/// Each reader has one of its own and calls it on its thread, in the order of the binlog; a reader
/// that meets no table map without names asks it nothing.
public interface ColumnNames extends AutoCloseable {

    /// Leaves columns without names.
    ColumnNames NONE = new NoNames();

    /// Gets ready to name the tables of a transaction. Blocks for about a second at the most.
    ///
    /// @param start of the transaction
    /// @param here behind the event that is being read
    /// @return false where it needs more time, and wants to be asked again
    boolean reach(FeedPosition start, FeedPosition here);

    /// A table with the names of its columns, or without them and with the reason
    /// ([TableSchema#problem]). Asked once [#reach] is through.
    ///
    /// @param start of the transaction that the table map stands in
    /// @param map the table as its map has it
    /// @param hasMetadata whether the map has signs and collations
    TableSchema name(FeedPosition start, TableSchema map, boolean hasMetadata);

    /// Whether [#statement] is to be called: from the first [#reach] on, if at all.
    boolean wantsStatements();

    /// A statement that may define tables; those that come later may look otherwise.
    void statement(LoggedStatement statement);

    /// The reader has passed a place between two transactions.
    void passed(FeedPosition place);

    /// For a reader that goes back for rows that stand before this reader's place.
    ColumnNames ofThePast();

    /// From any thread; a call that waits ends.
    @Override
    void close();
}
