package io.fustor.source.mysql.wizard;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.source.CheckReport;
import io.fustor.source.mysql.support.TestMySql;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What users of all kinds may do, on real servers.
class PrivilegeChecksIT {

    private static final String PASSWORD = "A-long-Passw0rd!";
    private static final String REPLICATION = "REPLICATION SLAVE, REPLICATION CLIENT";
    private static final Map<String, Object> SHOP = Map.of("tables", "shop.*");

    enum Kind {
        MYSQL_80,
        MYSQL_97,
        MARIADB
    }

    private static final Map<Kind, TestMySql> SERVERS = new TreeMap<>();

    @BeforeAll
    static void start() {
        SERVERS.put(Kind.MYSQL_80, TestMySql.start());
        SERVERS.put(Kind.MYSQL_97, TestMySql.start97());
        SERVERS.put(Kind.MARIADB, TestMySql.startMariaDb());
        SERVERS.values()
                .forEach(
                        server ->
                                server.execute(
                                        "CREATE DATABASE shop",
                                        "CREATE TABLE shop.orders (id INT PRIMARY KEY, note TEXT)",
                                        "INSERT INTO shop.orders VALUES (1, 'x')",
                                        "CREATE TABLE shop.`odd``, name` (id INT PRIMARY KEY)",
                                        "CREATE VIEW shop.v AS SELECT 1 AS one",
                                        "CREATE DATABASE sh_p",
                                        "CREATE TABLE sh_p.t (id INT PRIMARY KEY)",
                                        "CREATE DATABASE other",
                                        "CREATE TABLE other.t (id INT PRIMARY KEY)"));
    }

    @AfterAll
    static void stop() {
        SERVERS.values().forEach(TestMySql::close);
    }

    @BeforeEach
    void forgetUsers() {
        SERVERS.values()
                .forEach(
                        server ->
                                server.execute(
                                        "DROP USER IF EXISTS 'u'@'%', 'u'@'127.0.0.1', 'u'@'127.%'",
                                        "DROP ROLE IF EXISTS capturing, outer_role"));
    }

    private static TestMySql with(Kind kind, String... statements) {
        var server = SERVERS.get(kind);
        server.execute("CREATE USER 'u'@'%' IDENTIFIED BY '" + PASSWORD + "'");
        server.execute(statements);
        return server;
    }

    private static CheckReport check(TestMySql server, Map<String, Object> params) {
        return TestServers.checkPrivileges(server, "u", PASSWORD, params);
    }

    @ParameterizedTest
    @EnumSource
    void userWithoutAnyPrivilegeFailsEachCheck(Kind kind) {
        var report = check(with(kind), Map.of());

        assertThat(report.success()).isFalse();
        assertThat(TestServers.failed(report))
                .containsExactly(
                        "replication_slave",
                        "replication_client",
                        "select",
                        "replication_event",
                        "table_rows");
    }

    @ParameterizedTest
    @EnumSource
    void missingPrivilegesAreToldAtOnceWithTheOneStatementThatGrantsThem(Kind kind) {
        var server = with(kind);
        var report = check(server, Map.of("allow_brief_lock", true));

        var grant =
                "GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT, RELOAD ON *.* TO 'u'@'%';";
        for (var name :
                List.of("replication_slave", "replication_client", "select", "brief_lock")) {
            assertThat(TestServers.check(report, name).fix()).isEqualTo(grant);
        }
        var required = report.message().split(" \\|\\| ")[0];
        assertThat(required)
                .contains("replication_slave is missing", "replication_client is missing")
                .endsWith("Fix: " + grant)
                .containsOnlyOnce("GRANT")
                .doesNotContain("SUPER");
        server.execute(grant);
        assertThat(TestServers.failed(check(server, Map.of("allow_brief_lock", true)))).isEmpty();
        forgetUsers();
        var noSlave = check(with(kind, "GRANT REPLICATION CLIENT, SELECT ON *.* TO 'u'@'%'"), SHOP);
        assertThat(TestServers.check(noSlave, "replication_slave").fix())
                .isEqualTo("GRANT REPLICATION SLAVE ON *.* TO 'u'@'%';");
    }

    @ParameterizedTest
    @EnumSource
    void globalGrantsPassAndTheProofReadsAnEventAndRows(Kind kind) {
        var report =
                check(with(kind, "GRANT " + REPLICATION + ", SELECT ON *.* TO 'u'@'%'"), Map.of());

        assertThat(TestServers.failed(report)).isEmpty();
        assertThat(report.success()).isTrue();
        assertThat(TestServers.check(report, "replication_event").actual())
                .startsWith("read an event of binlog.");
        assertThat(TestServers.check(report, "table_rows").actual())
                .isEqualTo("4 of 4 tables read");
    }

