package io.fustor.source.mysql.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestKafka;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// One writer against a real broker. Long form, with one transaction of 1 GB: `-Dlong=kafka`.
@Tag("kafka")
class KafkaWriterIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration LONG_PATIENCE = Duration.ofMinutes(10);

    private final TestKafka kafka = TestKafka.shared();
    private final TestMySql mysql = TestMySql.shared();

    @Test
    void foldedTopicsAreTheTables() throws Exception {
        Traffic traffic = new Traffic(mysql, "kafka_fold", 1);
        traffic.run(4, 2_000, 100);
        var settings = WriterSettings.of(kafka, mysql, "fold", "kafka_fold.*");
        try (LocalService _ = LocalService.start(settings);
                TopicReader reader = new TopicReader(kafka, "fold")) {
            reader.readUntil(all -> all.size() > 100, PATIENCE);
            traffic.run(4, 5_000, 200);
            traffic.end();
            List<TopicReader.Read> records = reader.readToTheEnd(PATIENCE);
            FoldedTopics.of(records).assertHolds(mysql, "fold", "kafka_fold", Traffic.TABLES);
            assertThat(records).anyMatch(one -> one.operation().equals("r"));
            assertThat(records).anyMatch(one -> one.operation().equals("u"));
            assertThat(records).anyMatch(TopicReader.Read::isTombstone);
        }
    }

    /// Columns come, go and change their place while rows are written.
    @Test
    void alteredTablesKeepTheirRows() throws Exception {
        mysql.execute(
                "CREATE DATABASE kafka_altered",
                "CREATE TABLE kafka_altered.t (id INT PRIMARY KEY, a VARCHAR(20))",
                "INSERT INTO kafka_altered.t VALUES (1, 'one')");
        var settings = WriterSettings.of(kafka, mysql, "altered", "kafka_altered.*");
        try (LocalService _ = LocalService.start(settings);
                TopicReader reader = new TopicReader(kafka, "altered")) {
            reader.readUntil(all -> !all.isEmpty(), PATIENCE);
            mysql.execute(
                    "USE kafka_altered",
                    "INSERT INTO t VALUES (2, 'two')",
                    "ALTER TABLE t ADD COLUMN b INT NOT NULL DEFAULT 7 FIRST",
                    "UPDATE t SET a = 'new' WHERE id = 1",
                    "ALTER TABLE t DROP COLUMN a, ADD COLUMN k INT NOT NULL DEFAULT 0",
                    "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (k, id)",
                    "INSERT INTO t (id, k) VALUES (3, 4)");
            List<TopicReader.Read> records = reader.readUntil(all -> all.size() >= 4, PATIENCE);
            assertThat(records.stream().map(one -> one.key() + after(one)))
                    .containsExactlyInAnyOrder(
                            "{\"id\":1}{\"id\":1,\"a\":\"one\"}",
                            "{\"id\":2}{\"id\":2,\"a\":\"two\"}",
                            "{\"id\":1}{\"b\":7,\"id\":1,\"a\":\"new\"}",
                            "{\"k\":4,\"id\":3}{\"b\":7,\"id\":3,\"k\":4}");
        }
    }

    private static String after(TopicReader.Read record) {
        return record.json().path("after").toString();
    }

    /// Masks, conditions and the selection of columns are those of a subscriber; a truncation comes
    /// in every partition.
    @Test
    void masksConditionsAndTruncationsApply() throws Exception {
        mysql.execute(
                "CREATE DATABASE kafka_masked",
                "CREATE TABLE kafka_masked.t (id INT PRIMARY KEY, secret VARCHAR(20), v INT,"
                        + " note VARCHAR(20) DEFAULT 'hidden too')",
                "INSERT INTO kafka_masked.t (id, secret, v)"
                        + " VALUES (1, 'hidden', 1), (2, 'hidden', 20)");
        var settings = WriterSettings.of(kafka, mysql, "masked", "kafka_masked.*");
        settings.put("fustor.sources.masked.masks[kafka_masked.t.secret]", "null");
        settings.put("fustor.kafka.sources.masked.where[0]", "kafka_masked.t: v >= 10");
        settings.put("fustor.kafka.sources.masked.without", "*.*.note,*.*.id");
        settings.put("fustor.kafka.sources.masked.tombstones", "false");
        try (LocalService _ = LocalService.start(settings);
                TopicReader reader = new TopicReader(kafka, "masked")) {
            reader.readUntil(all -> !all.isEmpty(), PATIENCE);
            mysql.execute(
                    "USE kafka_masked",
                    "UPDATE t SET v = 30 WHERE id = 1",
                    "UPDATE t SET v = 5 WHERE id = 2",
                    "DELETE FROM t WHERE id = 1",
                    "INSERT INTO t (id, secret, v) VALUES (4, 'hidden', 4)",
                    "TRUNCATE TABLE t");
            List<TopicReader.Read> records = reader.readUntil(all -> all.size() >= 7, PATIENCE);
            assertThat(records.stream().map(one -> one.operation() + one.key()).sorted())
                    .containsExactly(
                            "c{\"id\":1}",
                            "d{\"id\":1}",
                            "d{\"id\":2}",
                            "r{\"id\":2}",
                            "tnull",
                            "tnull",
                            "tnull");
            assertThat(records)
                    .noneMatch(one -> String.valueOf(one.value()).matches(".*(hidden|note).*"));
            // A key is whole all the same.
            assertThat(records).allMatch(one -> one.json().at("/after/id").isMissingNode());
        }
    }

    /// Streams may end over minutes when an instance stops. Another one writes its sources long
    /// before.
    @Test
    void instanceThatDrainsItsStreamsHandsItsSourcesOverFirst() {
        mysql.execute(
                "CREATE DATABASE kafka_drained",
                "CREATE TABLE kafka_drained.t (id INT PRIMARY KEY)",
                "INSERT INTO kafka_drained.t VALUES (1)");
        var settings = WriterSettings.of(kafka, mysql, "drained", "kafka_drained.*");
        settings.put("fustor.web.drain", "120s");
        LocalService first =
                LocalService.start(WriterSettings.with(settings, "fustor.agent-id", "one"));
        awaitWriting(first);
        settings.put("fustor.web.drain", "0s");
        try (LocalService second =
                        LocalService.start(
                                WriterSettings.with(settings, "fustor.agent-id", "two"));
                TopicReader reader = new TopicReader(kafka, "drained");
                var client =
                        new ServiceApi(URI.create("http://127.0.0.1:" + first.port()))
                                .feed("drained")
                                .open()) {
            assertThat(client.hello()).isNotEmpty();
            var closing = CompletableFuture.runAsync(first::close);
            awaitWriting(second);
            mysql.execute("INSERT INTO kafka_drained.t VALUES (2)");
            reader.readUntil(all -> all.size() >= 2, PATIENCE);
            assertThat(reader.readFor(300)).hasSize(2);
            closing.join();
        }
    }

    private static void awaitWriting(LocalService service) {
        await().atMost(Duration.ofSeconds(45))
                .until(
                        () ->
                                service.get("/api/sources/drained")
                                        .json()
                                        .path("kafka")
                                        .path("position")
                                        .isObject());
    }

    /// One transaction of MySQL becomes many of Kafka, which end between rows.
    @Test
    void largeTransactionIsSplitBetweenRows() throws Exception {
        int megabytes = Integer.getInteger("kafka.large-megabytes", 8);
        mysql.execute(
                "CREATE DATABASE kafka_large",
                "CREATE TABLE kafka_large.t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(4000))",
                "CREATE TABLE kafka_large.mark (id INT PRIMARY KEY)");
        var settings = WriterSettings.of(kafka, mysql, "large", "kafka_large.*");
        settings.put("fustor.kafka.sources.large.snapshot", "none");
        settings.put("fustor.kafka.transaction-size", "1MB");
        try (LocalService service = LocalService.start(settings);
                TopicReader reader = new TopicReader(kafka, "large")) {
            await().atMost(PATIENCE)
                    .until(
                            () ->
                                    service.get("/api/sources/large")
                                            .json()
                                            .path("kafka")
                                            .path("position")
                                            .isObject());
            mysql.execute(
                    "SET SESSION cte_max_recursion_depth = 10000000",
                    """
                    INSERT INTO kafka_large.t (v) WITH RECURSIVE n (i) AS
                        (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
                    SELECT REPEAT(CHAR(97 + i %% 26), 2000) FROM n"""
                            .formatted(megabytes * 500),
                    "INSERT INTO kafka_large.mark VALUES (1)");
            List<TopicReader.Read> records =
                    reader.readUntil(
                            all -> !all.isEmpty() && all.size() > megabytes * 500, LONG_PATIENCE);
            ComparedTopics.assertSame(BinlogRows.of(mysql, "kafka_large"), records);
            double commits = commits(service);
            assertThat(commits).isGreaterThan(megabytes * 0.9);
        }
    }

    private static double commits(LocalService service) {
        return service.get("/actuator/prometheus")
                .body()
                .lines()
                .filter(line -> line.startsWith("fustor_kafka_commits_seconds_count"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                .sum();
    }
}
