package io.fustor.source.mysql.support;

import static org.assertj.core.api.Assertions.assertThat;

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
        for (String option : PackagedService.options().getFirst()) {
            // There is no cache before there is an image.
            if (!option.startsWith("-XX:AOTCache=")) {
                words.add(option);
            }
        }
        words.add("-version");

        Command run = Command.run(words);

        assertThat(run.exitValue()).as(run.output()).isZero();
        assertThat(run.output()).doesNotContainIgnoringCase("warning");
    }

    @Test
    void imageStartsWithTheCacheOfItsTrainingRun() throws Exception {
        List<String> start = PackagedService.options().getFirst();
        List<String> training = PackagedService.options().getLast();

        assertThat(start).contains("-XX:AOTCache=fustor-source-mysql.aot").containsAll(training);
    }

    @Test
    void installationStartsWithTheCacheOfItsTrainingRun() throws Exception {
        List<String> start = PackagedService.unit();
        List<String> training = PackagedService.trainingOfInstallation();

        assertThat(start)
                .contains("-XX:AOTCache=/opt/fustor-source-mysql/fustor-source-mysql.aot")
                .containsAll(training);
    }

    @Test
    void trainingRunIsAScript() {
        Command check =
                Command.run(
                        List.of("bash", "-n", "src/image/train.sh"),
                        Map.of(),
                        Path.of("/dev/null"));

        assertThat(check.output()).isEmpty();
        assertThat(check.exitValue()).isZero();
    }
}
