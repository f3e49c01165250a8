package io.fustor.source.mysql.checkpoint;

import io.fustor.source.mysql.state.StateWrite;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Consumers' checkpoints in the state database.
@Repository
class CheckpointStore {

    private static final RowMapper<Checkpoint> MAPPER =
            (row, _) ->
                    new Checkpoint(
                            row.getString("source_id"),
                            row.getString("consumer"),
                            row.getString("owner"),
                            row.getString("token"),
                            Instant.ofEpochMilli(row.getLong("updated")));

    private final JdbcClient jdbc;

    CheckpointStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Optional<Checkpoint> find(String source, String consumer, String owner) {
        return jdbc.sql(
                        "SELECT * FROM checkpoint WHERE source_id = ? AND consumer = ? AND owner = ?")
                .params(source, consumer, owner)
                .query(MAPPER)
                .optional();
    }

    /// The first checkpoints of an owner after a consumer name, ordered by name.
    List<Checkpoint> page(String source, String owner, String after, int limit) {
        return jdbc.sql(
                        """
                        SELECT * FROM checkpoint WHERE source_id = ? AND owner = ? AND consumer > ?
                        ORDER BY consumer LIMIT ?
                        """)
                .params(source, owner, after, limit)
                .query(MAPPER)
                .list();
    }

    /// The first of all owners' that come after one, by the consumers' names and then the owners'.
    List<Checkpoint> pageOfAll(String source, String after, String afterOwner, int limit) {
        return jdbc.sql(
                        """
                        SELECT * FROM checkpoint
                        WHERE source_id = ? AND (consumer > ? OR (consumer = ? AND owner > ?))
                        ORDER BY consumer, owner LIMIT ?
                        """)
                .params(source, after, after, afterOwner, limit)
                .query(MAPPER)
                .list();
    }

    int count(String source) {
        return jdbc.sql("SELECT COUNT(*) FROM checkpoint WHERE source_id = ?")
                .param(source)
                .query(Integer.class)
                .single();
    }

    int count(String source, String owner) {
        return jdbc.sql("SELECT COUNT(*) FROM checkpoint WHERE source_id = ? AND owner = ?")
                .params(source, owner)
                .query(Integer.class)
                .single();
    }

    /// Replaces a checkpoint that still has a known token; false if another caller moved it
    /// meanwhile.
    boolean replace(StateWrite write, Checkpoint checkpoint, String knownToken) {
        return write.update(
                        """
                        UPDATE checkpoint SET token = ?, updated = ?
                        WHERE source_id = ? AND consumer = ? AND owner = ? AND token = ?
                        """,
                        checkpoint.token(),
                        checkpoint.updated().toEpochMilli(),
                        checkpoint.source(),
                        checkpoint.consumer(),
                        checkpoint.owner(),
                        knownToken)
                > 0;
    }

    /// @throws org.springframework.dao.DuplicateKeyException if the consumer already has a
    ///   checkpoint
    void insert(StateWrite write, Checkpoint checkpoint) {
        write.update(
                "INSERT INTO checkpoint (source_id, consumer, owner, token, updated) VALUES (?, ?, ?, ?, ?)",
                checkpoint.source(),
                checkpoint.consumer(),
                checkpoint.owner(),
                checkpoint.token(),
                checkpoint.updated().toEpochMilli());
    }

    boolean delete(StateWrite write, String source, String consumer, String owner) {
        return write.update(
                        "DELETE FROM checkpoint WHERE source_id = ? AND consumer = ? AND owner = ?",
                        source,
                        consumer,
                        owner)
                > 0;
    }

    void deleteOwner(StateWrite write, String owner) {
        write.update("DELETE FROM checkpoint WHERE owner = ?", owner);
    }

    void deleteAll(StateWrite write, String source) {
        write.update("DELETE FROM checkpoint WHERE source_id = ?", source);
    }
}
