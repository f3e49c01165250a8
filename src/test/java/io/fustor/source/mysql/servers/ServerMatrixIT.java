package io.fustor.source.mysql.servers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.Folder;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.Replay;
import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.values.ThreeReadings;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// What the service is for, on each server that it supports. `-Dlong=servers` takes all of them,
/// and prints the rows of the table in docs/servers.md.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("servers")
class ServerMatrixIT {

    private static final boolean ALL = Boolean.getBoolean("servers.all");

    /// Also with names and labels that no table map holds, where the server could write them.
    private static final Map<String, String> PROPERTIES =
            Map.of("fustor.feed.heartbeat", "1s", "fustor.mysql.tls", "disabled");

    private final Folder folder = Folder.temporary("fustor-servers-");
    private final Map<ServerRelease, TestMySql> servers = new TreeMap<>();
    private final Map<ServerRelease, Map<String, String>> figures = new TreeMap<>();
    private LocalService service = LocalService.on(folder.path(), PROPERTIES);

    static List<ServerRelease> releases() {
        return ServerRelease.tested();
    }

    @AfterAll
    void stop() {
        service.close();
        servers.values().forEach(TestMySql::close);
        folder.delete();
        figures.forEach(
                (release, parts) ->
                        System.out.printf(
                                "MATRIX | %s | %s |%n",
                                release, String.join(" | ", parts.values())));
    }

    private ServiceApi api() {
        return new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
    }

    private TestMySql server(ServerRelease release) {
        return servers.computeIfAbsent(
                release,
                each -> {
                    TestMySql started = TestMySql.start(each);
                    api().addSource(each.name(), started);
                    figure(each, "version", Sql.value(started, "SELECT VERSION()"));
                    return started;
                });
    }

    private void figure(ServerRelease release, String part, String figure) {
        figures.computeIfAbsent(release, _ -> new LinkedHashMap<>()).put(part, figure);
    }

    /// The snapshot, its hand-over while eight writers write, every change after it, and a resume
    /// after each of the cuts.
    @ParameterizedTest
    @MethodSource("releases")
    void aFeedThatIsCutOffUnderWritersEqualsTheTables(ServerRelease release) throws Exception {
        TestMySql server = server(release);
        long seed = System.nanoTime();
        System.out.println("ServerMatrixIT: seed " + seed + " " + release);

        int changed =
                new Replay(
                                api().feed(release.name()),
                                service.port(),
                                ALL ? 3_000 : 500,
                                ALL ? 6_000 : 1_500)
                        .run(server, "replay", seed);

        figure(release, "replay", changed + " rows changed, 0 differ");
    }

    @ParameterizedTest
    @MethodSource("releases")
    void valuesReadTheSameInAllWays(ServerRelease release) throws Exception {
        TestMySql server = server(release);
        String start = api().tokenOfNow(release.name());
        CommonValues values = new CommonValues(release);
        server.execute(values.statements().toArray(String[]::new));

        int rows =
                new ThreeReadings(server, api(), release.name(), CommonValues.SCHEMA)
                        .assertSame(start, values.tables());

        assertThat(rows).isGreaterThan(2 * values.tables().size());
        figure(
                release,
                "values",
                rows + " rows of " + values.tables().size() + " tables, 0 differ");
    }

    private static final List<String> UNWATCHED =
            List.of(
                    "INSERT INTO ddl.t VALUES (2, 20, 'zwei')",
                    "ALTER TABLE ddl.t ADD first INT FIRST, CHANGE a renamed BIGINT",
                    "INSERT INTO ddl.t VALUES (0, 3, 30, 'drei')",
                    "ALTER TABLE ddl.t DROP first, MODIFY v VARCHAR(40) CHARACTER SET utf8mb4 AFTER id",
                    "INSERT INTO ddl.t VALUES (4, 'vier ü', 40)",
                    "CREATE TABLE ddl.ghost LIKE ddl.t",
                    "ALTER TABLE ddl.ghost ADD extra ENUM('x','ü') DEFAULT 'ü'",
                    "RENAME TABLE ddl.t TO ddl.old, ddl.ghost TO ddl.t",
                    "INSERT INTO ddl.t VALUES (5, 'fünf', 50, 'x')",
                    "UPDATE ddl.old SET renamed = 21 WHERE id = 2",
                    "TRUNCATE ddl.old",
                    "CREATE TABLE ddl.copied (one INT, two ENUM('x','ü'))",
                    "INSERT INTO ddl.copied SELECT id, extra FROM ddl.t",
                    "INSERT INTO ddl.copied VALUES (6, 'ü')");

    private static final List<String> ROWS =
            List.of(
                    "insert ddl.t {\"id\":2,\"a\":20,\"v\":\"zwei\"}",
                    "insert ddl.t {\"first\":0,\"id\":3,\"renamed\":30,\"v\":\"drei\"}",
                    "insert ddl.t {\"id\":4,\"v\":\"vier ü\",\"renamed\":40}",
                    "insert ddl.t {\"id\":5,\"v\":\"fünf\",\"renamed\":50,\"extra\":\"x\"}",
                    "update ddl.old {\"id\":2,\"v\":\"zwei\",\"renamed\":21}",
                    "insert ddl.copied {\"one\":5,\"two\":\"x\"}",
                    "insert ddl.copied {\"one\":6,\"two\":\"ü\"}");

