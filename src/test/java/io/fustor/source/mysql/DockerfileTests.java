package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What the image is, as far as its file says; `PackagedServiceTests` has how it starts.
class DockerfileTests {

    private static final String ID = "10001";

    /// With lines that go on put together.
    private final String text = read();

    private static String read() {
        try {
            return Files.readString(Path.of("Dockerfile")).replaceAll("\\\\\n\\s*", "");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> all(String instruction) {
        return text.lines()
                .filter(line -> line.startsWith(instruction + " "))
                .map(line -> line.substring(instruction.length() + 1))
                .toList();
    }

    @Test
    void isOfJava25() {
        assertThat(all("FROM"))
                .containsExactly("eclipse-temurin:25-jdk AS build", "eclipse-temurin:25-jre");
    }

    /// An orchestrator that refuses root cannot look a name up, and a volume keeps numbers.
    @Test
    void runsAsAUserAndGroupOfFixedNumbersWhoOwnTheDataOnly() {
        assertThat(all("USER")).containsExactly(ID + ":" + ID);
        assertThat(all("VOLUME")).containsExactly("/data");
        assertThat(all("RUN"))
                .anyMatch(
                        run ->
                                Stream.of(
                                                "groupadd --system --gid " + ID,
                                                "useradd --system --uid " + ID + " --gid " + ID,
                                                "install -d -o "
                                                        + ID
                                                        + " -g "
                                                        + ID
                                                        + " -m 0700 /data")
                                        .allMatch(run::contains));
    }

    @Test
    void saysWhatItIs() throws IOException {
        var version =
                Pattern.compile("<artifactId>fustor-source-mysql</artifactId>\\s*<version>(.*?)<")
                        .matcher(Files.readString(Path.of("pom.xml")));
        assertThat(version.find()).isTrue();

        assertThat(all("ARG")).contains("VERSION=" + version.group(1));
        assertThat(all("LABEL"))
                .singleElement()
                .asString()
                .contains(
                        "org.opencontainers.image.title=\"fustor-source-mysql\"",
                        "org.opencontainers.image.licenses=\"Apache-2.0\"",
                        "org.opencontainers.image.version=\"$VERSION\"",
                        "org.opencontainers.image.revision=\"$REVISION\"");
    }

    @Test
    void asksForItsHealthWhereTheServiceSaysThatItIs() {
        var file = Pattern.compile("FUSTOR_HEALTH_FILE=(\\S+)").matcher(text);
        assertThat(file.find()).isTrue();

        assertThat(text)
                .contains("CMD [\"bash\", \"/application/health.sh\", \"" + file.group(1) + "\"]")
                .contains("COPY --from=build /build/src/image/health.sh ./");
        assertThat(all("EXPOSE")).containsExactly("8080");
    }
}
