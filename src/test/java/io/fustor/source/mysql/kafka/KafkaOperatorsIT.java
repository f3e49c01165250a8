package io.fustor.source.mysql.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.FreePort;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestKafka;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/// What the people who run a cluster or a server may do to it while its changes are written: every
/// row still comes once, or the writer says why not. Each test has a source of one service to
/// itself.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KafkaOperatorsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String PREFIX = "writers-operators";
    private static final String SCHEMA = "kafka_operators";

    /// Each is the prefix of its topics, and the name of its table.
    private static final List<String> SOURCES =
            List.of("regrown", "shrunk", "denied", "foreign", "renamed", "busy");

    /// Made by the API, so that it can be changed and deleted.
    private static final List<String> STORED = List.of("removed", "moved");

    private final TestMySql mysql = TestMySql.shared();
    private final Map<String, AtomicInteger> ids = new HashMap<>();
    private TestKafka kafka;
    private Admin admin;
    private LocalService service;
    private ServiceApi api;

    @BeforeAll
    void start() throws Exception {
        var broker =
                CompletableFuture.supplyAsync(
                        () ->
                                TestKafka.start(
                                        Map.of(
                                                "authorizer.class.name",
                                                "org.apache.kafka.metadata.authorizer"
                                                        + ".StandardAuthorizer",
                                                "allow.everyone.if.no.acl.found",
                                                "true")));
        mysql.execute("CREATE DATABASE " + SCHEMA);
        all().forEach(this::createTable);
        kafka = broker.join();
        admin = kafka.admin();
        service = LocalService.start(settings());
        api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
        STORED.forEach(source -> api.addSource(source, mysql));
        List<String> topics = all().stream().map(KafkaOperatorsIT::topic).toList();
        await("the topics")
                .atMost(PATIENCE)
                .until(() -> admin.listTopics().names().get().containsAll(topics));
        all().forEach(this::awaitGood);
    }

    private void createTable(String source) {
        ids.put(source, new AtomicInteger());
        mysql.execute(
                "CREATE TABLE " + table(source) + " (id INT PRIMARY KEY, v LONGTEXT)",
                "INSERT INTO " + table(source) + " VALUES (0, 'first')");
    }

    private static List<String> all() {
        List<String> all = new ArrayList<>(SOURCES);
        all.addAll(STORED);
        return all;
    }

    private static String table(String source) {
        return SCHEMA + "." + source;
    }

    private static String topic(String source) {
        return source + "." + SCHEMA + "." + source;
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        for (String source : all()) {
            settings.putAll(WriterSettings.of(kafka, mysql, source, SCHEMA + "." + source + "*"));
        }
        STORED.forEach(
                source ->
                        settings.keySet()
                                .removeIf(key -> key.startsWith("fustor.sources." + source + ".")));
        settings.put("fustor.kafka.prefix", PREFIX);
        return settings;
    }

    @AfterAll
    void stop() {
        service.close();
        admin.close();
        kafka.close();
    }

    private static JsonNode kafka(LocalService of, String source) {
        return of.get("/api/sources/" + source).json().path("kafka");
    }

    private void awaitGood(String source) {
        awaitGood(service, source);
    }

    private static void awaitGood(LocalService of, String source) {
        await(source)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> {
                            JsonNode kafka = kafka(of, source);
                            return kafka.path("position").isObject()
                                    && kafka.path("error").isNull();
                        });
    }

    private void awaitError(String source, String code, String word) {
        awaitError(service, source, code, word);
    }

    private static void awaitError(LocalService of, String source, String code, String word) {
        await(source + ": " + code)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(
                        () -> {
                            JsonNode error = kafka(of, source).path("error");
                            assertThat(error.path("code").asString("")).isEqualTo(code);
                            assertThat(error.path("detail").asString()).contains(word);
                        });
    }

    /// Commits a row, and gives its id; ids begin with 1.
    private int insert(String source) {
        return insert(source, table(source), "next");
    }

    private int insert(String source, String into, String value) {
        int id = ids.get(source).incrementAndGet();
        mysql.execute("INSERT INTO " + into + " VALUES (" + id + ", '" + value + "')");
        return id;
    }

    /// Waits for the last row that was committed: all rows have come then, each once, in the order
    /// of their ids if they are in one partition.
    private List<TopicReader.Read> assertAllOnce(String source) {
        int last = ids.get(source).get();
        try (TopicReader reader = new TopicReader(kafka, source)) {
            List<TopicReader.Read> records = reader.readUntil(all -> all.size() > last, PATIENCE);
            reader.readFor(200);
            assertThat(records.stream().map(TopicReader.Read::key))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.rangeClosed(0, last)
                                    .mapToObj(id -> "{\"id\":" + id + "}")
                                    .toList());
            return records;
        }
    }

    private void configure(String topic, String name, String value) throws Exception {
        admin.incrementalAlterConfigs(
                        Map.of(
                                new ConfigResource(ConfigResource.Type.TOPIC, topic),
                                List.of(
                                        new AlterConfigOp(
                                                new ConfigEntry(name, value),
                                                AlterConfigOp.OpType.SET))))
                .all()
                .get();
    }

    /// A key's records go to another partition from then on, which Kafka's documentation says too.
    @Test
    void topicWithMorePartitionsGetsEachRowOnce() throws Exception {
        for (int i = 0; i < 20; i++) {
            insert("regrown");
        }
        admin.createPartitions(Map.of(topic("regrown"), NewPartitions.increaseTo(7))).all().get();
        for (int i = 0; i < 20; i++) {
            insert("regrown");
        }
        assertAllOnce("regrown");
        mysql.execute("TRUNCATE TABLE " + table("regrown"));
        try (TopicReader reader = new TopicReader(kafka, "regrown")) {
            reader.readUntil(
                    all -> all.stream().filter(one -> one.operation().equals("t")).count() >= 3,
                    PATIENCE);
        }
    }

    /// A batch of records that is larger than the topic takes is split; a record is not.
    @Test
    void topicThatTakesSmallerBatchesGetsEachRowOnce() throws Exception {
        configure(topic("shrunk"), "max.message.bytes", "10000");
        mysql.execute(
                "INSERT INTO "
                        + table("shrunk")
                        + " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                        + " WHERE i < 900) SELECT i, REPEAT('x', 700) FROM n");
        ids.get("shrunk").set(900);
        assertAllOnce("shrunk");
        insert("shrunk", table("shrunk"), "y".repeat(12_000));
        awaitError("shrunk", "KAFKA_RECORD_TOO_LARGE", "max.message.bytes");
        configure(topic("shrunk"), "max.message.bytes", "100000");
        act(service, "shrunk", "stop");
        act(service, "shrunk", "start");
        assertAllOnce("shrunk");
    }

    private static void act(LocalService of, String source, String action) {
        of.post("/api/instances/sources/" + source + "/_actions/" + action, null).expect(200);
    }

    @Test
    void lostPermissionIsToldAndTheWriterGoesOnWhenItIsBack() throws Exception {
        var denial =
                new AclBinding(
                        new ResourcePattern(
                                ResourceType.TOPIC, topic("denied"), PatternType.LITERAL),
                        new AccessControlEntry(
                                "User:*", "*", AclOperation.WRITE, AclPermissionType.DENY));
        admin.createAcls(List.of(denial)).all().get();
        insert("denied");
        awaitError("denied", "KAFKA_REFUSED", topic("denied"));
        admin.deleteAcls(List.of(denial.toFilter())).all().get();
        act(service, "denied", "stop");
        act(service, "denied", "start");
        awaitGood("denied");
        assertAllOnce("denied");
    }

    /// A foreign producer takes the writer's transactional id. The writer takes it back, after
    /// `session-timeout` if the cluster told it that it was fenced.
    @Test
    void foreignProducerFencesTheWriterForAWhile() {
        long before = kafka(service, "foreign").path("epoch").asLong();
        AtomicBoolean isOver = new AtomicBoolean();
        var rows =
                CompletableFuture.runAsync(
                        () -> {
                            while (!isOver.get()) {
                                insert("foreign");
                            }
                        });
        try (var other =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                kafka.address(),
                                "transactional.id",
                                PREFIX + ".foreign"),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            other.initTransactions();
            await("the takeover")
                    .atMost(PATIENCE)
                    .until(() -> kafka(service, "foreign").path("epoch").asLong() > before);
        } finally {
            isOver.set(true);
            rows.join();
        }
        awaitGood("foreign");
        assertAllOnce("foreign");
    }

    @Test
    void renamedTableIsWrittenToATopicOfItsNewName() {
        insert("renamed");
        mysql.execute("RENAME TABLE " + table("renamed") + " TO " + table("renamed_too"));
        insert("renamed", table("renamed_too"), "after");
        List<TopicReader.Read> records = assertAllOnce("renamed");
        assertThat(records.stream().map(one -> one.topic() + one.key()))
                .contains(
                        topic("renamed") + "{\"id\":1}",
                        "renamed." + SCHEMA + ".renamed_too{\"id\":2}");
        mysql.execute("RENAME TABLE " + table("renamed_too") + " TO " + table("elsewhere"));
        mysql.execute("INSERT INTO " + table("elsewhere") + " VALUES (9, 'not selected')");
        assertAllOnce("renamed");
        assertThat(kafka(service, "renamed").path("error").isNull()).isTrue();
    }

    /// A topic that goes while rows are written to it: its producer would wait for two minutes.
    @Test
    void topicThatIsDeletedWhileRowsComeIsToldWithinSeconds() throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();
        var rows =
                CompletableFuture.runAsync(
                        () -> {
                            while (!isOver.get()) {
                                insert("busy");
                            }
                        });
        try {
            delete(topic("busy"));
            awaitError("busy", "KAFKA_TOPIC_LOST", topic("busy"));
        } finally {
            isOver.set(true);
            rows.join();
        }
    }

    @Test
    void deletedSourceGoesOnWhenItIsThereAgain() {
        insert("removed");
        assertAllOnce("removed");
        service.delete("/api/configs/sources/removed").expect(204);
        assertThat(service.get("/actuator/health/kafka").body()).contains("removed");
        insert("removed");
        api.addSource("removed", mysql);
        insert("removed");
        awaitGood("removed");
        assertAllOnce("removed");
    }

    /// The other server has none of the transactions that were written.
    @Test
    void addressOfAnotherServerIsToldAndTheOldOneGoesOn() {
        insert("moved");
        assertAllOnce("moved");
        try (TestMySql other = TestMySql.start()) {
            other.execute(
                    "CREATE DATABASE " + SCHEMA,
                    "CREATE TABLE " + table("moved") + " (id INT PRIMARY KEY, v LONGTEXT)",
                    "INSERT INTO " + table("moved") + " VALUES (100, 'of another server')");
            change("moved", other.uri());
            awaitError("moved", "FOREIGN_SERVER", "");
            insert("moved");
            change("moved", "127.0.0.1:" + FreePort.choose());
            // A server that was never reached has not told the names of its files.
            assertThat(kafka(service, "moved").path("position").path("index").asLong())
                    .isPositive();
            change("moved", mysql.uri());
            awaitGood("moved");
            insert("moved");
            assertAllOnce("moved");
        }
    }

    private void change(String source, String uri) {
        api.put(
                        "/api/configs/sources/" + source,
                        Map.of(
                                "config",
                                Map.of(
                                        "driver",
                                        "mysql",
                                        "uri",
                                        uri,
                                        "credential",
                                        Map.of(
                                                "user",
                                                TestMySql.CAPTURE.user(),
                                                "passwd",
                                                TestMySql.CAPTURE.password()),
                                        "max_retries",
                                        2,
                                        "retry_delay_sec",
                                        1)))
                .expect(200);
    }

    /// The topics that all writers share: the list of topics is deleted, and retention instead of
    /// compaction takes the position.
    @Test
    void lostSharedTopicsAreToldUntilThePersonAdoptsTheRows() throws Exception {
        String prefix = "writers-lost";
        createTable("lost");
        Map<String, String> settings =
                new HashMap<>(WriterSettings.of(kafka, mysql, "lost", table("lost")));
        try (LocalService other = LocalService.start(settings)) {
            insert("lost");
            assertAllOnce("lost");
            delete(prefix + ".control");
            awaitError(other, "lost", "KAFKA_TOPIC_LOST", prefix + ".control");
            act(other, "lost", "stop");
            configure(prefix + ".positions", "cleanup.policy", "delete");
            admin.deleteRecords(
                            Map.of(
                                    new TopicPartition(prefix + ".positions", 0),
                                    RecordsToDelete.beforeOffset(-1)))
                    .all()
                    .get();
            act(other, "lost", "start");
            awaitError(other, "lost", "KAFKA_POSITION_MISSING", topic("lost"));
        }
        settings.put("fustor.kafka.sources.lost.adopt-topics", "true");
        settings.put("fustor.kafka.sources.lost.snapshot", "none");
        try (LocalService other = LocalService.start(settings)) {
            awaitGood(other, "lost");
            insert("lost");
            assertAllOnce("lost");
            delete(prefix + ".control");
            insert("lost");
            assertAllOnce("lost");
            awaitGood(other, "lost");
        }
    }

    private void delete(String topic) throws Exception {
        admin.deleteTopics(List.of(topic)).all().get();
    }

    /// The same names at another cluster: neither service knows of the other. A cluster that is not
    /// the one that is meant is told.
    @Test
    void sameSourceAtAnotherClusterIsWrittenThereTooUnlessItsIdIsAnother() {
        TestKafka second = TestKafka.shared();
        createTable("twice");
        Map<String, String> here = WriterSettings.of(kafka, mysql, "twice", SCHEMA + ".twice");
        Map<String, String> there = WriterSettings.of(second, mysql, "twice", SCHEMA + ".twice");
        try (LocalService _ = LocalService.start(here);
                LocalService _ = LocalService.start(there)) {
            for (TestKafka cluster : List.of(kafka, second)) {
                try (TopicReader reader = new TopicReader(cluster, "twice")) {
                    reader.readUntil(all -> !all.isEmpty(), PATIENCE);
                    assertThat(reader.readFor(200)).hasSize(1);
                }
            }
        }
        try (LocalService meant =
                LocalService.start(
                        WriterSettings.with(there, "fustor.kafka.cluster-id", "another"))) {
            awaitError(meant, "twice", "KAFKA_OTHER_CLUSTER", "another");
        }
    }
}
