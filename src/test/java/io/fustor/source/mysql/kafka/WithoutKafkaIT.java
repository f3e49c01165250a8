package io.fustor.source.mysql.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Folder;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// A service without `fustor.kafka`.
class WithoutKafkaIT {

    private static final List<String> OF_KAFKA =
            List.of(
                    "org.apache.kafka.",
                    "org.springframework.kafka.",
                    "org.springframework.boot.kafka.",
                    "io.fustor.source.mysql.kafka.");

    @Test
    void noClassOfKafkaIsLoaded() throws IOException {
        Folder folder = Folder.temporary("fustor-classes-");
        Path log = folder.path().resolve("classes.log");
        try (ServiceProcess service =
                ServiceProcess.start(
                        folder.path().resolve("data"),
                        Map.of("fustor.security.open", "true"),
                        "-XX:+UseSerialGC",
                        "-Xlog:class+load=info:file=" + log)) {
            ServiceApi api = new ServiceApi(service.uri("/"));
            api.addSource("plain", TestMySql.shared());
            assertThat(api.source("plain").has("kafka")).isFalse();
            try (var client = api.feed("plain").open()) {
                assertThat(client.hello()).isNotEmpty();
            }
            List<String> loaded = loaded(log);
            assertThat(loaded).anyMatch(name -> name.startsWith("io.fustor.source.mysql.feed."));
            assertThat(loaded).noneMatch(WithoutKafkaIT::isOfKafka);
        } finally {
            folder.delete();
        }
    }

    private static boolean isOfKafka(String name) {
        return OF_KAFKA.stream().anyMatch(name::startsWith);
    }

    /// The names of the classes in the JVM's log: `[0.03s][info][class,load] name source: …`.
    private static List<String> loaded(Path log) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.map(line -> line.substring(line.lastIndexOf(']') + 1).strip())
                    .filter(line -> line.contains(" source: "))
                    .map(line -> line.substring(0, line.indexOf(' ')))
                    .toList();
        }
    }
}
