package io.fustor.source.mysql.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceProcessIT {

    @TempDir Path dataDir;

    @Test
    void startsReadyAndEndsWhenAsked() {
        try (var service = ServiceProcess.start(dataDir, Map.of(), "-Xmx256m")) {
            assertThat(service.isAlive()).isTrue();
            assertThat(service.log())
                    .contains(
                            "ready console=http://127.0.0.1:" + service.port() + "/console/",
                            "data=" + dataDir);

            assertThat(service.terminate()).isLessThan(Duration.ofSeconds(30));
            assertThat(service.isAlive()).isFalse();
            assertThat(service.exitValue()).isEqualTo(143);
        }
    }

    @Test
    void isGoneAfterKill() {
        try (var service = ServiceProcess.start(dataDir, Map.of())) {
            service.kill();

            assertThat(service.isAlive()).isFalse();
            assertThat(ProcessHandle.of(service.pid()).filter(ProcessHandle::isAlive)).isEmpty();
        }
    }

    @Test
    void serviceThatCannotStartSaysWhy() {
        var wrong = Map.of("spring.datasource.url", "jdbc:nonsense");

        assertThatThrownBy(() -> ServiceProcess.start(dataDir, wrong))
                .hasMessageContaining("jdbc:nonsense");
    }
}
