package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.TableSchema;
import org.jspecify.annotations.Nullable;

/// Supplies column names that the binlog lacks (`binlog_row_metadata=MINIMAL`). Each reader has its
/// own instance and calls it on its thread, in the order of the binlog. A reader makes no call if
/// all table maps have names and leave nothing else open.
public interface ColumnNames extends AutoCloseable {

    /// Supplies no names.
    ColumnNames NONE = new NoNames();

    /// Prepares to name the tables of a transaction. Blocks for at most about a second.
    ///
    /// @param start of the transaction
    /// @param here the place after the current event
    /// @return false if it needs more time and has to be called again
    boolean reach(Place start, Place here);

    /// The table with the names of its columns, or without them and with the reason
    /// ([TableSchema#problem]). Called once [#reach] has returned true.
    ///
    /// @param start of the transaction that contains the table map
    /// @param map the table as in its map
    /// @param hasMetadata whether the map has signs and collations
    TableSchema name(Place start, TableSchema map, boolean hasMetadata);

    /// A table whose map has column names but leaves something else open. Called once [#reach] has
    /// returned true.
    ///
    /// @param start of the transaction that contains the table map
    /// @return the same columns as defined by the statements, unsupported if the statements say so;
    ///   null if the statements are unknown or contradict the map
    @Nullable TableSchema explain(Place start, TableSchema map);

    /// Whether [#statement] has to be called: from the first [#reach] on, if at all.
    boolean wantsStatements();

    /// A statement that may define tables; later table maps may differ.
    void statement(SchemaStatement statement);

    /// The reader has passed a place between two transactions.
    void passed(Place place);

    /// The names for a reader that goes back to rows before this reader's place.
    ColumnNames ofThePast();

    /// Any thread may call this; a waiting call ends.
    @Override
    void close();
}
