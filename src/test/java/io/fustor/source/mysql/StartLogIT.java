package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Certificates;
import io.fustor.source.mysql.support.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an operator reads of a start and a stop, and what a health check does.
class StartLogIT {

    /// Lines of a stack trace, of a banner or of the JVM itself are no lines of the log.
    private static final String LINE = "\\d{4}-\\d\\d-\\d\\dT\\S+ +(INFO|WARN|ERROR) .*";

    @TempDir Path dataDir;
    @TempDir Path folder;

    private static List<String> lines(ServiceProcess service) {
        return service.log().lines().toList();
    }

    @Test
    void saysWhatItIsAndWhereItListensAndKeepsItsStateAndNothingOfOthers() throws IOException {
        try (var service = ServiceProcess.start(dataDir, Map.of())) {
            assertThat(Files.readString(service.healthFile()))
                    .isEqualTo(service.uri("/actuator/health/liveness") + "\n");
            assertThat(service.checkHealth()).isEmpty();
            service.terminate();

            var lines = lines(service);
            assertThat(lines).allMatch(line -> line.matches(LINE)).hasSizeLessThan(12);
            assertThat(lines.getFirst())
                    .contains(
                            "starting version=",
                            "java=" + Runtime.version().feature(),
                            "configuration=none");
            assertThat(lines).allMatch(StartLogIT::isOurs);
            assertThat(lines)
                    .filteredOn(line -> line.contains(" ready "))
                    .singleElement()
                    .asString()
                    .contains(
                            " ready console=http://127.0.0.1:" + service.port() + "/console/ ",
                            "address=http://127.0.0.1:" + service.port(),
                            "health=http://127.0.0.1:"
                                    + service.port()
                                    + "/actuator/health/liveness",
                            "data=" + dataDir);
            assertThat(service.healthFile()).doesNotExist();
        }
    }

    private static boolean isOurs(String line) {
        return line.contains("] io.fustor") || line.contains("] i.f.");
    }

    @Test
    void saysWhereHealthIsWhenThatHasAPortOfItsOwnWithTls() throws IOException {
        var certificates = Certificates.in(folder);
        var certificate = Files.writeString(folder.resolve("c.pem"), certificates.certificate());
        var key = Files.writeString(folder.resolve("k.pem"), certificates.key());
        var configuration =
                Files.writeString(
                        folder.resolve("application.yml"),
                        """
                        management.server:
                          port: 0
                          base-path: /manage
                          ssl.certificate: %s
                          ssl.certificate-private-key: %s
                        """
                                .formatted(certificate, key));
        var properties = Map.of("spring.config.additional-location", folder + "/");
        try (var service = ServiceProcess.start(dataDir, properties)) {
            assertThat(lines(service).getFirst()).contains("configuration=" + configuration);
            assertThat(Files.readString(service.healthFile()))
                    .matches("https://127\\.0\\.0\\.1:\\d+/manage/actuator/health/liveness\\s");
            assertThat(service.checkHealth()).isEmpty();
            service.terminate();

            // The JVM warns of what would not go on for ever, such as sun.misc.Unsafe.
            assertThat(lines(service)).allMatch(line -> line.matches(LINE));
        }
    }
}
