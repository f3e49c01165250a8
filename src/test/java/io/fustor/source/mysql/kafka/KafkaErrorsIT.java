package io.fustor.source.mysql.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestKafka;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Whatever keeps a writer from writing every row once is told, with a code of its own, and stops
/// that writer only: some sources of one service.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KafkaErrorsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// Each is the prefix of its topics, so no other test on the shared broker may have a source of
    /// that name.
    private static final List<String> SOURCES =
            List.of("good", "missing", "copied", "wide", "narrow", "deleted");

    /// Of a server of their own, whose binlog is purged.
    private static final List<String> PURGED = List.of("purged", "anew");

    private final TestKafka kafka = TestKafka.shared();
    private final TestMySql mysql = TestMySql.shared();
    private final TestMySql own = TestMySql.start();
    private LocalService service;

    @BeforeAll
    void start() throws Exception {
        mysql.execute("CREATE DATABASE kafka_errors");
        for (String source : SOURCES) {
            mysql.execute(
                    "CREATE TABLE kafka_errors." + source + " (id INT PRIMARY KEY, v LONGTEXT)",
                    "INSERT INTO kafka_errors." + source + " VALUES (1, 'first')");
        }
        own.execute(
                "CREATE DATABASE kafka_purged",
                "CREATE TABLE kafka_purged.t (id INT PRIMARY KEY)",
                "INSERT INTO kafka_purged.t VALUES (1)");
        try (var admin = kafka.admin();
                var producer =
                        new KafkaProducer<>(
                                Map.of("bootstrap.servers", kafka.address()),
                                new StringSerializer(),
                                new StringSerializer())) {
            admin.createTopics(
                            List.of(
                                    topic("missing.kafka_errors.missing"),
                                    topic("narrow.kafka_errors.narrow")
                                            .configs(Map.of("max.message.bytes", "100000")),
                                    topic("writers-errors.positions")))
                    .all()
                    .get();
            producer.send(new ProducerRecord<>("missing.kafka_errors.missing", "{}", "{}")).get();
            String copied =
                    """
                    {"token":"","cluster":"the-other-cluster","epoch":7,"writer":"old"}\
                    """;
            producer.send(new ProducerRecord<>("writers-errors.positions", "copied", copied)).get();
        }
        service = LocalService.start(settings());
        for (String source : List.of("good", "wide", "narrow", "deleted")) {
            await(source).atMost(PATIENCE).until(() -> !kafka(source).path("position").isNull());
        }
    }

    private static NewTopic topic(String name) {
        return new NewTopic(name, Optional.of(1), Optional.empty());
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        for (String source : SOURCES) {
            settings.putAll(WriterSettings.of(kafka, mysql, source, "kafka_errors." + source));
        }
        for (String source : PURGED) {
            settings.putAll(WriterSettings.of(kafka, own, source, "kafka_purged.*"));
        }
        settings.put("fustor.kafka.sources.anew.on-lost", "snapshot");
        settings.put("fustor.kafka.prefix", "writers-errors");
        return settings;
    }

    @AfterAll
    void stop() {
        service.close();
        own.close();
    }

    /// The clients' threads have the instance's name.
    @Test
    void noClientOfKafkaIsLeftAfterAStop() {
        Map<String, String> settings =
                new HashMap<>(WriterSettings.of(kafka, mysql, "leaving", "kafka_errors.good"));
        settings.put("fustor.kafka.prefix", "writers-leaving");
        settings.put("fustor.agent-id", "instance-that-leaves");
        try (LocalService leaving = LocalService.start(settings)) {
            await("a position")
                    .atMost(PATIENCE)
                    .until(
                            () ->
                                    !leaving.get("/api/sources/leaving")
                                            .json()
                                            .path("kafka")
                                            .path("position")
                                            .isNull());
            assertThat(clientThreads()).isNotEmpty();
        }

        await("no client").until(() -> clientThreads().isEmpty());
    }

    private static List<String> clientThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.contains("instance-that-leaves"))
                .toList();
    }

    private JsonNode kafka(String source) {
        return service.get("/api/sources/" + source).json().path("kafka");
    }

    @Test
    void theDocumentListsEachMeterAsAScrapeShowsIt() throws IOException {
        Pattern type = Pattern.compile("(?m)^# TYPE (fustor_kafka_\\w+) ");
        Pattern row = Pattern.compile("(?m)^\\| `(fustor_kafka_\\w+?)(_count)?`[ ,]");

        assertThat(names(row, Files.readString(Path.of("docs/kafka.md"))))
                .isEqualTo(names(type, service.get("/actuator/prometheus").body()));
    }

    private static TreeSet<String> names(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(found -> found.group(1))
                // A timer's largest value is a meter of its own in a scrape.
                .filter(name -> !name.endsWith("_max"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void assertStops(String source, String code, String word) {
        await(source + ": " + code)
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> {
                            JsonNode error = kafka(source).path("error");
                            assertThat(error.path("code").asString("")).isEqualTo(code);
                            assertThat(error.path("detail").asString()).contains(word);
                        });
        await(source + " by health and meters")
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> {
                            assertThat(service.get("/actuator/health/kafka").body())
                                    .contains("DOWN", code);
                            assertThat(service.get("/actuator/prometheus").body())
                                    .contains(
                                            "fustor_kafka_stopped{source=\"" + source + "\"} 1.0");
                        });
        assertGoodOneGoesOn();
    }

    private void assertGoodOneGoesOn() {
        try (TopicReader reader = new TopicReader(kafka, "good")) {
            int id =
                    1 + Integer.parseInt(Sql.value(mysql, "SELECT MAX(id) FROM kafka_errors.good"));
            mysql.execute("INSERT INTO kafka_errors.good VALUES (" + id + ", 'next')");
            reader.readUntil(
                    all -> all.stream().anyMatch(one -> ("{\"id\":" + id + "}").equals(one.key())),
                    PATIENCE);
        }
        assertThat(kafka("good").path("error").isNull()).isTrue();
        assertThat(kafka("good").path("epoch").asLong()).isPositive();
        await().until(() -> kafka("good").path("lag_ms").isNumber());
    }

    @Test
    void missingPositionWhileTopicsContainRowsIsTold() {
        assertStops("missing", "KAFKA_POSITION_MISSING", "missing.kafka_errors.missing");
    }

    @Test
    void otherClusterIsTold() {
        assertStops("copied", "KAFKA_OTHER_CLUSTER", "the-other-cluster");
    }

    /// Too large for the producer, or for the topic alone. The rows before it are in the same Kafka
    /// transaction.
    @ParameterizedTest
    @CsvSource({"wide, 3000000, max.request.size", "narrow, 300000, max.message.bytes"})
    void tooLargeRowIsToldAndTheRowsBeforeItAreThere(String source, int length, String word) {
        String table = "kafka_errors." + source;
        mysql.execute(
                "BEGIN",
                "INSERT INTO " + table + " VALUES (2, 'before'), (3, 'before')",
                "INSERT INTO " + table + " VALUES (4, REPEAT('x', " + length + "))",
                "COMMIT");
        assertStops(source, "KAFKA_RECORD_TOO_LARGE", word);
        try (TopicReader reader = new TopicReader(kafka, source)) {
            reader.readUntil(all -> all.size() >= 3, PATIENCE);
            assertThat(reader.readFor(300)).hasSize(3);
        }
    }

    @Test
    void deletedTopicIsTold() throws Exception {
        try (var admin = kafka.admin()) {
            admin.deleteTopics(List.of("deleted.kafka_errors.deleted")).all().get();
        }
        assertStops("deleted", "KAFKA_TOPIC_LOST", "deleted.kafka_errors.deleted");
    }

    /// The binlog after the position is purged while nothing writes.
    @Test
    void purgedPositionIsToldOrBeginsAnew() {
        for (String source : PURGED) {
            await(source).atMost(PATIENCE).until(() -> !kafka(source).path("position").isNull());
            act(source, "stop");
        }
        own.execute("INSERT INTO kafka_purged.t VALUES (2)", "FLUSH BINARY LOGS");
        Sql.purgeToNewest(own);
        PURGED.forEach(source -> act(source, "start"));

        assertStops("purged", "POSITION_PURGED", "purged");
        try (TopicReader reader = new TopicReader(kafka, "anew")) {
            List<TopicReader.Read> all = reader.readUntil(one -> one.size() >= 3, PATIENCE);
            assertThat(all).allMatch(one -> one.operation().equals("r"));
        }
    }

    private void act(String source, String action) {
        service.post("/api/instances/sources/" + source + "/_actions/" + action, null).expect(200);
    }
}
