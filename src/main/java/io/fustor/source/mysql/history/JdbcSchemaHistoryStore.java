package io.fustor.source.mysql.history;

import io.fustor.source.mysql.history.CollationNames.Named;
import io.fustor.source.mysql.history.Schemas.Entry;
import io.fustor.source.mysql.history.Schemas.ServerNames;
import io.fustor.source.mysql.schema.TableId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.support.TransactionOperations;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// Histories in the state database: one row a server, and one row a table and place.
@Repository
class JdbcSchemaHistoryStore implements SchemaHistoryStore {

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

    @Override
    public Optional<Stored> load(long server) {
        return Optional.ofNullable(
                transactions.execute(
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
                new ServerNames(
                        server.version(),
                        server.mariaDb(),
                        server.lowerCase(),
                        new CollationNames(server.collations())),
                new SchemaPlace(row.getLong("from_file"), row.getLong("from_offset")),
                new SchemaPlace(row.getLong("through_file"), row.getLong("through_offset")),
                JSON.readValue(row.getString("collations"), NUMBERS),
                versions);
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
                new TableId(row.getString("schema_name"), row.getString("table_name")),
                definition == null
                        ? entry
                        : new Entry.Known(JSON.readValue(definition, TableDefinition.class)));
    }

    @Override
    public void replace(long server, Stored history) {
        ServerNames names = history.server();
        StoredServer document =
                new StoredServer(
                        names.version(),
                        names.isMariaDb(),
                        names.lowerCase(),
                        names.collations().all());
        transactions.executeWithoutResult(
                _ -> {
                    forget(server);
                    database.sql(
                                    """
                                    INSERT INTO schema_history (server, names, collations,
                                        from_file, from_offset, through_file, through_offset)
                                    VALUES (?, ?, ?, ?, ?, ?, ?)
                                    """)
                            .params(
                                    server,
                                    JSON.writeValueAsString(document),
                                    JSON.writeValueAsString(history.collations()),
                                    history.from().fileNumber(),
                                    history.from().offset(),
                                    history.through().fileNumber(),
                                    history.through().offset())
                            .update();
                    history.versions().forEach(version -> insert(server, version));
                });
    }

    /// A statement may stand right where the baseline was taken, and then it counts alone.
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
                        version.table().schema(),
                        version.table().table())
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
            case Entry.Lost(String why) -> lost = why;
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
                .param(version.table().schema())
                .param(version.table().table())
                .param(definition)
                .param(lost)
                .update();
    }

    @Override
    public boolean append(
            long server,
            SchemaPlace known,
            SchemaPlace through,
            Map<String, Integer> collations,
            List<Version> versions) {
        Boolean isAppended =
                transactions.execute(
                        _ -> {
                            if (!advance(server, known, through)) {
                                return false;
                            }
                            database.sql(
                                            "UPDATE schema_history SET collations = ? WHERE server = ?")
                                    .params(JSON.writeValueAsString(collations), server)
                                    .update();
                            for (Version version : versions) {
                                delete(server, version);
                                insert(server, version);
                            }
                            return true;
                        });
        return Boolean.TRUE.equals(isAppended);
    }

    @Override
    public boolean advance(long server, SchemaPlace known, SchemaPlace through) {
        return database.sql(
                                """
                                UPDATE schema_history SET through_file = ?, through_offset = ?
                                WHERE server = ? AND through_file = ? AND through_offset = ?
                                """)
                        .params(
                                through.fileNumber(),
                                through.offset(),
                                server,
                                known.fileNumber(),
                                known.offset())
                        .update()
                > 0;
    }

    @Override
    public void forget(long server) {
        database.sql("DELETE FROM schema_version WHERE server = ?").param(server).update();
        database.sql("DELETE FROM schema_history WHERE server = ?").param(server).update();
    }
}
