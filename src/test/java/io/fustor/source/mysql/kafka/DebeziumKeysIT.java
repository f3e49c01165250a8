package io.fustor.source.mysql.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.TestKafka;
import io.fustor.source.mysql.support.TestMySql;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Our records beside those of Debezium's connector on the same rows: keys are the same bytes, from
/// a snapshot and from the binlog, with schemas and without.
class DebeziumKeysIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// A type of a key's column, and the values of its rows.
    private record Key(String type, String... values) {}

    private static final List<Key> KEYS =
            List.of(
                    new Key("TINYINT", "-128", "127"),
                    new Key("TINYINT UNSIGNED", "255"),
                    new Key("BOOLEAN", "TRUE"),
                    new Key("SMALLINT", "-32768"),
                    new Key("SMALLINT UNSIGNED", "65535"),
                    new Key("MEDIUMINT", "-8388608"),
                    new Key("MEDIUMINT UNSIGNED", "16777215"),
                    new Key("INT", "-2147483648", "7"),
                    new Key("INT UNSIGNED", "4294967295"),
                    new Key("BIGINT", "-9223372036854775808", "9223372036854775807"),
                    new Key("BIGINT UNSIGNED", "18446744073709551615", "1"),
                    new Key("DECIMAL(12,2)", "12.3", "-0.05", "0"),
                    new Key("DECIMAL(40,20)", "-12345678901234567890.01"),
                    new Key("FLOAT", "0.1", "1.5", "-2", "1e10", "1e-5"),
                    new Key("DOUBLE", "0.1", "1e300", "3", "1234567.5", "1e7", "0.001"),
                    new Key("BIT(1)", "b'0'", "b'1'"),
                    // In a snapshot's keys, Debezium has the bytes the other way round.
                    new Key("BIT(10)", "b'100000001'"),
                    new Key("YEAR", "1901", "2155"),
                    new Key("DATE", "'2024-02-29'", "'1000-01-01'"),
                    new Key("TIME", "'-838:59:59'", "'12:34:56'"),
                    new Key("TIME(6)", "'-12:34:56.789012'"),
                    new Key("DATETIME", "'2024-02-29 23:59:59'"),
                    new Key("DATETIME(6)", "'1969-12-31 23:59:59.999999'"),
                    new Key("TIMESTAMP", "'2037-12-31 23:59:00'"),
                    new Key("TIMESTAMP(3)", "'2024-02-29 23:59:59.123'"),
                    new Key("CHAR(5)", "'ab'", "''"),
                    new Key("VARCHAR(50) CHARACTER SET latin1", "'Zürich €'"),
                    new Key(
                            "VARCHAR(50) CHARACTER SET utf8mb4",
                            "'😀 \\'x\\''",
                            "'a/b\\\\c\"d'",
                            "CONCAT('t', CHAR(9), CHAR(31), CHAR(127), CHAR(8), CHAR(12))",
                            "'\\u2028 \\n\\r'"),
                    new Key("VARCHAR(50) CHARACTER SET gbk", "'中文'"),
                    new Key("BINARY(4)", "0x01020300"),
                    new Key("VARBINARY(10)", "0x00FF10", "''"),
                    new Key("ENUM('a','b''c','ü')", "'ü'", "'b''c'"),
                    new Key("SET('x','y','z')", "'z,x'", "''"));

    private final TestKafka kafka = TestKafka.shared();
    private final TestMySql mysql = TestMySql.shared();

    private static final String SCHEMA = "kafka_keys";
    private static final String PLAIN = "keys";
    private static final String WRAPPED = "wrapped";

    /// With schemas and without, of the same rows.
    @Test
    void keysAreTheSameBytesAsDebeziums() throws Exception {
        create(SCHEMA);
        insert(SCHEMA);
        Map<String, String> settings =
                new HashMap<>(WriterSettings.of(kafka, mysql, PLAIN, SCHEMA + ".*"));
        settings.putAll(WriterSettings.of(kafka, mysql, WRAPPED, SCHEMA + ".*"));
        settings.put("fustor.kafka.sources." + WRAPPED + ".schemas", "true");
        // A machine that is busy for some seconds must not look like an instance that is gone.
        settings.put("fustor.kafka.session-timeout", "60s");
        try (DebeziumRecords theirs = new DebeziumRecords(mysql, SCHEMA, PLAIN, false);
                DebeziumRecords theirsWrapped = new DebeziumRecords(mysql, SCHEMA, WRAPPED, true);
                LocalService service = LocalService.start(settings);
                TopicReader ours = new TopicReader(kafka, PLAIN);
                TopicReader oursWrapped = new TopicReader(kafka, WRAPPED)) {
            awaitRows(ours, theirs);
            awaitRows(oursWrapped, theirsWrapped);
            change(SCHEMA);
            assertSame(ours, theirs);
            assertSame(oursWrapped, theirsWrapped);
            assertThat(schemaOf(oursWrapped.poll(Duration.ZERO)))
                    .isEqualTo(schemaOf(theirsWrapped.records()));
            // A writer waits for the topics that it makes, and does not begin anew.
            assertThat(service.get("/actuator/prometheus").body())
                    .contains(takeovers(PLAIN), takeovers(WRAPPED));
        }
    }

    private static String takeovers(String source) {
        return "fustor_kafka_takeovers_total{source=\"" + source + "\"} 1.0";
    }

    private static void awaitRows(TopicReader ours, DebeziumRecords theirs) {
        int rows = KEYS.stream().mapToInt(key -> key.values().length).sum() + 2;
        ours.readUntil(all -> all.size() >= rows, PATIENCE);
        await().atMost(PATIENCE).until(() -> theirs.records().size() >= rows);
    }

    private static void assertSame(TopicReader ours, DebeziumRecords theirs) {
        await().atMost(PATIENCE).until(() -> hasMark(theirs.records()));
        ours.readUntil(one -> hasMark(one), PATIENCE);
        List<TopicReader.Read> came = ours.readWhatIsThere(PATIENCE);
        assertThat(keys(came)).isEqualTo(keys(theirs.records()));
        assertThat(otherKeys(came)).isEqualTo(otherKeys(theirs.records())).isNotEmpty();
        assertThat(operations(came)).isEqualTo(operations(theirs.records()));
    }

    private void create(String schema) {
        List<String> statements = new ArrayList<>();
        statements.add("CREATE DATABASE " + schema);
        for (int i = 0; i < KEYS.size(); i++) {
            statements.add(
                    "CREATE TABLE %s.k%d (v INT, k %s, PRIMARY KEY (k))"
                            .formatted(schema, i, KEYS.get(i).type()));
        }
        statements.add(
                "CREATE TABLE %s.composite (a INT, b VARCHAR(9), c INT, PRIMARY KEY (b, a))"
                        .formatted(schema));
        statements.add(
                "CREATE TABLE %s.uniquely (x INT, u INT NOT NULL, v INT NOT NULL, UNIQUE (v, u))"
                        .formatted(schema));
        statements.add(
                """
                CREATE TABLE %s.valued (a TINYINT NOT NULL, b INT UNSIGNED, c FLOAT, d DOUBLE,
                e DECIMAL(10,2), f BIT(1), g BIT(9), h YEAR, i DATE, j TIME, k DATETIME,
                l DATETIME(6), m TIMESTAMP NULL, n VARCHAR(5), o ENUM('x','y'), p SET('x','z'),
                q JSON, t BLOB, u BIGINT UNSIGNED, v MEDIUMINT, w BIGINT, x SMALLINT UNSIGNED,
                y MEDIUMINT UNSIGNED, z BOOLEAN, PRIMARY KEY (a))\
                """
                        .formatted(schema));
        statements.add("CREATE TABLE %s.mark (id INT PRIMARY KEY)".formatted(schema));
        mysql.execute(statements.toArray(String[]::new));
    }

    private void insert(String schema) {
        List<String> statements = new ArrayList<>();
        statements.add("SET NAMES utf8mb4");
        for (int i = 0; i < KEYS.size(); i++) {
            for (String value : KEYS.get(i).values()) {
                statements.add("INSERT INTO %s.k%d VALUES (1, %s)".formatted(schema, i, value));
            }
        }
        statements.add("INSERT INTO %s.composite VALUES (1, 'x', 2)".formatted(schema));
        statements.add("INSERT INTO %s.uniquely VALUES (1, 2, 3)".formatted(schema));
        mysql.execute(statements.toArray(String[]::new));
    }

    private void change(String schema) {
        List<String> statements = new ArrayList<>();
        for (int i = 0; i < KEYS.size(); i++) {
            statements.add("UPDATE %s.k%d SET v = 2".formatted(schema, i));
            statements.add("DELETE FROM %s.k%d".formatted(schema, i));
        }
        statements.add("UPDATE %s.composite SET a = 9".formatted(schema));
        statements.add("UPDATE %s.composite SET c = 9".formatted(schema));
        statements.add("DELETE FROM %s.composite".formatted(schema));
        statements.add("UPDATE %s.uniquely SET u = 9".formatted(schema));
        statements.add("DELETE FROM %s.uniquely".formatted(schema));
        statements.add("INSERT INTO %s.valued (a) VALUES (1)".formatted(schema));
        mysql.execute(statements.toArray(String[]::new));
        insert(schema);
        mysql.execute("INSERT INTO %s.mark VALUES (1)".formatted(schema));
    }

    private static boolean hasMark(List<TopicReader.Read> records) {
        return !records.isEmpty()
                && records.stream().anyMatch(one -> one.topic().endsWith(".mark"));
    }

    private static Map<String, List<String>> keys(List<TopicReader.Read> records) {
        Map<String, List<String>> keys = new TreeMap<>();
        records.forEach(
                one ->
                        keys.computeIfAbsent(one.topic(), _ -> new ArrayList<>())
                                .add(String.valueOf(one.key())));
        // Partitions are read in any order.
        keys.values().forEach(all -> all.sort(null));
        return keys;
    }

    private static List<String> otherKeys(List<TopicReader.Read> records) {
        return records.stream()
                .flatMap(one -> one.headers().entrySet().stream())
                .filter(
                        header ->
                                header.getKey().equals("__debezium.newkey")
                                        || header.getKey().equals("__debezium.oldkey"))
                .map(header -> header.getKey() + header.getValue())
                .sorted()
                .toList();
    }

    /// For each key, in order.
    private static Map<String, List<String>> operations(List<TopicReader.Read> records) {
        Map<String, List<String>> operations = new TreeMap<>();
        for (TopicReader.Read one : records) {
            String kind = one.value() == null ? "tombstone" : operation(one);
            operations
                    .computeIfAbsent(one.topic() + " " + one.key(), _ -> new ArrayList<>())
                    .add(kind);
        }
        return operations;
    }

    private static String operation(TopicReader.Read one) {
        var json = one.json();
        return (json.has("payload") ? json.path("payload") : json).path("op").asString();
    }

    private static String schemaOf(List<TopicReader.Read> records) {
        return records.stream()
                .filter(one -> one.topic().endsWith(".valued"))
                .findFirst()
                .orElseThrow()
                .json()
                .path("schema")
                .toString();
    }
}
