package io.fustor.source.mysql.history;

import io.fustor.source.mysql.history.Schemas.Entry;
import io.fustor.source.mysql.schema.TableId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where the histories of servers are kept. Several instances of the service may share it.
interface SchemaHistoryStore {

    /// What a table looked like from a place on.
    ///
    /// @param entry null from where the table is gone
    record Version(SchemaPlace place, TableId table, @Nullable Entry entry) {}

    /// A history as it is stored.
    ///
    /// @param revision another one after each statement that changed something
    /// @param from where the baseline holds
    /// @param through all statements of transactions that start before it are in
    /// @param collations the databases' defaults at `through`
    /// @param versions in the order of their places
    record Stored(
            long revision,
            Schemas.ServerNames server,
            SchemaPlace from,
            SchemaPlace through,
            Map<String, Integer> collations,
            List<Version> versions) {}

    /// What is stored of a server, by its number in a `FeedPosition`.
    Optional<Stored> load(long server);

    /// Stores a history in place of the one that is there.
    ///
    /// @param known the revision of that one, 0 where there is none
    /// @return false where it is another one by now; nothing is stored then
    boolean replace(long server, long known, Stored history);

    /// Adds what a statement changed, unless another instance has it already.
    ///
    /// @param known the revision that the caller has; the next number is that of the stored history
    ///   then
    /// @param through how far it goes with the statement
    /// @return false where the stored history has another revision; nothing is stored then
    boolean append(
            long server,
            long known,
            SchemaPlace through,
            Map<String, Integer> collations,
            List<Version> versions);

    /// Notes that no statement changed anything up to a place.
    ///
    /// @return false where the stored history has another revision; nothing is stored then
    boolean advance(long server, long known, SchemaPlace through);

    /// Drops versions that nobody can ask for any more.
    void prune(long server, List<Version> superseded);
}
