package io.fustor.source.mysql.wizard;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TestMySql;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/// A server with 5,000 tables and 100,000 columns, looked at by a service with a heap of 256 MB.
class LargeSchemaIT {

    private static final int TABLES = 1_000;
    private static final int COLUMNS = 100;

    @Test
    void fieldsOfALargeSchemaAreDiscoveredInSecondsAndSaved(@TempDir Path dataDir)
            throws Exception {
        try (var mysql =
                TestMySql.start(
                        "--skip-log-bin",
                        "--table-definition-cache=2000",
                        "--innodb-file-per-table=OFF")) {
            create(mysql);
            try (var service = ServiceProcess.start(dataDir, Map.of(), "-Xmx256m")) {
                // The second time the service's code is compiled, as in one that runs for a while.
                var first = discover(service, mysql);
                var second = discover(service, mysql);
                var shortest = first.compareTo(second) < 0 ? first : second;
                System.out.printf(
                        "FIGURE discovery of %d columns in %d tables, -Xmx256m: %d ms, then %d ms%n",
                        TABLES * COLUMNS, TABLES, first.toMillis(), second.toMillis());
                assertThat(shortest).isLessThan(Duration.ofSeconds(5));
                save(service, mysql, 9_000);
                save(service, mysql, 200_000);
            }
        }
    }

    /// Saves a source as the interface does, with the fields that the discovery answered, and reads
    /// them back.
    private static void save(ServiceProcess service, TestMySql mysql, int columns)
            throws Exception {
        var fields =
                IntStream.range(0, columns)
                        .mapToObj(
                                i ->
                                        "\"large.table_%d.column_%d\":{\"type\":\"string\",\"column_index\":%d,\"mysql_type\":\"varchar(100)\",\"nullable\":true,\"primary_key\":null,\"comment\":\"what it holds\"}"
                                                .formatted(i / 20, i, i % 20))
                        .collect(Collectors.joining(",", "{\"properties\":{", "}}"));
        var body =
                """
                {"config": {"driver": "mysql", "uri": "%s", "credential": {"user": "u", "passwd": "p"}},
                 "discovered_fields": %s}"""
                        .formatted(mysql.uri(), fields);
        try (var http = HttpClient.newHttpClient()) {
            var saved =
                    http.send(
                            HttpRequest.newBuilder(
                                            service.uri("/api/configs/sources/large-" + columns))
                                    .header("Content-Type", "application/json")
                                    .POST(BodyPublishers.ofString(body))
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(saved.statusCode()).as(saved.body()).isEqualTo(201);
            var cached =
                    http.send(
                            HttpRequest.newBuilder(
                                            service.uri(
                                                    "/api/drivers/sources/large-"
                                                            + columns
                                                            + "/_actions/get_available_fields"))
                                    .build(),
                            BodyHandlers.ofByteArray());
            assertThat(JsonMapper.shared().readTree(cached.body()).path("properties").size())
                    .isEqualTo(columns);
        }
    }

    private static void create(TestMySql mysql) throws SQLException {
        var columns =
                IntStream.range(1, COLUMNS)
                        .mapToObj(i -> "column_" + i + " VARCHAR(100) COMMENT 'what it holds'")
                        .collect(Collectors.joining(", "));
        try (var connection = mysql.jdbc();
                var statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE large");
            for (int i = 0; i < TABLES; i++) {
                statement.execute(
                        "CREATE TABLE large.table_%d (id BIGINT PRIMARY KEY, %s)"
                                .formatted(i, columns));
            }
        }
    }

    /// Looks at all fields and says how long the whole answer took.
    private static Duration discover(ServiceProcess service, TestMySql mysql) throws Exception {
        var body =
                JsonMapper.shared()
                        .writeValueAsString(
                                Map.of(
                                        "uri",
                                        mysql.uri(),
                                        "admin_creds",
                                        Map.of("user", mysql.user(), "passwd", mysql.password())));
        var request =
                HttpRequest.newBuilder(
                                service.uri(
                                        "/api/drivers/sources/mysql/_actions/discover_fields_no_cache"))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build();
        try (var http = HttpClient.newHttpClient()) {
            long start = System.nanoTime();
            var answer = http.send(request, BodyHandlers.ofByteArray());
            var taken = Duration.ofNanos(System.nanoTime() - start);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(JsonMapper.shared().readTree(answer.body()).at("/fields/properties").size())
                    .isEqualTo(TABLES * COLUMNS);
            return taken;
        }
    }
}