    @ParameterizedTest
    @EnumSource
    void everythingGrantedAtOncePasses(Kind kind) {
        var report = check(with(kind, "GRANT ALL ON *.* TO 'u'@'%'"), Map.of());

        assertThat(TestServers.failed(report)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void eachMissingPrivilegeFailsItsChecks(Kind kind) {
        var noSlave = check(with(kind, "GRANT REPLICATION CLIENT, SELECT ON *.* TO 'u'@'%'"), SHOP);
        assertThat(TestServers.failed(noSlave))
                .containsExactly("replication_slave", "replication_event");
        forgetUsers();
        var noSelect = check(with(kind, "GRANT " + REPLICATION + " ON *.* TO 'u'@'%'"), SHOP);
        assertThat(TestServers.failed(noSelect)).containsExactly("select", "table_rows");
        forgetUsers();
        var noClient = check(with(kind, "GRANT REPLICATION SLAVE, SELECT ON *.* TO 'u'@'%'"), SHOP);
        assertThat(TestServers.failed(noClient))
                .containsExactly("replication_client", "replication_event");
    }

    @ParameterizedTest
    @EnumSource
    void schemaLevelGrantIsEnoughForItsTables(Kind kind) {
        var server =
                with(
                        kind,
                        "GRANT " + REPLICATION + " ON *.* TO 'u'@'%'",
                        "GRANT SELECT ON shop.* TO 'u'@'%'");

        assertThat(TestServers.failed(check(server, SHOP))).isEmpty();
        var everything = check(server, Map.of());
        assertThat(TestServers.failed(everything)).containsExactly("select", "table_rows");
        assertThat(TestServers.check(everything, "select").actual())
                .isEqualTo("missing on other.t, sh_p.t");
    }

    @ParameterizedTest
    @EnumSource
    void wildcardsInASchemasNameMeanWhatTheyMeanToTheServer(Kind kind) {
        var server =
                with(
                        kind,
                        "GRANT " + REPLICATION + " ON *.* TO 'u'@'%'",
                        "GRANT SELECT ON `sh_p`.* TO 'u'@'%'");
        assertThat(TestServers.failed(check(server, SHOP))).isEmpty();
        assertThat(TestServers.failed(check(server, Map.of("tables", "sh_p.*")))).isEmpty();

        forgetUsers();
        with(
                kind,
                "GRANT " + REPLICATION + " ON *.* TO 'u'@'%'",
                "GRANT SELECT ON `sh\\_p`.* TO 'u'@'%'");
        assertThat(TestServers.failed(check(server, SHOP))).containsExactly("select", "table_rows");
        assertThat(TestServers.failed(check(server, Map.of("tables", "sh_p.*")))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void tableLevelGrantIsEnoughForItsTable(Kind kind) {
        var server =
                with(
                        kind,
                        "GRANT " + REPLICATION + " ON *.* TO 'u'@'%'",
                        "GRANT SELECT ON shop.orders TO 'u'@'%'");

        assertThat(TestServers.failed(check(server, Map.of("tables", "shop.orders")))).isEmpty();
        var shop = check(server, SHOP);
        assertThat(TestServers.check(shop, "select").actual())
                .isEqualTo("missing on shop.odd`, name");
        assertThat(TestServers.check(shop, "table_rows").actual())
                .isEqualTo("1 of 2 tables read, but not shop.odd`, name");
    }

    @ParameterizedTest
    @EnumSource
    void columnLevelGrantIsNotEnough(Kind kind) {
        var server =
                with(
                        kind,
                        "GRANT " + REPLICATION + " ON *.* TO 'u'@'%'",
                        "GRANT SELECT (id) ON shop.orders TO 'u'@'%'");

        assertThat(TestServers.failed(check(server, Map.of("tables", "shop.orders"))))
                .containsExactly("select", "table_rows");
    }

    @ParameterizedTest
    @EnumSource
    void tableThatDoesNotExistFails(Kind kind) {
        var server = with(kind, "GRANT " + REPLICATION + " ON *.* TO 'u'@'%'");

        assertThat(TestServers.failed(check(server, Map.of("tables", "shop.nothing"))))
                .contains("select");
    }

    @ParameterizedTest
    @EnumSource
    void roleCountsOnceItIsActive(Kind kind) {
        var server =
                with(
                        kind,
                        "CREATE ROLE capturing, outer_role",
                        "GRANT " + REPLICATION + ", SELECT ON *.* TO capturing",
                        "GRANT capturing TO outer_role",
                        "GRANT outer_role TO 'u'@'%'");
        var inactive = check(server, Map.of());
        assertThat(TestServers.failed(inactive)).hasSize(5);
        if (kind != Kind.MARIADB) {
            assertThat(TestServers.check(inactive, "select").fix())
                    .isEqualTo("SET DEFAULT ROLE ALL TO 'u'@'%';");
        }
        server.execute(
                kind == Kind.MARIADB
                        ? "SET DEFAULT ROLE outer_role FOR 'u'@'%'"
                        : "SET DEFAULT ROLE ALL TO 'u'@'%'");
        assertThat(TestServers.failed(check(server, Map.of()))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"MYSQL_80", "MYSQL_97"})
    void rolesCountWhereTheServerActivatesAllOnLogin(Kind kind) {
        var server =
                with(
                        kind,
                        "CREATE ROLE capturing",
                        "GRANT " + REPLICATION + ", SELECT ON *.* TO capturing",
                        "GRANT capturing TO 'u'@'%'",
                        "SET GLOBAL activate_all_roles_on_login = ON");
        try {
            assertThat(TestServers.failed(check(server, Map.of()))).isEmpty();
        } finally {
            server.execute("SET GLOBAL activate_all_roles_on_login = OFF");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MYSQL_80", "MYSQL_97"})
    void mandatoryRoleCounts(Kind kind) {
        var server =
                with(
                        kind,
                        "CREATE ROLE capturing",
                        "GRANT " + REPLICATION + ", SELECT ON *.* TO capturing",
                        "SET GLOBAL mandatory_roles = 'capturing'",
                        "SET GLOBAL activate_all_roles_on_login = ON");
        try {
            assertThat(TestServers.failed(check(server, Map.of()))).isEmpty();
        } finally {
            server.execute(
                    "SET GLOBAL activate_all_roles_on_login = OFF",
                    "SET GLOBAL mandatory_roles = ''");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MYSQL_80", "MYSQL_97"})
    void partialRevokeTakesItsSchemaOut(Kind kind) {
        var server = SERVERS.get(kind);
        server.execute("SET GLOBAL partial_revokes = ON");
        try {
            with(
                    kind,
                    "GRANT " + REPLICATION + ", SELECT ON *.* TO 'u'@'%'",
                    "REVOKE SELECT ON other.* FROM 'u'@'%'");

            assertThat(TestServers.failed(check(server, SHOP))).isEmpty();
            var everything = check(server, Map.of());
            assertThat(TestServers.failed(everything)).containsExactly("select", "table_rows");
            assertThat(TestServers.check(everything, "select").actual())
                    .isEqualTo("missing on other.t");
            server.execute("GRANT SELECT ON other.t TO 'u'@'%'");
            assertThat(TestServers.failed(check(server, Map.of()))).isEmpty();
        } finally {
            forgetUsers();
            server.execute("SET GLOBAL partial_revokes = OFF");
        }
    }

    @ParameterizedTest
    @EnumSource
    void accountThatTheServerChoosesIsJudged(Kind kind) {
        var server =
                with(
                        kind,
                        "GRANT " + REPLICATION + ", SELECT ON *.* TO 'u'@'%'",
                        "CREATE USER 'u'@'127.%' IDENTIFIED BY '" + PASSWORD + "'");

        var report = check(server, Map.of());
        assertThat(report.success()).isFalse();
        assertThat(TestServers.check(report, "select").fix()).endsWith("TO 'u'@'127.%';");
        server.execute("GRANT " + REPLICATION + ", SELECT ON *.* TO 'u'@'127.%'");
        assertThat(check(server, Map.of()).success()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void briefLockIsARecommendation(Kind kind) {
        var server = with(kind, "GRANT " + REPLICATION + ", SELECT ON *.* TO 'u'@'%'");

        var report = check(server, Map.of("allow_brief_lock", true));
        assertThat(TestServers.failed(report)).containsExactly("brief_lock");
        assertThat(report.success()).isTrue();
        server.execute("GRANT RELOAD ON *.* TO 'u'@'%'");
        assertThat(TestServers.failed(check(server, Map.of("allow_brief_lock", true)))).isEmpty();
    }

    @Test
    void manyTablesAreReadInFewStatements() {
        var server = SERVERS.get(Kind.MYSQL_80);
        server.execute("CREATE DATABASE many");
        for (int i = 0; i < 120; i++) {
            server.execute("CREATE TABLE many.t" + i + " (id INT PRIMARY KEY)");
        }
        with(
                Kind.MYSQL_80,
                "GRANT " + REPLICATION + " ON *.* TO 'u'@'%'",
                "GRANT SELECT ON many.* TO 'u'@'%'");

        assertThat(
                        TestServers.check(check(server, Map.of("tables", "many.*")), "table_rows")
                                .actual())
                .isEqualTo("120 of 120 tables read");
        server.execute("DROP DATABASE many");
    }
}
