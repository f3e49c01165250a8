package io.fustor.source.mysql.history;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.history.CollationNames.Named;
import io.fustor.source.mysql.history.Schemas.Entry;
import io.fustor.source.mysql.history.Schemas.ServerNames;
import io.fustor.source.mysql.schema.TableId;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionOperations;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// Histories in the state database: one row a server, and one row a table and place.
@Repository
class JdbcSchemaHistoryStore implements SchemaHistoryStore {

    private static final int LONGEST_REASON = 2000;

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, Integer>> NUMBERS = new TypeReference<>() {};

    /// What of a server is stored as one JSON document.
    private record StoredServer(
            int version, boolean mariaDb, boolean lowerCase, List<Named> collations) {}

    private final JdbcClient database;
    private final TransactionOperations transactions;

    JdbcSchemaHistoryStore(JdbcClient database, TransactionOperations transactions) {
        this.database = database;
        this.transactions = transactions;
    }

    /// Translates what the database says once and for all.
    private <T extends @Nullable Object> T inTransaction(TransactionCallback<T> work) {
        try {
            return transactions.execute(work);
        } catch (DataAccessException | TransactionException e) {
            throw new SourceException(
                    FailureCode.STATE_UNAVAILABLE,
                    "the state database does not do its part: " + e.getMessage(),
                    e);
        }
    }

    @Override
    public Optional<Stored> load(long server) {
        return Optional.ofNullable(
                inTransaction(
                        _ ->
                                database.sql("SELECT * FROM schema_history WHERE server = ?")
                                        .param(server)
                                        .query((row, _) -> stored(row, versions(server)))
                                        .optional()
                                        .orElse(null)));
    }

    private static Stored stored(ResultSet row, List<Version> versions) throws SQLException {
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
                        row.getInt("through_created")),
                JSON.readValue(row.getString("collations"), NUMBERS),
                versions);
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

    private static Version version(ResultSet row) throws SQLException {
        String definition = row.getString("definition");
        String lost = row.getString("lost");
        Entry entry = lost == null ? null : new Entry.Lost(lost);
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
            return inTransaction(
                    _ -> {
                        delete(server, known);
                        insert(server, JSON.writeValueAsString(document), history);
                        history.versions().forEach(version -> insert(server, version));
                        return true;
                    });
        } catch (SourceException e) {
            if (e.getCause() instanceof DuplicateKeyException) {
                return false;
            }
            throw e;
        }
    }

    private void insert(long server, String names, Stored history) {
        database.sql(
                        """
                        INSERT INTO schema_history (server, revision, names, collations,
                            from_file, from_offset, through_file, through_offset,
                            through_created)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """)
                .params(
                        server,
                        history.revision(),
                        names,
                        JSON.writeValueAsString(history.collations()),
                        history.from().fileNumber(),
                        history.from().offset(),
                        history.through().fileNumber(),
                        history.through().offset(),
                        history.through().fileCreated())
                .update();
    }

    private void delete(long server, Version version) {
        database.sql(
                        """
                        DELETE FROM schema_version
                        WHERE server = ? AND file_number = ? AND file_offset = ?
                            AND schema_name = ? AND table_name = ?
                        """)
                .params(
                        server,
                        version.place().fileNumber(),
                        version.place().offset(),
                        bytes(version.table().schema()),
                        bytes(version.table().table()))
                .update();
    }

    private void insert(long server, Version version) {
        String definition = null;
        String lost = null;
        switch (version.entry()) {
            case null -> {
                // The table is gone from here on.
            }
            case Entry.Known(TableDefinition table) -> definition = JSON.writeValueAsString(table);
            case Entry.Lost(String why) ->
                    lost = why.substring(0, Math.min(why.length(), LONGEST_REASON));
        }
        database.sql(
                        """
                        INSERT INTO schema_version (server, file_number, file_offset, schema_name,
                            table_name, definition, lost)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        """)
                .param(server)
                .param(version.place().fileNumber())
                .param(version.place().offset())
                .param(bytes(version.table().schema()))
                .param(bytes(version.table().table()))
                .param(definition)
                .param(lost)
                .update();
    }

    @Override
    public boolean append(
            long server,
            long known,
            SchemaPlace through,
            Map<String, Integer> collations,
            List<Version> versions) {
        return inTransaction(
                _ -> {
                    int updated =
                            database.sql(
                                            """
                                            UPDATE schema_history SET collations = ?, revision = ?
                                            WHERE server = ? AND revision = ?
                                            """)
                                    .params(
                                            JSON.writeValueAsString(collations),
                                            known + 1,
                                            server,
                                            known)
                                    .update();
                    if (updated == 0) {
                        return false;
                    }
                    move(server, known + 1, through);
                    for (Version version : versions) {
                        delete(server, version);
                        insert(server, version);
                    }
                    return true;
                });
    }

    @Override
    public boolean advance(long server, long known, SchemaPlace through) {
        return inTransaction(_ -> move(server, known, through));
    }

    private boolean move(long server, long revision, SchemaPlace through) {
        return database.sql(
                                """
                                UPDATE schema_history
                                SET through_file = ?, through_offset = ?, through_created = ?
                                WHERE server = ? AND revision = ?
                                """)
                        .params(
                                through.fileNumber(),
                                through.offset(),
                                through.fileCreated(),
                                server,
                                revision)
                        .update()
                > 0;
    }

    @Override
    public void prune(long server, List<Version> superseded) {
        inTransaction(
                _ -> {
                    superseded.forEach(version -> delete(server, version));
                    return true;
                });
    }

    private void delete(long server, long known) {
        int deleted =
                database.sql("DELETE FROM schema_history WHERE server = ? AND revision = ?")
                        .params(server, known)
                        .update();
        if (deleted > 0) {
            database.sql("DELETE FROM schema_version WHERE server = ?").param(server).update();
        }
    }
}
