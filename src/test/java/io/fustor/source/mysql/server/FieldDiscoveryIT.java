package io.fustor.source.mysql.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.connection.ConnectionProperties;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.connection.TlsMode;
import io.fustor.source.mysql.support.TestMySql;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FieldDiscoveryIT {

    private static final TestMySql MYSQL = TestMySql.shared();

    private static JsonNode properties;

    @BeforeAll
    static void discover() {
        MYSQL.execute(
                "DROP DATABASE IF EXISTS `fields it`",
                "CREATE DATABASE `fields it`",
                """
                CREATE TABLE `fields it`.`t` (
                    `name` VARCHAR(20) COMMENT 'what it''s \\"called\\"',
                    id BIGINT UNSIGNED NOT NULL,
                    region CHAR(2) NOT NULL,
                    price DECIMAL(12,2) UNSIGNED,
                    flag TINYINT(1), bits BIT(9), born DATE, made TIMESTAMP(3) NULL, at DATETIME,
                    data BLOB, doc JSON, spot POINT, ratio DOUBLE,
                    kind ENUM('a','b'),
                    PRIMARY KEY (region, id))
                """,
                "CREATE VIEW `fields it`.v AS SELECT id FROM `fields it`.t",
                "CREATE TABLE `fields it`.keyless (`a.b` INT)",
                "CREATE TABLE `fields it`.wide ("
                        + IntStream.range(0, 1000)
                                .mapToObj(i -> "c" + i + " INT")
                                .collect(Collectors.joining(","))
                        + ")");
        var json = new ByteArrayOutputStream();
        var found =
                FieldDiscovery.read(
                        new ServerAccess(
                                ServerAddress.parse(MYSQL.uri()),
                                new Credential(MYSQL.user(), MYSQL.password()),
                                new ConnectionProperties(
                                        Duration.ofSeconds(10),
                                        Duration.ofSeconds(60),
                                        TlsMode.PREFERRED,
                                        null,
                                        "")),
                        json);
        properties = JsonMapper.shared().readTree(json.toByteArray()).path("properties");
        assertThat(found.columns()).isEqualTo(properties.size());
        assertThat(found.tables()).isGreaterThanOrEqualTo(3);
    }

    @Test
    void describesAColumn() {
        var price = column("price");

        assertThat(price.path("type").asString()).isEqualTo("number");
        assertThat(price.path("column_index").asInt()).isEqualTo(3);
        assertThat(price.path("mysql_type").asString()).isEqualTo("decimal(12,2) unsigned");
        assertThat(price.path("nullable").asBoolean()).isTrue();
        assertThat(price.path("primary_key").isNull()).isTrue();
        assertThat(price.has("comment")).isFalse();
        assertThat(price.has("format")).isFalse();
    }

    @Test
    void numbersTheColumnsOfThePrimaryKey() {
        assertThat(column("region").path("primary_key").asInt()).isEqualTo(1);
        assertThat(column("id").path("primary_key").asInt()).isEqualTo(2);
        assertThat(column("id").path("nullable").asBoolean()).isFalse();
    }

    @Test
    void namesTypesAsTheFeedWritesThem() {
        assertThat(type("name")).isEqualTo("string");
        assertThat(type("id")).isEqualTo("integer");
        assertThat(type("flag")).isEqualTo("integer");
        assertThat(type("bits")).isEqualTo("integer");
        assertThat(type("born")).isEqualTo("string/date");
        assertThat(type("made")).isEqualTo("string/date-time");
        assertThat(type("at")).isEqualTo("string");
        assertThat(type("data")).isEqualTo("string/byte");
        assertThat(type("doc")).isEqualTo("object");
        assertThat(type("spot")).isEqualTo("object");
        assertThat(type("ratio")).isEqualTo("number");
        assertThat(type("kind")).isEqualTo("string");
    }

    @Test
    void keepsCommentsAndOddNames() {
        assertThat(column("name").path("comment").asString()).isEqualTo("what it's \"called\"");
        assertThat(properties.has("fields it.keyless.a.b")).isTrue();
    }

    @Test
    void leavesViewsAndSystemSchemasOut() {
        assertThat(properties.has("fields it.v.id")).isFalse();
        assertThat(properties.propertyNames())
                .noneMatch(
                        name ->
                                name.startsWith("mysql.")
                                        || name.startsWith("sys.")
                                        || name.startsWith("performance_schema.")
                                        || name.startsWith("information_schema."));
    }

    @Test
    void keepsTheOrderOfColumns() {
        var wide =
                properties.propertyNames().stream()
                        .filter(name -> name.startsWith("fields it.wide."))
                        .toList();

        assertThat(wide).hasSize(1000).startsWith("fields it.wide.c0", "fields it.wide.c1");
    }

    private static JsonNode column(String name) {
        return properties.path("fields it.t." + name);
    }

    private static String type(String name) {
        var column = column(name);
        var format = column.path("format").asString("");
        return column.path("type").asString() + (format.isEmpty() ? "" : "/" + format);
    }
}
