package io.fustor.source.mysql.source;

import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.encode.Masks;
import io.fustor.source.mysql.instance.Changes;
import io.fustor.source.mysql.state.StateWrite;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// Sources and their cached fields in the state database. A password is stored encrypted.
@Component
class SourceStore {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, Object>> PARAMS = new TypeReference<>() {};
    private static final TypeReference<Map<String, String>> MASKS = new TypeReference<>() {};
    private static final String SELECT =
            """
            select id, driver, uri, user_name, password, max_queue_size, max_retries,
                   retry_delay_sec, disabled, masks, driver_params
            from sources
            """;

    private final JdbcClient database;
    private final PasswordCipher cipher;

    SourceStore(JdbcClient database, PasswordCipher cipher) {
        this.database = database;
        this.cipher = cipher;
    }

    List<Source> all() {
        return database.sql(SELECT + "order by id").query((row, _) -> source(row)).list();
    }

    Optional<Source> find(String id) {
        return database.sql(SELECT + "where id = ?")
                .param(id)
                .query((row, _) -> source(row))
                .optional();
    }

    /// @throws DuplicateKeyException if the id is taken
    void insert(StateWrite write, Source source) {
        SourceConfig config = source.config();
        setStopped(write, source.id(), false);
        write.update(
                """
                        insert into sources (id, driver, uri, user_name, password, max_queue_size,
                                             max_retries, retry_delay_sec, disabled, masks,
                                             driver_params)
                        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """,
                source.id(),
                config.driver(),
                config.address().toString(),
                config.credential().user(),
                cipher.encrypt(config.credential().password()),
                config.maxQueueSize(),
                config.maxRetries(),
                config.retryDelaySec(),
                config.disabled(),
                JSON.writeValueAsString(config.masks()),
                JSON.writeValueAsString(config.driverParams()));
    }

    void update(StateWrite write, Source source) {
        SourceConfig config = source.config();
        Changes.count(write, Changes.SOURCES);
        write.update(
                """
                        update sources
                        set driver = ?, uri = ?, user_name = ?, password = ?, max_queue_size = ?,
                            max_retries = ?, retry_delay_sec = ?, disabled = ?, masks = ?, driver_params = ?
                        where id = ?
                        """,
                config.driver(),
                config.address().toString(),
                config.credential().user(),
                cipher.encrypt(config.credential().password()),
                config.maxQueueSize(),
                config.maxRetries(),
                config.retryDelaySec(),
                config.disabled(),
                JSON.writeValueAsString(config.masks()),
                JSON.writeValueAsString(config.driverParams()),
                source.id());
    }

    void setDisabled(StateWrite write, String id, boolean disabled) {
        Changes.count(write, Changes.SOURCES);
        write.update("update sources set disabled = ? where id = ?", disabled, id);
    }

    /// The sources that an operator stopped, also declared ones.
    Set<String> stopped() {
        return Set.copyOf(
                database.sql("select source_id from stopped_source").query(String.class).list());
    }

    void setStopped(StateWrite write, String id, boolean isStopped) {
        // Counted first: only one instance at a time gets past it.
        Changes.count(write, Changes.SOURCES);
        write.update("delete from stopped_source where source_id = ?", id);
        if (isStopped) {
            write.update("insert into stopped_source (source_id) values (?)", id);
        }
    }

    void delete(StateWrite write, String id) {
        setStopped(write, id, false);
        write.update("delete from source_fields where source_id = ?", id);
        write.update("delete from sources where id = ?", id);
    }

    /// The cached fields of a source, as JSON compressed with gzip.
    Optional<byte[]> fields(String id) {
        return database.sql("select fields from source_fields where source_id = ?")
                .param(id)
                .query(byte[].class)
                .optional();
    }

    void putFields(StateWrite write, String id, byte[] compressed) {
        int updated =
                write.update(
                        "update source_fields set fields = ? where source_id = ?", compressed, id);
        if (updated == 0) {
            write.update(
                    "insert into source_fields (source_id, fields) values (?, ?)", id, compressed);
        }
    }

    /// The masks of a source.
    Masks masks(SourceConfig config) {
        return Masks.parse(config.masks(), cipher.maskKey());
    }

    /// Null where the source was stored by a version without masks.
    private static Map<String, String> masks(@Nullable String json) {
        return json == null ? Map.of() : JSON.readValue(json, MASKS);
    }

    private Source source(ResultSet row) throws SQLException {
        SourceConfig config =
                new SourceConfig(
                        row.getString("driver"),
                        ServerAddress.parse(row.getString("uri")),
                        new Credential(
                                row.getString("user_name"),
                                cipher.decrypt(row.getString("password"))),
                        row.getInt("max_queue_size"),
                        row.getInt("max_retries"),
                        row.getInt("retry_delay_sec"),
                        row.getBoolean("disabled"),
                        masks(row.getString("masks")),
                        JSON.readValue(row.getString("driver_params"), PARAMS));
        return new Source(row.getString("id"), config, false);
    }
}
