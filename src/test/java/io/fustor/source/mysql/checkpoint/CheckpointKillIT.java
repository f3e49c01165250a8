package io.fustor.source.mysql.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// That a checkpoint which was stored is there after a SIGKILL in the middle of writes, and that
/// the database always opens: three kills here, a hundred in `-Dlong=kills`.
@Tag("kills")
class CheckpointKillIT {

    private static final int KILLS = Integer.getInteger("state.kills", 3);
    private static final int SERVICE_KILLS = Integer.getInteger("state.service-kills", 1);
    private static final String CHECKPOINTS = "/api/sources/shop/checkpoints";

    /// A short life: what the JVM would compile well is not worth it.
    private static final String[] QUICK = {"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"};

    @TempDir private Path folder;

    private final Map<String, Long> stored = new ConcurrentHashMap<>();
    private final long seed = Seeds.of("state.seed", CheckpointKillIT.class);
    private final Random random = new Random(seed);

    @Test
    void holdsWhatItStoredWhenItsWriterIsKilled() throws Exception {
        System.out.println("seed " + seed + " kills " + KILLS);
        for (int kill = 0; kill < KILLS; kill++) {
            runAndKill(10 + random.nextInt(300));
        }
        runAndKill(1);
    }

    /// Checks what is there, lets the writer store so many checkpoints, and kills it.
    private void runAndKill(int writes) throws Exception {
        Process writer = startWriter();
        StringBuilder log = new StringBuilder();
        try (BufferedReader said = writer.inputReader();
                AutoCloseable _ = () -> kill(writer)) {
            requireStored(readFound(said, writer));
            int count = 0;
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                log.append(line.startsWith(">") ? "" : line + System.lineSeparator());
                note(line);
                if (++count == writes) {
                    kill(writer);
                }
            }
        }
        assertThat(writer.waitFor()).as("ended by SIGKILL, seed %d: %s", seed, log).isEqualTo(137);
    }

    /// By its handle: `Process` would close the stream of what it said last.
    private static void kill(Process writer) {
        writer.toHandle().destroyForcibly();
    }

    private Process startWriter() throws IOException {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(List.of(QUICK));
        words.addAll(ServiceProcess.classesWithTests());
        words.addAll(
                List.of(
                        "org.springframework.boot.SpringApplication",
                        "--spring.main.sources=" + CheckpointWriter.class.getName(),
                        "--spring.main.web-application-type=none",
                        "--spring.main.banner-mode=off",
                        "--logging.level.root=WARN",
                        "--fustor.data-dir=" + folder));
        return new ProcessBuilder(words).redirectErrorStream(true).start();
    }

    private Map<String, Long> readFound(BufferedReader said, Process writer) throws IOException {
        Map<String, Long> found = new TreeMap<>();
        StringBuilder log = new StringBuilder();
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            log.append(line).append('\n');
            String[] words = line.split(" ");
            if (line.startsWith("> found all")) {
                return found;
            } else if (line.startsWith("> found ")) {
                found.put(words[2], Long.valueOf(words[3]));
            }
        }
        throw new AssertionError("it does not open, seed " + seed + ": " + log);
    }

    private void requireStored(Map<String, Long> found) {
        stored.forEach(
                (consumer, number) ->
                        assertThat(found.getOrDefault(consumer, 0L))
                                .as("%s of %s, seed %d", consumer, found, seed)
                                .isGreaterThanOrEqualTo(number));
        assertThat(found.get("pair0")).isEqualTo(found.get("pair1"));
    }

    /// The last line of a killed writer may lack its end.
    private void note(String line) {
        String[] words = line.split(" ");
        if (line.startsWith("> stored ") && words.length == 4) {
            stored.merge(words[2], Long.valueOf(words[3]), Math::max);
        }
    }

    @Test
    void holdsWhatItAnsweredWhenTheServiceIsKilled() {
        try (var service = ServiceProcess.start(folder, Map.of(), QUICK)) {
            var api = new ServiceApi(service.uri(""));
            api.post(
                            "/api/configs/sources/shop",
                            """
                            {"config": {"uri": "127.0.0.1:1",
                                        "credential": {"user": "u", "passwd": "secret"}}}
                            """)
                    .expect(201);
            for (int kill = 0; kill < SERVICE_KILLS; kill++) {
                putUntilKilled(api, service, stored.size() + 5L + random.nextInt(150));
                service.startAgain();
                requireAnswered(api);
            }
        }
    }

    private void putUntilKilled(ServiceApi api, ServiceProcess service, long writes) {
        long before = total();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 4; i++) {
                String consumer = "c" + i;
                threads.submit(() -> putUntilItEnds(api, consumer));
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> total() >= before + writes);
            service.kill();
        }
    }

    private long total() {
        return stored.values().stream().mapToLong(Long::longValue).sum();
    }

    private void putUntilItEnds(ServiceApi api, String consumer) {
        // The first may have been stored without an answer, and is then stored again.
        for (long next = stored.getOrDefault(consumer, 0L) + 1; ; next++) {
            try {
                api.put(
                                CHECKPOINTS + "/" + consumer,
                                Map.of("position", CheckpointWriter.token(next)))
                        .expect(200);
                stored.put(consumer, next);
            } catch (UncheckedIOException _) {
                // It was killed, as it should be.
                return;
            }
        }
    }

    private void requireAnswered(ServiceApi api) {
        Map<String, Long> found = new TreeMap<>();
        api.get(CHECKPOINTS)
                .expect(200)
                .json()
                .forEach(
                        each ->
                                found.put(
                                        each.path("consumer").asString(),
                                        CheckpointWriter.offset(each.path("position").asString())));
        stored.forEach(
                (consumer, number) ->
                        assertThat(found.getOrDefault(consumer, 0L))
                                .as("%s of %s, seed %d", consumer, found, seed)
                                .isBetween(number, number + 1));
    }
}
