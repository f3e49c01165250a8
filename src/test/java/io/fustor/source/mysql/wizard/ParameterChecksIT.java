package io.fustor.source.mysql.wizard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fustor.source.mysql.server.ServerSession;
import io.fustor.source.mysql.source.Check;
import io.fustor.source.mysql.source.CheckReport;
import io.fustor.source.mysql.support.TestMySql;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Each setting wrong in turn on real servers: exactly its check changes, and its fix, pasted, sets
/// it right.
class ParameterChecksIT {

    private static final String NOTHING = "no_schema.no_table";

    enum Kind {
        MYSQL_80,
        MYSQL_97,
        MARIADB
    }

    private static final Set<Kind> ALL = Set.of(Kind.values());
    private static final Set<Kind> MYSQL = Set.of(Kind.MYSQL_80, Kind.MYSQL_97);

    private static final Map<Kind, TestMySql> SERVERS = new TreeMap<>();

    @BeforeAll
    static void start() {
        for (var kind : Kind.values()) {
            SERVERS.put(kind, start(kind));
        }
    }

    private static TestMySql start(Kind kind, String... options) {
        return switch (kind) {
            case MYSQL_80 -> TestMySql.start(options);
            case MYSQL_97 -> TestMySql.start97(options);
            case MARIADB -> {
                var all = Stream.concat(Stream.of("--log-slave-updates"), Arrays.stream(options));
                yield TestMySql.startMariaDb(all.toArray(String[]::new));
            }
        };
    }

    @AfterAll
    static void stop() {
        SERVERS.values().forEach(TestMySql::close);
    }

    @ParameterizedTest
    @EnumSource
    void wellConfiguredServerPasses(Kind kind) {
        var report = TestServers.checkParameters(SERVERS.get(kind), NOTHING);

        assertThat(TestServers.failed(report)).isEmpty();
        assertThat(report.success()).isTrue();
        assertThat(report.message()).isEqualTo("12 checks passed.");
        assertThat(report.checks()).allSatisfy(check -> assertThat(check.fix()).isNull());
    }

    static Stream<Arguments> variables() {
        return Stream.of(
                arguments("binlog_format", "'MIXED'", "'ROW'", ALL),
                arguments("binlog_format", "'STATEMENT'", "'ROW'", ALL),
                arguments("binlog_row_image", "'MINIMAL'", "'FULL'", ALL),
                arguments("binlog_row_metadata", "'MINIMAL'", "'FULL'", ALL),
                arguments("server_id", "0", "1", MYSQL),
                arguments("binlog_row_value_options", "'PARTIAL_JSON'", "''", MYSQL),
                arguments("binlog_expire_logs_seconds", "3600", "2592000", ALL));
    }

