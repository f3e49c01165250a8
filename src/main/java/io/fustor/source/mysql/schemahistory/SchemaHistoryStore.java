package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schemahistory.Catalog.Entry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Stores the histories of servers. Several instances of the service may share it.
interface SchemaHistoryStore {

    /// The structure of a table from a place on.
    ///
    /// @param entry null from the place where the table was dropped
    record Version(SchemaPlace place, TableId table, @Nullable Entry entry) {}

    /// A stored history.
    ///
    /// @param revision changes with each statement that changed something
    /// @param from the place of the baseline
    /// @param through all statements of transactions that start before it are included
    /// @param collations the databases' defaults at `through`
    /// @param versions in the order of their places
    /// @param files when the server began each file whose statements are known
    record Stored(
            long revision,
            Catalog.ServerNames server,
            SchemaPlace from,
            SchemaPlace through,
            Map<String, Integer> collations,
            List<Version> versions,
            Map<Long, Integer> files) {}

    /// The stored history of a server, by the number of the history.
    Optional<Stored> load(long server);

    /// Replaces the stored history.
    ///
    /// @param known the revision of the stored history, 0 if there is none
    /// @return false if the stored history has another revision by now; nothing is stored then
    boolean replace(long server, long known, Stored history);

    /// Adds the changes of a statement, unless another instance has added them already.
    ///
    /// @param known the caller's revision; the stored history then has the next number
    /// @param through the end of the history with the statement
    /// @return false if the stored history has another revision; nothing is stored then
    boolean append(
            long server,
            long known,
            SchemaPlace through,
            Map<String, Integer> collations,
            List<Version> versions);

    /// Records that no statement changed anything up to a place.
    ///
    /// @return false if the stored history has another revision; nothing is stored then
    boolean advance(long server, long known, SchemaPlace through);

    /// When the server began each file whose statements are in a history.
    Map<Long, Integer> files(long server);

    /// Records when the server began a file, unless that is known.
    void know(long server, long file, int created);

    /// Deletes the data of files with lower numbers.
    void forget(long server, long oldest);

    /// Deletes versions that no reader can request any more.
    void prune(long server, List<Version> superseded);
}
