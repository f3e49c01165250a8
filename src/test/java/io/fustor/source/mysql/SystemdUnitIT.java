package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.SystemdAnalyze;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What systemd says of the unit of `deploy/systemd`.
class SystemdUnitIT {

    private static final String NAME = "fustor-source-mysql.service";

    @TempDir Path folder;

    /// The unit as it is, but for the path of this JVM.
    private Path unit(String change, String by) throws IOException {
        var text = Files.readString(Path.of("deploy/systemd", NAME));
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        assertThat(text).contains("ExecStart=/usr/bin/java ").contains(change);
        text = text.replace("ExecStart=/usr/bin/java ", "ExecStart=" + java + " ");
        return Files.writeString(folder.resolve(NAME), text.replace(change, by));
    }

    @Test
    void systemdUnderstandsEveryLine() throws IOException {
        assertThat(SystemdAnalyze.objections(unit("", ""))).isEmpty();
    }

    @Test
    void aMisspeltDirectiveIsFound() throws IOException {
        assertThat(SystemdAnalyze.objections(unit("ProtectHome=", "ProtectHouse=")))
                .anyMatch(line -> line.contains("ProtectHouse"));
    }

    /// Of 0 (safe) to 10.
    @Test
    void systemdRatesTheExposureAsLow() throws IOException {
        assertThat(SystemdAnalyze.security(unit("", "")).getLast())
                .matches(".*Overall exposure level for " + NAME + ": [01]\\.\\d OK.*");
    }
}
