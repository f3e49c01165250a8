package io.fustor.source.mysql.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchdogTests {

    @TempDir Path parent;

    private Path folder;
    private Process process;

    @BeforeEach
    void start() throws IOException {
        folder = Files.createDirectories(parent.resolve("watched folder"));
        Files.writeString(folder.resolve("file"), "text");
        process = new ProcessBuilder("cat").start();
    }

    @AfterEach
    void end() {
        process.destroyForcibly();
    }

    @Test
    void endsProcessAndRemovesFolderWhenItsJvmIsGone() throws InterruptedException {
        var watchdog = Watchdog.over(folder);
        watchdog.watch(process.pid());

        watchdog.abandon();

        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        await().atMost(Duration.ofSeconds(10)).until(() -> !Files.exists(folder));
    }

    @Test
    void sparesTheProcessThatItForgot() {
        var watchdog = Watchdog.over(folder);
        watchdog.watch(process.pid());
        watchdog.forgetProcess();

        watchdog.abandon();

        await().atMost(Duration.ofSeconds(10)).until(() -> !Files.exists(folder));
        assertThat(process.isAlive()).isTrue();
    }

    @Test
    void leavesAllAsItIsOnceEnded() {
        var watchdog = Watchdog.over(folder);
        watchdog.watch(process.pid());

        var shell = watchdog.end();

        assertThat(shell).succeedsWithin(Duration.ofSeconds(10));
        assertThat(process.isAlive()).isTrue();
        assertThat(folder).exists();
    }
}
