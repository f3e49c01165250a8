package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Evidence;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schemahistory.Catalog.Entry;
import io.fustor.source.mysql.schemahistory.Catalog.ServerNames;
import io.fustor.source.mysql.schemahistory.CollationNames.Named;
import io.fustor.source.mysql.state.StateDatabase;
import io.fustor.source.mysql.state.StateWrite;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// Histories in the state database: one row per server, and one row per table and place.
@Repository
class JdbcSchemaHistoryStore implements SchemaHistoryStore {

    /// Takes the place of the reason why a table is lost.
    private static final String VIEW = "view";

    private static final int LONGEST_REASON = 2000;

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, Integer>> NUMBERS = new TypeReference<>() {};

    /// The part of a server's data that is stored as one JSON document.
    private record StoredServer(
            int version, boolean mariaDb, boolean lowerCase, List<Named> collations) {}

    private final JdbcClient database;
    private final StateDatabase state;

    JdbcSchemaHistoryStore(JdbcClient database, StateDatabase state) {
        this.database = database;
        this.state = state;
    }

    /// A value that does not fit is a fault of this code; retrying does not help.
    private <T> T write(Function<StateWrite, T> statements) {
        try {
            return state.writeAnd(statements);
        } catch (DuplicateKeyException e) {
            throw e;
        } catch (DataIntegrityViolationException e) {
            throw new SourceException(
                    FailureCode.INTERNAL,
                    "the state database cannot store the table definitions of the server",
                    e);
        }
    }

    @Override
    public Optional<Stored> load(long server) {
        return Optional.ofNullable(
                state.read(
                        () ->
                                database.sql("SELECT * FROM schema_history WHERE server = ?")
                                        .param(server)
                                        .query(
                                                (row, _) ->
                                                        stored(
                                                                row,
                                                                versions(server),
                                                                filesOf(server)))
                                        .optional()
                                        .orElse(null)));
    }

