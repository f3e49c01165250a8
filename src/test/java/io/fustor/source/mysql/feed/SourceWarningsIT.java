package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.time.Duration;
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

    private static final Duration LONGEST = Duration.ofSeconds(20);

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
                .until(() -> said().contains("the checkpoint of 'slow' stands in binlog.0"));
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
