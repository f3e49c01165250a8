package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ServiceProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;

/// A JVM without options, whose heap is exhausted in a thread that hides it.
class OutOfMemoryExitIT {

    /// Where the error is thrown, and swallowed.
    enum Place {
        MAIN_THREAD {
            @Override
            void fill() {
                exhaust();
            }
        },
        VIRTUAL_THREAD {
            @Override
            void fill() throws InterruptedException {
                Thread.startVirtualThread(Place::exhaust).join();
            }
        },
        POOL {
            @Override
            void fill() throws Exception {
                try (var pool = Executors.newFixedThreadPool(1)) {
                    pool.submit(Place::exhaust).get();
                }
            }
        },
        FUTURE {
            @Override
            void fill() {
                CompletableFuture.runAsync(Place::exhaust).join();
            }
        },
        ONE_ARRAY {
            @Override
            void fill() {
                try {
                    System.out.println(new long[1 << 28].length);
                } catch (OutOfMemoryError _) {
                    // As a library might.
                }
            }
        };

        abstract void fill() throws Exception;

        private static void exhaust() {
            try {
                List<byte[]> held = new ArrayList<>();
                while (true) {
                    held.add(new byte[100_000]);
                }
            } catch (OutOfMemoryError _) {
                // As a library might.
            }
        }
    }

    /// What the child does, started by `SpringApplication`'s own main method.
    static final class Child implements CommandLineRunner {

        @Override
        public void run(String... arguments) throws Exception {
            if (!OutOfMemoryExit.arm()) {
                System.exit(1);
            }
            Place.valueOf(arguments[0]).fill();
            System.exit(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void exhaustedHeapEndsTheProcess(Place place) throws Exception {
        var words = new ArrayList<String>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(
                List.of(
                        "-Xmx48m",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED"));
        words.addAll(ServiceProcess.classesWithTests());
        words.addAll(
                List.of(
                        SpringApplication.class.getName(),
                        place.name(),
                        "--spring.main.sources=" + Child.class.getName(),
                        "--spring.main.web-application-type=none",
                        "--spring.main.banner-mode=off"));
        var process = new ProcessBuilder(words).redirectErrorStream(true).start();
        try (var output = process.inputReader()) {
            var said = output.readAllAsString();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(said).isEqualTo(3);
            assertThat(said).contains("Terminating due to java.lang.OutOfMemoryError");
        } finally {
            process.destroyForcibly();
        }
    }
}
