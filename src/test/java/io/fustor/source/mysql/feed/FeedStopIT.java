package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// What cannot be turned into right rows is never passed over.
@RunningService
class FeedStopIT {

    @LocalServerPort private int port;

    private final TestMySql mysql = TestMySql.start();
    private ServiceApi api;

    @BeforeAll
    void connect() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
    }

    @AfterAll
    void stop() {
        mysql.close();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    STATEMENT_FORMAT | SET SESSION binlog_format = STATEMENT                     | INSERT INTO %s.t VALUES (2, '[1]')
                    PARTIAL_JSON     | SET SESSION binlog_row_value_options = PARTIAL_JSON       | UPDATE %s.t SET v = JSON_SET(v, '$[0]', 7)
                    """)
    void stopsAtWhatItCannotRead(String code, String setting, String statement) {
        String schema = "stop_" + code.toLowerCase(Locale.ROOT);
        String source = schema.replace('_', '-');
        api.addSource(source, mysql);
        mysql.execute(
                "CREATE DATABASE " + schema,
                "CREATE TABLE " + schema + ".t (id INT PRIMARY KEY, v JSON)");
        FeedRequest feed = api.feed(source).with("tables", schema + ".t");
        try (FeedClient client = feed.open()) {
            client.hello();
            mysql.execute("INSERT INTO " + schema + ".t VALUES (1, '[1, 2, 3]')");
            String last = client.change().token();
            mysql.execute(
                    setting,
                    statement.formatted(schema),
                    "SET SESSION binlog_format = ROW",
                    "INSERT INTO " + schema + ".t VALUES (3, '[1]')");
            JsonNode error = client.control("error");
            String stoppedAt = client.token();

            assertThat(error.path("code").asString()).isEqualTo(code);
            assertThat(error.path("detail").asString()).containsAnyOf("binlog.0", schema + ".t");
            assertThat(client.control("end")).isNotNull();
            assertThat(client.frameOrEnd()).isEmpty();
            for (String token : List.of(last, stoppedAt)) {
                try (FeedClient resumed = feed.after(token).open()) {
                    assertThat(resumed.control("error").path("code").asString()).isEqualTo(code);
                }
            }
        }
        String time = Sql.value(mysql, "SELECT DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%T.%fZ')");
        try (FeedClient client = feed.with("from", "now").open()) {
            client.hello();
            mysql.execute("INSERT INTO " + schema + ".t VALUES (4, '[1]')");
            assertThat(client.change().row(0).path("id").asInt()).isEqualTo(4);
        }
        try (FeedClient client = feed.with("from", time).open()) {
            client.hello();
            assertThat(client.change().row(0).path("id").asInt()).isEqualTo(4);
        }
        assertSnapshotGoesOn(feed, schema);
        api.delete("/api/configs/sources/" + source).expect(204);
    }

    /// What the view contains is not read again.
    private void assertSnapshotGoesOn(FeedRequest feed, String schema) {
        try (FeedClient client = feed.with("snapshot", "initial").open()) {
            SnapshotStream.until(client, frame -> frame.isControl("snapshot_completed"));
            mysql.execute("INSERT INTO " + schema + ".t VALUES (9, '[1]')");
            assertThat(client.change().row(0).path("id").asInt()).isEqualTo(9);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    STATEMENT_FORMAT | binlog_format = ROW           | binlog_format = STATEMENT | INSERT INTO %s.bad VALUES (1)
                    SCHEMA_UNKNOWN   | binlog_row_metadata = MINIMAL | sql_mode = ''             | INSERT INTO %s.bad VALUES (1)
                    """)
    void catchUpDeliversWhatStandsBeforeIt(
            String code, String global, String session, String statement) {
        String schema = "front_" + code.toLowerCase(Locale.ROOT);
        String source = schema.replace('_', '-');
        String[] inserts =
                IntStream.rangeClosed(1, 50)
                        .mapToObj(id -> "INSERT INTO %s.t VALUES (%d)".formatted(schema, id))
                        .toArray(String[]::new);
        mysql.execute("SET GLOBAL " + global, "FLUSH BINARY LOGS");
        Sql.purgeToNewest(mysql);
        mysql.execute("CREATE DATABASE " + schema);
        mysql.execute("CREATE TABLE %s.t (id INT PRIMARY KEY)".formatted(schema));
        mysql.execute("CREATE TABLE %s.bad (id INT PRIMARY KEY)".formatted(schema));
        mysql.execute(inserts);
        mysql.execute("SET SESSION " + session, statement.formatted(schema));
        // From before the service met the server, rows of a table that was altered are not named.
        mysql.execute("ALTER TABLE %s.bad ADD COLUMN v INT".formatted(schema));
        api.addSource(source, mysql);
        FeedRequest feed = api.feed(source).with("tables", schema + ".*").with("from", "earliest");
        try (FeedClient client = feed.open()) {
            client.hello();
            for (int id = 1; id <= inserts.length; id++) {
                assertThat(client.change().row(0).path("id").asInt()).isEqualTo(id);
            }
            assertThat(client.control("error").path("code").asString()).isEqualTo(code);
        } finally {
            mysql.execute("SET GLOBAL binlog_row_metadata = FULL");
        }
        api.delete("/api/configs/sources/" + source).expect(204);
    }
}
