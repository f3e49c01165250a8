package io.fustor.source.mysql.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What the Dockerfile, its training run and the JVM have to agree on. [PackagedServiceIT] runs all
/// of it.
class PackagedServiceTests {

    @Test
    void jvmKnowsTheOptionsOfTheImage() throws Exception {
        List<String> words = new ArrayList<>(List.of(PackagedService.java()));
        for (String option : PackagedService.options()) {
            // There is no cache before there is an image.
            if (!option.startsWith("-XX:AOTCache=")) {
                words.add(option.replace("@java.options", "@" + PackagedService.OPTIONS));
            }
        }
        words.add("-version");

        Command run = Command.run(words);

        assertThat(run.exitValue()).as(run.output()).isZero();
        assertThat(run.output()).doesNotContainIgnoringCase("warning");
    }

    @Test
    void imageStartsAsItsTrainingRun() throws Exception {
        assertThat(PackagedService.options())
                .contains("@java.options", "-XX:AOTCache=fustor-source-mysql.aot");
        assertTrainsWithTheOptions();
    }

    @Test
    void installationStartsAsItsTrainingRun() throws Exception {
        assertThat(PackagedService.unit())
                .contains(
                        "@/opt/fustor-source-mysql/java.options",
                        "-XX:AOTCache=/opt/fustor-source-mysql/fustor-source-mysql.aot");
        assertTrainsWithTheOptions();
    }

    private static void assertTrainsWithTheOptions() throws IOException {
        assertThat(Files.readString(PackagedService.TRAINING))
                .contains("java @java.options ", "-XX:AOTCacheOutput=fustor-source-mysql.aot");
    }

    @Test
    void trainingRunIsAScript() {
        Command check =
                Command.run(
                        List.of("bash", "-n", PackagedService.TRAINING.toString()),
                        Map.of(),
                        Path.of("/dev/null"));

        assertThat(check.output()).isEmpty();
        assertThat(check.exitValue()).isZero();
    }
}
