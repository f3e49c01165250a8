package io.fustor.source.mysql.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.state.FullDisk;
import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.LocalService;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What callers see while the service's disk is full, and when there is room again.
class FullDiskIT {

    private static final String SOURCES = "/api/configs/sources/";
    private static final String CHECKPOINT = "/api/sources/shop/checkpoints/c";
    private static final String CONFIG =
            """
            {"config": {"uri": "127.0.0.1:1", "credential": {"user": "u", "passwd": "secret"}}}
            """;

    @TempDir private Path folder;

    private LocalService start() {
        FullDisk.register();
        return LocalService.on(
                folder,
                Map.of(
                        "spring.datasource.url",
                        "jdbc:h2:full:async:"
                                + folder
                                + "/fustor;WRITE_DELAY=0;RETENTION_TIME=1000;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0"));
    }

    @AfterEach
    void makeRoom() {
        FullDisk.FULL.set(false);
    }

    @Test
    void isAnsweredAndHealsByItself() {
        try (var service = start()) {
            assertThat(service.post(SOURCES + "shop", CONFIG).status()).isEqualTo(201);
            assertThat(put(service, 1).status()).isEqualTo(200);
            FullDisk.FULL.set(true);

            for (int i = 0; i < 3; i++) {
                requireUnavailable(put(service, 2));
                requireUnavailable(service.post(SOURCES + "other", CONFIG));
                requireUnavailable(service.delete(SOURCES + "shop"));
                assertThat(position(service)).isEqualTo(1);
            }
            assertThat(service.get("/actuator/health").status()).isEqualTo(503);
            assertThat(service.get("/actuator/health/readiness").status()).isEqualTo(200);
            FullDisk.FULL.set(false);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> service.get("/actuator/health/state").status() == 200);
            assertThat(position(service)).isEqualTo(1);
            assertThat(put(service, 3).status()).isEqualTo(200);
        }
        try (var service = LocalService.on(folder, Map.of())) {
            assertThat(position(service)).isEqualTo(3);
            assertThat(service.get("/api/sources/other").status()).isEqualTo(404);
        }
    }

    private static Answer put(LocalService service, long number) {
        String body = "{\"position\": \"" + CheckpointWriter.token(number) + "\"}";
        return service.send("PUT", CHECKPOINT, body);
    }

    private static long position(LocalService service) {
        var stored = service.get(CHECKPOINT);
        assertThat(stored.status()).as(stored.body()).isEqualTo(200);
        return CheckpointWriter.offset(stored.json().path("position").asString());
    }

    private static void requireUnavailable(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(503);
        assertThat(answer.json().path("code").asString()).isEqualTo("STATE_UNAVAILABLE");
        assertThat(answer.header("Retry-After")).isEqualTo("5");
        assertThat(answer.body()).doesNotContain("No space").doesNotContain("org.h2");
    }
}
