package io.fustor.source.mysql.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;

/// What is said before it is too late.
@RunningService
@ExtendWith(OutputCaptureExtension.class)
class SourceWarningsIT {

    private static final Duration LONGEST = Duration.ofSeconds(60);

    @LocalServerPort private int port;
    @Autowired private SourceWarnings warnings;
    @Autowired private MeterRegistry meters;

    private final TestMySql mysql = TestMySql.start();
    private ServiceApi api;

    @BeforeAll
    void addSource() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("warned", mysql);
        mysql.execute(
                "CREATE DATABASE warned", "CREATE TABLE warned.t (id INT PRIMARY KEY, v TEXT)");
    }

    @AfterAll
    void stop() {
        api.delete("/api/configs/sources/warned").expect(204);
        mysql.close();
    }

    private double meter() {
        return meters.get("fustor.source.warnings")
                .tag("source", "warned")
                .tag("warning", "position")
                .gauge()
                .value();
    }

    private String said() {
        warnings.lookAt("warned");
        return api.source("warned").path("warnings").toString();
    }

    @Test
    void checkpointIsNamedWhileItsBinlogFileIsAboutToBePurged(CapturedOutput output) {
        String token = api.tokenOfNow("warned");
        api.put("/api/sources/warned/checkpoints/slow", Map.of("position", token)).expect(200);
        mysql.execute("FLUSH BINARY LOGS", "FLUSH BINARY LOGS");
        assertThat(said()).isEqualTo("[]");
        mysql.execute("SET GLOBAL binlog_expire_logs_seconds = 1");

        await("the warning")
                .atMost(LONGEST)
                .until(() -> said().contains("the checkpoint of 'slow' is in binlog.0"));
        said();
        assertThat(output.getAll().split("detail=the checkpoint of 'slow'", -1)).hasSize(2);
        await("the meter")
                .atMost(LONGEST)
                .ignoreExceptions()
                .until(() -> said().contains("slow") && meter() == 1);

        mysql.execute("SET GLOBAL binlog_expire_logs_seconds = 2592000");
        assertThat(said()).isEqualTo("[]");
        assertThat(output.getAll()).contains("warning=position over: the checkpoint of 'slow'");
        api.delete("/api/sources/warned/checkpoints/slow").expect(204);
    }

    /// A column that is there, one that is removed, a wildcard, a case, and a column that is not.
    @Test
    void maskOfAColumnThatNeverWasIsNamedUntilThereIsOne(CapturedOutput output) {
        mysql.execute(
                "CREATE DATABASE hidden",
                "CREATE TABLE hidden.people (id INT PRIMARY KEY, email TEXT, Phone TEXT, iban TEXT)");
        Map<String, Object> config =
                Map.of(
                        "uri",
                        mysql.uri(),
                        "credential",
                        Map.of(
                                "user",
                                TestMySql.CAPTURE.user(),
                                "passwd",
                                TestMySql.CAPTURE.password()),
                        "masks",
                        Map.of(
                                "hidden.people.email", "hmac",
                                "hidden.*.phone", "null",
                                "hidden.people.iban", "null",
                                "hidden.people.notes", "null"));
        api.post("/api/configs/sources/hiding", Map.of("config", config)).expect(201);
        String reader = api.addReader("of-hiding", Map.of("sources", List.of("hiding")));

        assertThat(saidOf("hiding"))
                .containsExactly(
                        "the mask of hidden.people.notes hides nothing: no table that it selects, and"
                                + " that the source's user may see, has had such a column since the"
                                + " service started");
        assertThat(api.as(reader).source("hiding").path("warnings")).isEmpty();
        assertThat(output).contains("warning=mask detail=the mask of hidden.people.notes");
        await("the meter")
                .atMost(LONGEST)
                .ignoreExceptions()
                .until(
                        () ->
                                meters.get("fustor.source.warnings")
                                                .tag("source", "hiding")
                                                .tag("warning", "mask")
                                                .gauge()
                                                .value()
                                        == 1);

        mysql.execute("ALTER TABLE hidden.people DROP iban, DROP Phone, ADD Notes TEXT");

        assertThat(saidOf("hiding")).isEmpty();
        api.delete("/api/readers/of-hiding").expect(204);
        api.delete("/api/configs/sources/hiding").expect(204);
    }

    /// As long as a stream of such a grant is open.
    @Test
    void tableIsNamedThatAGrantsConditionHides() {
        mysql.execute(
                "CREATE DATABASE tenants",
                "CREATE TABLE tenants.orders (id INT PRIMARY KEY, Tenant INT)",
                "CREATE TABLE tenants.countries (id INT PRIMARY KEY)",
                "CREATE TABLE tenants.secret (id INT PRIMARY KEY)");
        api.addSource("tenants", mysql);
        Map<String, Object> grant =
                Map.of(
                        "tables", List.of("tenants.orders", "tenants.c*"),
                        "where", List.of("*.*: tenant = 7"));
        ServiceApi reader = api.as(api.addReader("tenant-7", grant));
        assertThat(saidOf("tenants")).isEmpty();
        try (FeedClient client = reader.feed("tenants").open()) {
            client.hello();
            assertThat(saidOf("tenants"))
                    .containsExactly(
                            "the table tenants.countries is hidden from reader:tenant-7: a condition of"
                                    + " the grant needs the columns tenant, which it lacks");
            assertThat(reader.source("tenants").path("warnings")).isEmpty();

            mysql.execute("ALTER TABLE tenants.countries ADD TENANT INT");
            assertThat(saidOf("tenants")).isEmpty();
        }
        api.delete("/api/readers/tenant-7").expect(204);
        api.delete("/api/configs/sources/tenants").expect(204);
    }

    private List<String> saidOf(String source) {
        warnings.lookAt(source);
        List<String> said = new ArrayList<>();
        api.source(source).path("warnings").forEach(one -> said.add(one.asString()));
        return said;
    }

    @Test
    void snapshotIsNamedThatTakesLongerThanItsBinlogIsKept() {
        mysql.execute(
                """
                INSERT INTO warned.t WITH RECURSIVE n (i) AS
                    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
                SELECT i, REPEAT('x', 20000) FROM n""",
                "ANALYZE TABLE warned.t");
        try (FeedClient client =
                api.feed("warned")
                        .with("tables", "warned.t")
                        .with("snapshot", "only")
                        .receiveBuffer(16 * 1024)
                        .bytesPerSecond(100_000)
                        .open()) {
            client.rows(10);
            assertThat(said()).isEqualTo("[]");
            mysql.execute("SET GLOBAL binlog_expire_logs_seconds = 1");

            assertThat(said()).contains("the snapshot ", "s more, and the binlog that follows it");
        } finally {
            mysql.execute("SET GLOBAL binlog_expire_logs_seconds = 2592000");
        }
    }
}
