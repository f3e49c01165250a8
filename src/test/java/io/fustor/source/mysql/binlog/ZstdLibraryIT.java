package io.fustor.source.mysql.binlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TestMySql;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A machine on which the native library cannot be loaded, as where `/tmp` is mounted `noexec`.
class ZstdLibraryIT {

    @TempDir private Path folder;

    @Test
    void aLibraryThatCannotBeLoadedIsToldAtStartAndStopsOnlyWhatNeedsIt() {
        try (TestMySql mysql = TestMySql.start();
                ServiceProcess service =
                        ServiceProcess.start(
                                folder.resolve("data"),
                                Map.of(),
                                "-DZstdTempFolder=" + folder.resolve("none"))) {
            mysql.execute("CREATE DATABASE z", "CREATE TABLE z.t (id INT PRIMARY KEY)");
            ServiceApi api = new ServiceApi(service.uri("/"));
            api.addSource("z", mysql);
            JsonNode health =
                    api.get("/actuator/health").json().path("components").path("compression");

            assertThat(service.log()).contains("ERROR").contains("ZstdTempFolder");
            assertThat(health.path("status").asString()).isEqualTo("UNKNOWN");
            assertThat(health.path("details").path("reason").asString()).contains("noexec");
            try (FeedClient client = api.feed("z").open()) {
                client.hello();
                mysql.execute("INSERT INTO z.t VALUES (1)");
                assertThat(client.rows(1)).hasSize(1);
                mysql.execute("SET GLOBAL binlog_transaction_compression = ON");
                mysql.execute("INSERT INTO z.t VALUES (2)");
                assertThat(client.control("error").path("code").asString())
                        .isEqualTo("LIBRARY_MISSING");
            }
            await().until(
                            () ->
                                    api.source("z")
                                            .at("/error/code")
                                            .asString()
                                            .equals("LIBRARY_MISSING"));
        }
    }
}
