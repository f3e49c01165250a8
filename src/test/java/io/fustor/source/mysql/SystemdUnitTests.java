package io.fustor.source.mysql;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// That the unit of `deploy/systemd` fits the service; `SystemdUnitIT` has systemd's own judgment.
class SystemdUnitTests {

    private static final Path UNIT = Path.of("deploy/systemd/fustor-source-mysql.service");

    private final Map<String, List<String>> directives = directives();

    private static Map<String, List<String>> directives() {
        try (var lines = Files.lines(UNIT)) {
            return lines.filter(line -> line.matches("[A-Z]\\w+=.*"))
                    .map(line -> line.split("=", 2))
                    .collect(groupingBy(pair -> pair[0], mapping(pair -> pair[1], toList())));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private String only(String directive) {
        assertThat(directives.get(directive)).as(directive).hasSize(1);
        return directives.get(directive).getFirst();
    }

    @Test
    void theStateIsInTheFolderThatSystemdMakesAndThePathsAreAbsolute() {
        assertThat(directives.get("Environment"))
                .contains("FUSTOR_DATA_DIR=/var/lib/" + only("StateDirectory"))
                .contains("FUSTOR_HEALTH_FILE=/run/" + only("RuntimeDirectory") + "/health");
        assertThat(only("StateDirectoryMode")).isEqualTo("0700");
        assertThat(only("WorkingDirectory")).isEqualTo("/etc/" + only("ConfigurationDirectory"));
    }

    @Test
    void theServiceHasNoRightsAndWritesToItsOwnFoldersOnly() {
        assertThat(only("CapabilityBoundingSet")).isEmpty();
        assertThat(only("NoNewPrivileges")).isEqualTo("yes");
        assertThat(only("ProtectSystem")).isEqualTo("strict");
        assertThat(only("PrivateTmp")).isEqualTo("yes");
        assertThat(directives)
                .doesNotContainKeys("ReadWritePaths", "MemoryDenyWriteExecute", "NoExecPaths");
        assertThat(only("User")).isNotEqualTo("root");
    }

    /// The defaults: 5,000 subscribers, each with a second connection, and 1,000 other ones.
    @Test
    void descriptorsAndTimesFitTheDefaults() {
        assertThat(Integer.parseInt(only("LimitNOFILE"))).isGreaterThan(2 * (5_000 + 1_000));
        assertThat(only("SuccessExitStatus")).isEqualTo("143");
        assertThat(only("Restart")).isEqualTo("on-failure");
        assertThat(Integer.parseInt(only("TimeoutStopSec"))).isGreaterThanOrEqualTo(10);
    }

    /// Those of the image's JVM hold here, too, as far as they do not need what only an image has.
    @Test
    void theJarIsStartedByAnAbsolutePath() {
        assertThat(only("ExecStart"))
                .startsWith("/usr/bin/java ")
                .endsWith(" -jar /opt/fustor-source-mysql/fustor-source-mysql.jar");
    }
}
