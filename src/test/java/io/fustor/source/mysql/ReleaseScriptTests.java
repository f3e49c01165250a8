package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.LocalDate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `deploy/release.sh` refuses before it builds, and what it does to the list of changes. A
/// build takes minutes and is done by hand (CONTRIBUTING.md).
class ReleaseScriptTests {

    private static final Path SCRIPT = Path.of("deploy/release.sh");

    @TempDir Path repository;

    @BeforeEach
    void commitAProject() throws IOException {
        Files.createDirectories(repository.resolve("deploy"));
        Files.copy(SCRIPT, repository.resolve(SCRIPT));
        project("1.2.3");
        Files.writeString(
                repository.resolve("CHANGELOG.md"),
                "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- All.\n");
        git("init -q", "add .", "commit -qm first");
    }

    private void project(String version) throws IOException {
        Files.writeString(
                repository.resolve("pom.xml"),
                """
                <project>
                    <parent><version>9.9.9</version></parent>
                    <artifactId>fustor-source-mysql</artifactId>
                    <version>%s</version>
                </project>
                """
                        .formatted(version));
    }

    private void git(String... commands) {
        for (var command : commands) {
            var git = "git -c user.name=a -c user.email=a@example.org " + command;
            assertThat(Shell.run(repository, git)).extracting(Shell::exitValue).isEqualTo(0);
        }
    }

    private Shell release(String command) {
        return Shell.run(repository, "bash deploy/release.sh " + command);
    }

    private static void assertRefused(Shell run, String reason) {
        assertThat(run.exitValue()).as(run.output()).isEqualTo(1);
        assertThat(run.output()).startsWith("release.sh: ").contains(reason);
    }

    @Test
    void preparingDatesTheChangesAndLeavesRoomForFurtherOnes() throws IOException {
        var before = LocalDate.now(Clock.systemUTC());
        assertThat(release("prepare").exitValue()).isZero();
        var after = LocalDate.now(Clock.systemUTC());

        var text = "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - %s\n\n### Added\n\n- All.\n";
        assertThat(Files.readString(repository.resolve("CHANGELOG.md")))
                .isIn(text.formatted(before), text.formatted(after));
        assertRefused(release("prepare"), "[1.2.3] already");
    }

    @Test
    void aVersionThatIsNotFinishedIsNotReleased() throws IOException {
        project("1.2.3-SNAPSHOT");
        git("commit -qam snapshot");

        assertRefused(release("prepare"), "1.2.3-SNAPSHOT");
        assertRefused(release("build"), "1.2.3-SNAPSHOT");
    }

    @Test
    void changesThatAreNotDatedOrNotCommittedAreNotReleased() {
        assertRefused(release("build"), "no section [1.2.3] with a date");

        assertThat(release("prepare").exitValue()).isZero();
        assertRefused(release("build"), "not committed");
    }

    @Test
    void aReleaseThatWasNotBuiltIsNotChecked() {
        assertRefused(release("check"), "SHA256SUMS");
    }

    @Test
    void anUnknownCommandExplainsTheOthers() {
        var run = release("publish");

        assertThat(run.exitValue()).isEqualTo(2);
        assertThat(run.output()).contains("release.sh prepare", "release.sh build", "check");
    }

    /// It says so of the version, or that its section is there already.
    @Test
    void theScriptFindsTheVersionOfThisProject() throws IOException {
        Files.copy(
                Path.of("pom.xml"),
                repository.resolve("pom.xml"),
                StandardCopyOption.REPLACE_EXISTING);
        Files.copy(
                Path.of("CHANGELOG.md"),
                repository.resolve("CHANGELOG.md"),
                StandardCopyOption.REPLACE_EXISTING);
        var version = versionOfTheDockerfile();

        assertThat(release("prepare").output()).contains(version);
        assertThat(Files.readString(Path.of("README.md")))
                .contains("fustor-source-mysql-" + version + ".jar");
    }

    private static String versionOfTheDockerfile() throws IOException {
        return Files.readAllLines(Path.of("Dockerfile")).stream()
                .filter(line -> line.startsWith("ARG VERSION="))
                .map(line -> line.substring("ARG VERSION=".length()))
                .findFirst()
                .orElseThrow();
    }
}
