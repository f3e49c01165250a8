package io.fustor.source.mysql.access;

import io.fustor.source.mysql.grant.Grant;
import io.fustor.source.mysql.state.StateWrite;
import java.time.Instant;
import java.util.List;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Readers in the state database, and the number of their changes, by which other instances notice
/// one.
@Repository
class ReaderStore {

    private static final RowMapper<Reader> MAPPER =
            (row, _) ->
                    new Reader(
                            row.getString("name"),
                            row.getString("secret_hash"),
                            GrantDocument.parse(row.getString("document")).check(),
                            Instant.ofEpochMilli(row.getLong("created")),
                            false);

    private final JdbcClient jdbc;

    ReaderStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    List<Reader> all() {
        return jdbc.sql("SELECT * FROM feed_reader ORDER BY name").query(MAPPER).list();
    }

    /// How many changes there were so far.
    long changes() {
        return jdbc.sql("SELECT number FROM feed_reader_change WHERE id = 1")
                .query(Long.class)
                .single();
    }

    /// @throws org.springframework.dao.DuplicateKeyException where the name or the secret is taken
    void insert(StateWrite write, Reader reader) {
        count(write);
        write.update(
                "INSERT INTO feed_reader (name, secret_hash, document, created) VALUES (?, ?, ?, ?)",
                reader.name(),
                reader.hash(),
                GrantDocument.of(reader.grant()).json(),
                reader.created().toEpochMilli());
    }

    boolean update(StateWrite write, String name, Grant grant) {
        count(write);
        return write.update(
                        "UPDATE feed_reader SET document = ? WHERE name = ?",
                        GrantDocument.of(grant).json(),
                        name)
                > 0;
    }

    boolean delete(StateWrite write, String name) {
        count(write);
        return write.update("DELETE FROM feed_reader WHERE name = ?", name) > 0;
    }

    private static void count(StateWrite write) {
        write.update("UPDATE feed_reader_change SET number = number + 1 WHERE id = 1");
    }
}
