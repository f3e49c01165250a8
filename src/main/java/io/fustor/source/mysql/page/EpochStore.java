package io.fustor.source.mysql.page;

import io.fustor.source.mysql.state.StateDatabase;
import java.util.List;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// The epochs of sources in the state database, which all instances share.
@Repository
class EpochStore {

    private static final RowMapper<Epoch> MAPPER =
            (row, _) ->
                    new Epoch(
                            row.getInt("epoch"),
                            row.getLong("server"),
                            row.getLong("file_number"),
                            row.getLong("file_offset"));

    private final JdbcClient jdbc;
    private final StateDatabase state;

    EpochStore(JdbcClient jdbc, StateDatabase state) {
        this.jdbc = jdbc;
        this.state = state;
    }

    /// The epochs of a source, the first one first.
    List<Epoch> of(String source) {
        return state.read(
                () ->
                        jdbc.sql("SELECT * FROM stream_epoch WHERE source_id = ? ORDER BY epoch")
                                .param(source)
                                .query(MAPPER)
                                .list());
    }

    /// Adds an epoch; does nothing if another instance has added one of the same number.
    void add(String source, Epoch epoch) {
        try {
            state.write(
                    write ->
                            write.update(
                                    """
                                    INSERT INTO stream_epoch
                                    (source_id, epoch, server, file_number, file_offset)
                                    VALUES (?, ?, ?, ?, ?)
                                    """,
                                    source,
                                    epoch.number(),
                                    epoch.server(),
                                    epoch.file(),
                                    epoch.offset()));
        } catch (DuplicateKeyException _) {
            // The caller reads again.
        }
    }
}
