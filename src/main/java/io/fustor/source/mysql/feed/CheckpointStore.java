package io.fustor.source.mysql.feed;

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
                            row.getString("token"),
                            Instant.ofEpochMilli(row.getLong("updated")));

    private final JdbcClient jdbc;

    CheckpointStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Optional<Checkpoint> find(String source, String consumer) {
        return jdbc.sql("SELECT * FROM checkpoint WHERE source_id = ? AND consumer = ?")
                .params(source, consumer)
                .query(MAPPER)
                .optional();
    }

    List<Checkpoint> findAll(String source) {
        return jdbc.sql("SELECT * FROM checkpoint WHERE source_id = ? ORDER BY consumer")
                .param(source)
                .query(MAPPER)
                .list();
    }

    boolean exists(String source) {
        return jdbc.sql("SELECT COUNT(*) FROM checkpoint WHERE source_id = ?")
                        .param(source)
                        .query(Integer.class)
                        .single()
                > 0;
    }

    /// Replaces a checkpoint that still has a known token; false where somebody else moved it
    /// meanwhile.
    boolean replace(Checkpoint checkpoint, String knownToken) {
        return jdbc.sql(
                                "UPDATE checkpoint SET token = ?, updated = ? WHERE source_id = ? AND consumer = ? AND token = ?")
                        .params(
                                checkpoint.token(),
                                checkpoint.updated().toEpochMilli(),
                                checkpoint.source(),
                                checkpoint.consumer(),
                                knownToken)
                        .update()
                > 0;
    }

    /// @throws org.springframework.dao.DuplicateKeyException where the consumer has a checkpoint by
    ///   now
    void insert(Checkpoint checkpoint) {
        jdbc.sql("INSERT INTO checkpoint (source_id, consumer, token, updated) VALUES (?, ?, ?, ?)")
                .params(
                        checkpoint.source(),
                        checkpoint.consumer(),
                        checkpoint.token(),
                        checkpoint.updated().toEpochMilli())
                .update();
    }

    boolean delete(String source, String consumer) {
        return jdbc.sql("DELETE FROM checkpoint WHERE source_id = ? AND consumer = ?")
                        .params(source, consumer)
                        .update()
                > 0;
    }

    void deleteAll(String source) {
        jdbc.sql("DELETE FROM checkpoint WHERE source_id = ?").param(source).update();
    }
}
