package io.fustor.source.mysql.source;

import io.fustor.source.mysql.server.Credential;
import io.fustor.source.mysql.server.ServerAddress;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private static final String SELECT =
            """
            select id, driver, uri, user_name, password, max_queue_size, max_retries,
                   retry_delay_sec, disabled, driver_params
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

    /// @throws DuplicateKeyException where the id is taken
    void insert(Source source) {
        SourceConfig config = source.config();
        database.sql(
                        """
                        insert into sources (id, driver, uri, user_name, password, max_queue_size,
                                             max_retries, retry_delay_sec, disabled, driver_params)
                        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """)
                .params(
                        source.id(),
                        config.driver(),
                        config.address().toString(),
                        config.credential().user(),
                        cipher.encrypt(config.credential().password()),
                        config.maxQueueSize(),
                        config.maxRetries(),
                        config.retryDelaySec(),
                        config.disabled(),
                        JSON.writeValueAsString(config.driverParams()))
                .update();
    }

    void update(Source source) {
        SourceConfig config = source.config();
        database.sql(
                        """
                        update sources
                        set driver = ?, uri = ?, user_name = ?, password = ?, max_queue_size = ?,
                            max_retries = ?, retry_delay_sec = ?, disabled = ?, driver_params = ?
                        where id = ?
                        """)
                .params(
                        config.driver(),
                        config.address().toString(),
                        config.credential().user(),
                        cipher.encrypt(config.credential().password()),
                        config.maxQueueSize(),
                        config.maxRetries(),
                        config.retryDelaySec(),
                        config.disabled(),
                        JSON.writeValueAsString(config.driverParams()),
                        source.id())
                .update();
    }

    void setDisabled(String id, boolean disabled) {
        database.sql("update sources set disabled = ? where id = ?").params(disabled, id).update();
    }

    void delete(String id) {
        database.sql("delete from source_fields where source_id = ?").param(id).update();
        database.sql("delete from sources where id = ?").param(id).update();
    }

    /// The cached fields of a source, as JSON that was compressed by gzip.
    Optional<byte[]> fields(String id) {
        return database.sql("select fields from source_fields where source_id = ?")
                .param(id)
                .query(byte[].class)
                .optional();
    }

    void putFields(String id, byte[] compressed) {
        int updated =
                database.sql("update source_fields set fields = ? where source_id = ?")
                        .params(compressed, id)
                        .update();
        if (updated == 0) {
            database.sql("insert into source_fields (source_id, fields) values (?, ?)")
                    .params(id, compressed)
                    .update();
        }
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
                        JSON.readValue(row.getString("driver_params"), PARAMS));
        return new Source(row.getString("id"), config, false);
    }
}