    /// Without names in the binlog, where the server can leave them out.
    @ParameterizedTest
    @MethodSource("releases")
    void rowsHaveTheNamesOfTheirTimeAfterDdlWhileTheServiceWasDown(ServerRelease release) {
        TestMySql server = server(release);
        boolean canLeaveOut = release != ServerRelease.MYSQL_5_7;
        if (canLeaveOut) {
            server.execute("SET GLOBAL binlog_row_metadata = MINIMAL");
        }
        try {
            server.execute(
                    "CREATE DATABASE ddl CHARACTER SET latin1",
                    "CREATE TABLE ddl.t (id INT PRIMARY KEY, a INT, v VARCHAR(9))");
            String token;
            try (FeedClient client = api().feed(release.name()).with("tables", "ddl.*").open()) {
                client.hello();
                server.execute("INSERT INTO ddl.t VALUES (1, 10, 'eins')");
                assertThat(client.change().rows())
                        .containsExactly("{\"id\":1,\"a\":10,\"v\":\"eins\"}");
                token = client.token();
            }
            service.close();
            try {
                server.execute(UNWATCHED.toArray(String[]::new));
            } finally {
                service = LocalService.on(folder.path(), PROPERTIES);
            }

            List<String> rows = new ArrayList<>();
            try (FeedClient client =
                    api().feed(release.name()).with("tables", "ddl.*").after(token).open()) {
                while (rows.size() < ROWS.size()) {
                    ChangeEvent change = client.change();
                    if (change.operation().equals("truncate")) {
                        continue;
                    }
                    change.rows()
                            .forEach(
                                    row ->
                                            rows.add(
                                                    change.operation()
                                                            + " "
                                                            + change.table()
                                                            + " "
                                                            + row));
                }
            }
            assertThat(rows).isEqualTo(ROWS);
            figure(release, "ddl", ROWS.size() + " rows, 0 differ");
        } finally {
            if (canLeaveOut) {
                server.execute("SET GLOBAL binlog_row_metadata = FULL");
            }
        }
    }

    /// A grant's condition on a hidden and a masked column, under writers; snapshots; rows that
    /// enter and leave.
    @ParameterizedTest
    @MethodSource("releases")
    void readersGetWhatTheServerSelectsForTheirGrant(ServerRelease release) throws Exception {
        GrantedReadings readings = new GrantedReadings(server(release), api(), release.name());
        long seed = System.nanoTime();
        System.out.println("ServerMatrixIT: seed " + seed + " " + release + ", grants");

        int rows = readings.replica(ALL ? 10_000 : 800, seed) + readings.snapshots();
        readings.crossings();

        figure(release, "grants", rows + " rows of grants, 0 differ");
    }

    /// A server that is set up wrong, mended by what the wizard prints.
    @ParameterizedTest
    @MethodSource("releases")
    void theWizardsFixesMakeAServerOneThatCanBeCaptured(ServerRelease release) {
        try (TestMySql server =
                TestMySql.start(
                        release,
                        "--binlog-format=MIXED",
                        "--binlog-row-image=MINIMAL",
                        "--loose-binlog-row-metadata=MINIMAL")) {
            server.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)");
            Map<String, Object> form = new TreeMap<>();
            form.put("uri", server.uri());
            form.put("admin_creds", Map.of("user", server.user(), "passwd", server.password()));
            form.put("credential", Map.of("user", "wizards", "passwd", "Wizards-Passw0rd"));

            JsonNode before = act("check_params", form);
            assertThat(before.path("success").asBoolean()).as("%s", before).isFalse();
            int fixes = 0;
            for (JsonNode check : before.path("checks")) {
                String fix = check.path("fix").asString("");
                if (!fix.isEmpty()) {
                    assertThat(fix).doesNotContain("\n");
                    server.execute(fix.split("(?<=;) "));
                    fixes++;
                }
            }
            for (String action :
                    List.of(
                            "test_connection",
                            "check_params",
                            "create_agent_user",
                            "check_privileges",
                            "discover_fields_no_cache")) {
                JsonNode answer = act(action, form);
                assertThat(answer.path("success").asBoolean()).as(action + " " + answer).isTrue();
            }
            String source = "wizard-" + release.name();
            api().addSource(
                            source,
                            server.uri(),
                            new TestMySql.Login("wizards", "Wizards-Passw0rd"));
            try (FeedClient client = api().feed(source).open()) {
                client.hello();
                server.execute("INSERT INTO shop.t VALUES (7)");
                assertThat(client.change().rows()).containsExactly("{\"id\":7}");
            }
            api().delete("/api/configs/sources/" + source).expect(204);
            figure(release, "wizard", fixes + " fixes");
        }
    }

    private JsonNode act(String action, Map<String, Object> form) {
        return api().post("/api/drivers/sources/mysql/_actions/" + action, form).json();
    }
}