    @ParameterizedTest
    @MethodSource("variables")
    void variableThatIsWrongFailsItsCheckOnlyAndItsFixMendsIt(
            String variable, String wrong, String right, Set<Kind> kinds) {
        for (var kind : kinds) {
            var server = SERVERS.get(kind);
            var before = TestServers.checkParameters(server, NOTHING);
            server.execute("SET GLOBAL " + variable + " = " + wrong);
            try {
                var report = TestServers.checkParameters(server, NOTHING);
                var name =
                        variable.equals("binlog_expire_logs_seconds")
                                ? "binlog_retention"
                                : variable;
                assertThat(changed(before, report)).as(kind + " " + variable).containsExactly(name);
                var check = TestServers.check(report, name);
                assertThat(check.passed()).isFalse();
                assertThat(report.success()).isEqualTo(!check.required());
                assertThat(report.message()).contains(name).contains(check.fix());
                assertThat(check.fix())
                        .startsWith(kind == Kind.MARIADB ? "SET GLOBAL " : "SET PERSIST ");

                run(server, check.fix());
                assertThat(TestServers.failed(TestServers.checkParameters(server, NOTHING)))
                        .isEmpty();
            } finally {
                server.execute("SET GLOBAL " + variable + " = " + right);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MYSQL_80", "MYSQL_97"})
    void gtidsComeStepByStep(Kind kind) {
        try (var server = start(kind, "--gtid-mode=OFF", "--enforce-gtid-consistency=OFF")) {
            var report = TestServers.checkParameters(server, NOTHING);

            assertThat(TestServers.failed(report)).containsExactly("gtid_mode");
            assertThat(report.success()).isTrue();
            run(server, TestServers.check(report, "gtid_mode").fix());
            assertThat(TestServers.failed(TestServers.checkParameters(server, NOTHING))).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void missingBinlogFailsItsCheckAndARestartWithTheOptionsOfTheFixWritesOne(Kind kind) {
        try (var server = start(kind, "--skip-log-bin")) {
            var report = TestServers.checkParameters(server, NOTHING);

            assertThat(TestServers.failed(report)).containsExactly("log_bin");
            assertThat(report.success()).isFalse();
            server.stop();
            server.startAgain(options(TestServers.check(report, "log_bin").fix()));
            assertThat(TestServers.failed(TestServers.checkParameters(server, NOTHING))).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void replicaThatKeepsCopiesToItselfFails(Kind kind) {
        try (var server =
                start(
                        kind,
                        "--skip-log-slave-updates",
                        kind == Kind.MARIADB ? "--relay-log=r" : "--skip-replica-start=ON")) {
            assertThat(TestServers.failed(TestServers.checkParameters(server, NOTHING))).isEmpty();
            server.execute(
                    kind == Kind.MARIADB
                            ? "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=1, MASTER_USER='x'"
                            : "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=1, SOURCE_USER='x'");
            var report = TestServers.checkParameters(server, NOTHING);

            assertThat(TestServers.failed(report)).containsExactly("log_replica_updates");
            assertThat(report.success()).isTrue();
            server.stop();
            server.startAgain(options(TestServers.check(report, "log_replica_updates").fix()));
            assertThat(TestServers.failed(TestServers.checkParameters(server, NOTHING))).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void filterOfTheBinlogIsNamed(Kind kind) {
        try (var server = start(kind, "--binlog-do-db=shop", "--binlog-ignore-db=other")) {
            var report = TestServers.checkParameters(server, NOTHING);

            assertThat(TestServers.failed(report)).containsExactly("binlog_filters");
            assertThat(TestServers.check(report, "binlog_filters").actual())
                    .isEqualTo("binlog-do-db=shop binlog-ignore-db=other");
        }
    }

    @ParameterizedTest
    @EnumSource
    void tableWithoutAKeyIsNamedAndTheFixGivesItOne(Kind kind) {
        var server = SERVERS.get(kind);
        server.execute(
                "DROP DATABASE IF EXISTS `key``s`",
                "CREATE DATABASE `key``s`",
                "CREATE TABLE `key``s`.`with` (id INT PRIMARY KEY)",
                "CREATE TABLE `key``s`.uniq (id INT NOT NULL UNIQUE)",
                "CREATE TABLE `key``s`.`no``key` (id INT)",
                "CREATE TABLE `key``s`.nullable (id INT NOT NULL, n INT, UNIQUE (id, n))",
                "CREATE VIEW `key``s`.v AS SELECT 1 AS one");
        var report = TestServers.checkParameters(server, "`key``s`.*");

        assertThat(TestServers.failed(report)).containsExactly("table_keys");
        assertThat(report.success()).isTrue();
        var check = TestServers.check(report, "table_keys");
        assertThat(check.actual()).isEqualTo("key`s.no`key, key`s.nullable");
        run(server, check.fix());
        assertThat(TestServers.failed(TestServers.checkParameters(server, "`key``s`.*"))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void cascadingForeignKeyIsNamedWhereTheBinlogMissesIt(Kind kind) {
        var server = SERVERS.get(kind);
        server.execute(
                "DROP DATABASE IF EXISTS cascades",
                "CREATE DATABASE cascades",
                "CREATE TABLE cascades.parent (id INT PRIMARY KEY)",
                "CREATE TABLE cascades.plain (id INT PRIMARY KEY, p INT, CONSTRAINT plain FOREIGN KEY (p) REFERENCES cascades.parent (id))",
                "CREATE TABLE cascades.child (id INT PRIMARY KEY, p INT, CONSTRAINT `c``k` FOREIGN KEY (p) REFERENCES cascades.parent (id) ON DELETE CASCADE ON UPDATE SET NULL)");
        var report = TestServers.checkParameters(server, "cascades.*");

        if (kind == Kind.MYSQL_97) {
            assertThat(TestServers.failed(report)).isEmpty();
            assertThat(TestServers.check(report, "foreign_key_cascades").actual())
                    .isEqualTo("not applicable");
            return;
        }
        assertThat(TestServers.failed(report)).containsExactly("foreign_key_cascades");
        var check = TestServers.check(report, "foreign_key_cascades");
        assertThat(check.actual())
                .isEqualTo("cascades.child (c`k: ON DELETE CASCADE ON UPDATE SET NULL)");
        run(server, check.fix());
        assertThat(TestServers.failed(TestServers.checkParameters(server, "cascades.*"))).isEmpty();
    }

    @Test
    void whatMariaDbLacksIsNotApplicable() {
        var report = TestServers.checkParameters(SERVERS.get(Kind.MARIADB), NOTHING);

        for (var name : List.of("gtid_mode", "binlog_row_value_options")) {
            assertThat(TestServers.check(report, name).actual()).isEqualTo("not applicable");
            assertThat(TestServers.check(report, name).passed()).isTrue();
        }
    }

    @Test
    void saysWhatTheAdministratorMayNotSee() {
        var server = SERVERS.get(Kind.MYSQL_80);
        try (var session =
                ServerSession.open(
                        TestServers.access(
                                server, TestMySql.READER.user(), TestMySql.READER.password()),
                        Duration.ofSeconds(20))) {
            var checks =
                    ParameterChecks.run(
                            session,
                            DriverParams.of(Map.of("tables", NOTHING)).tables(),
                            TestServers.english());
            assertThat(checks.stream().filter(check -> !check.passed()).map(Check::actual))
                    .containsOnly("hidden from this administrator");
        }
    }

    private static List<String> changed(CheckReport before, CheckReport after) {
        return after.checks().stream()
                .filter(check -> !before.checks().contains(check))
                .map(Check::name)
                .toList();
    }

    /// Runs a fix as it is pasted: one line, as it stands.
    private static void run(TestMySql server, String fix) {
        assertThat(fix).doesNotContain("\n").doesNotContain("--");
        var url =
                "jdbc:mysql://"
                        + server.uri()
                        + "/?allowMultiQueries=true&sslMode=DISABLED&allowPublicKeyRetrieval=true";
        try (var connection = DriverManager.getConnection(url, server.user(), server.password());
                var statement = connection.createStatement()) {
            statement.execute(fix);
            while (statement.getMoreResults() || statement.getUpdateCount() >= 0) {
                // Each statement's failure comes with its own result.
            }
        } catch (SQLException e) {
            throw new IllegalStateException(fix + ": " + e.getMessage(), e);
        }
    }

    /// The options that a fix tells to start the server with.
    private static String[] options(String fix) {
        var text = "Restart the server with ";
        assertThat(fix).startsWith(text);
        return fix.substring(text.length()).split(" ");
    }
}
