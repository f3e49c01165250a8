package io.fustor.source.mysql.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/// A table that is read in one pass and broken in each of them is not begun again for ever, however
/// many rows of it came.
@RunningService
class SnapshotRestartsIT {

    private static final int RETRIES = 2;

    @LocalServerPort private int port;

    @Test
    void tableThatBreaksInEachPassEndsTheStream() {
        ServiceApi api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        TestMySql mysql = TestMySql.shared();
        mysql.execute(
                "DROP DATABASE IF EXISTS restarts",
                "CREATE DATABASE restarts",
                "CREATE TABLE restarts.keyless (v LONGTEXT)",
                "INSERT INTO restarts.keyless WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i +"
                        + " 1 FROM n WHERE i < 400) SELECT REPEAT('x', 4000) FROM n");
        try (TcpProxy proxy = TcpProxy.to(mysql)) {
            api.post("/api/configs/sources/restarts", Map.of("config", config(proxy))).expect(201);
            proxy.breakAfter(500_000);

            SnapshotStream stream =
                    SnapshotStream.toTheEnd(
                            api.feed("restarts")
                                    .with("tables", "restarts.*")
                                    .with("snapshot", "only"));

            assertThat(stream.control("error").path("code").asString())
                    .isEqualTo("CONNECTION_LOST");
            assertThat(stream.controls("snapshot_started")).hasSize(1 + RETRIES);
            assertThat(stream.controls("snapshot_completed")).isEmpty();
        }
        api.delete("/api/configs/sources/restarts").expect(204);
        mysql.execute("DROP DATABASE restarts");
    }

    private static Map<String, Object> config(TcpProxy proxy) {
        return Map.of(
                "driver",
                "mysql",
                "uri",
                proxy.uri(),
                "credential",
                Map.of("user", TestMySql.CAPTURE.user(), "passwd", TestMySql.CAPTURE.password()),
                "max_retries",
                RETRIES,
                "retry_delay_sec",
                1);
    }
}