    private static Stored stored(ResultSet row, List<Version> versions, Map<Long, Integer> files)
            throws SQLException {
        StoredServer server = JSON.readValue(row.getString("names"), StoredServer.class);
        return new Stored(
                row.getLong("revision"),
                new ServerNames(
                        server.version(),
                        server.mariaDb(),
                        server.lowerCase(),
                        new CollationNames(server.collations())),
                new SchemaPlace(row.getLong("from_file"), row.getLong("from_offset")),
                new SchemaPlace(
                        row.getLong("through_file"),
                        row.getLong("through_offset"),
                        new Evidence(
                                row.getInt("through_created"),
                                row.getInt("through_length"),
                                row.getInt("through_checksum"),
                                false)),
                JSON.readValue(row.getString("collations"), NUMBERS),
                versions,
                files);
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] name) {
        return new String(name, StandardCharsets.UTF_8);
    }

    private List<Version> versions(long server) {
        return database.sql(
                        """
                        SELECT * FROM schema_version WHERE server = ?
                        ORDER BY file_number, file_offset
                        """)
                .param(server)
                .query((row, _) -> version(row))
                .list();
    }

    private static Entry withoutDefinition(String lost) {
        return lost.equals(VIEW) ? new Entry.View() : new Entry.Lost(lost);
    }

    private static Version version(ResultSet row) throws SQLException {
        String definition = row.getString("definition");
        String lost = row.getString("lost");
        Entry entry = lost == null ? null : withoutDefinition(lost);
        return new Version(
                new SchemaPlace(row.getLong("file_number"), row.getLong("file_offset")),
                new TableId(text(row.getBytes("schema_name")), text(row.getBytes("table_name"))),
                definition == null
                        ? entry
                        : new Entry.Known(JSON.readValue(definition, TableDefinition.class)));
    }

    @Override
    public boolean replace(long server, long known, Stored history) {
        ServerNames names = history.server();
        StoredServer document =
                new StoredServer(
                        names.version(),
                        names.isMariaDb(),
                        names.lowerCase(),
                        names.collations().all());
        try {
            return write(
                    write -> {
                        delete(write, server, known);
                        insert(write, server, JSON.writeValueAsString(document), history);
                        history.versions().forEach(version -> insert(write, server, version));
                        history.files()
                                .forEach((file, created) -> insert(write, server, file, created));
                        return true;
                    });
        } catch (DuplicateKeyException _) {
            return false;
        }
    }

    private void insert(StateWrite write, long server, String names, Stored history) {
        write.update(
                """
                        INSERT INTO schema_history (server, revision, names, collations,
                            from_file, from_offset, through_file, through_offset,
                            through_created, through_length, through_checksum)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """,
                server,
                history.revision(),
                names,
                JSON.writeValueAsString(history.collations()),
                history.from().fileNumber(),
                history.from().offset(),
                history.through().fileNumber(),
                history.through().offset(),
                history.through().evidence().fileCreated(),
                history.through().evidence().length(),
                history.through().evidence().checksum());
    }

    private void delete(StateWrite write, long server, Version version) {
        write.update(
                """
                        DELETE FROM schema_version
                        WHERE server = ? AND file_number = ? AND file_offset = ?
                            AND schema_name = ? AND table_name = ?
                        """,
                server,
                version.place().fileNumber(),
                version.place().offset(),
                bytes(version.table().schema()),
                bytes(version.table().table()));
    }

    private void insert(StateWrite write, long server, Version version) {
        String definition = null;
        String lost = null;
        switch (version.entry()) {
            case null -> {
                // The table does not exist from here on.
            }
            case Entry.Known(TableDefinition table) -> definition = JSON.writeValueAsString(table);
            case Entry.Lost(String why) ->
                    lost = why.substring(0, Math.min(why.length(), LONGEST_REASON));
            case Entry.View _ -> lost = VIEW;
        }
        write.update(
                """
                        INSERT INTO schema_version (server, file_number, file_offset, schema_name,
                            table_name, definition, lost)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        """,
                server,
                version.place().fileNumber(),
                version.place().offset(),
                bytes(version.table().schema()),
                bytes(version.table().table()),
                definition,
                lost);
    }

    @Override
    public boolean append(
            long server,
            long known,
            SchemaPlace through,
            Map<String, Integer> collations,
            List<Version> versions) {
        return write(
                write -> {
                    int updated =
                            write.update(
                                    """
                                            UPDATE schema_history SET collations = ?, revision = ?
                                            WHERE server = ? AND revision = ?
                                            """,
                                    JSON.writeValueAsString(collations),
                                    known + 1,
                                    server,
                                    known);
                    if (updated == 0) {
                        return false;
                    }
                    move(write, server, known + 1, through);
                    for (Version version : versions) {
                        delete(write, server, version);
                        insert(write, server, version);
                    }
                    return true;
                });
    }

    @Override
    public boolean advance(long server, long known, SchemaPlace through) {
        return write(write -> move(write, server, known, through));
    }

    private boolean move(StateWrite write, long server, long revision, SchemaPlace through) {
        return write.update(
                        """
                                UPDATE schema_history
                                SET through_file = ?, through_offset = ?, through_created = ?,
                                    through_length = ?, through_checksum = ?
                                WHERE server = ? AND revision = ?
                                """,
                        through.fileNumber(),
                        through.offset(),
                        through.evidence().fileCreated(),
                        through.evidence().length(),
                        through.evidence().checksum(),
                        server,
                        revision)
                > 0;
    }

    @Override
    public Map<Long, Integer> files(long server) {
        return state.read(() -> filesOf(server));
    }

    private Map<Long, Integer> filesOf(long server) {
        Map<Long, Integer> files = new HashMap<>();
        database.sql("SELECT file_number, created FROM schema_file WHERE server = ?")
                .param(server)
                .query(
                        row -> {
                            files.put(row.getLong("file_number"), row.getInt("created"));
                        });
        return files;
    }

    @Override
    public void know(long server, long file, int created) {
        try {
            write(
                    write -> {
                        insert(write, server, file, created);
                        return true;
                    });
        } catch (DuplicateKeyException _) {
            // Another instance recorded it.
        }
    }

    private static void insert(StateWrite write, long server, long file, int created) {
        write.update(
                "INSERT INTO schema_file (server, file_number, created) VALUES (?, ?, ?)",
                server,
                file,
                created);
    }

    @Override
    public void forget(long server, long oldest) {
        write(
                write ->
                        write.update(
                                "DELETE FROM schema_file WHERE server = ? AND file_number < ?",
                                server,
                                oldest));
    }

    @Override
    public void prune(long server, List<Version> superseded) {
        write(
                write -> {
                    superseded.forEach(version -> delete(write, server, version));
                    return true;
                });
    }

    private void delete(StateWrite write, long server, long known) {
        int deleted =
                write.update(
                        "DELETE FROM schema_history WHERE server = ? AND revision = ?",
                        server,
                        known);
        if (deleted > 0) {
            write.update("DELETE FROM schema_version WHERE server = ?", server);
            write.update("DELETE FROM schema_file WHERE server = ?", server);
        }
    }
}
