package io.fustor.source.mysql.wizard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.Account;
import io.fustor.source.mysql.server.Quoting;
import io.fustor.source.mysql.server.ServerSession;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Users that the wizard makes and finds on real servers.
class AgentSetupIT {

    private static final String PASSWORD = "A-long-Passw0rd!";

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
                                        "CREATE TABLE shop.t (id INT PRIMARY KEY)"));
    }

    @AfterAll
    static void stop() {
        SERVERS.values().forEach(TestMySql::close);
    }

    @ParameterizedTest
    @EnumSource
    void createsAUserWithWhatASourceNeedsAndNothingElse(Kind kind) {
        var server = SERVERS.get(kind);
        var outcome = TestServers.createAgent(server, "fresh", PASSWORD, Map.of());

        assertThat(outcome.success()).isTrue();
        assertThat(outcome.message()).startsWith("Created the user 'fresh'@'%'");
        var grants = grants(server, "'fresh'@'%'");
        assertThat(grants).hasSize(1);
        assertThat(grants.getFirst())
                .startsWith(
                        kind == Kind.MARIADB
                                ? "GRANT SELECT, REPLICATION SLAVE, BINLOG MONITOR ON *.* TO `fresh`@`%`"
                                : "GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO `fresh`@`%`")
                .doesNotContain("GRANT OPTION");
        assertThat(TestServers.checkPrivileges(server, "fresh", PASSWORD, Map.of()).success())
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void noAccountGetsAPasswordThatWasNotTyped(Kind kind) {
        var server = SERVERS.get(kind);
        server.execute("CREATE USER 'kept'@'%' IDENTIFIED BY '" + PASSWORD + "'");
        var before = account(server, "'kept'@'%'");
        for (var password : List.of("", "null", "undefined")) {
            var outcome = TestServers.createAgent(server, "open", password, Map.of());
            assertThat(outcome.success()).isFalse();
            assertThat(outcome.message()).contains("password", "Nothing was changed");
            assertThat(hosts(server, "open")).isEmpty();

            var reset =
                    TestServers.createAgent(
                            server, "kept", password, Map.of("reset_password", true));
            assertThat(reset.success()).isFalse();
            assertThat(account(server, "'kept'@'%'")).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @EnumSource
    void secondTimeChangesNothing(Kind kind) {
        var server = SERVERS.get(kind);
        TestServers.createAgent(server, "twice", PASSWORD, Map.of());
        var before = account(server, "'twice'@'%'");
        var outcome = TestServers.createAgent(server, "twice", PASSWORD, Map.of());

        assertThat(outcome.success()).isTrue();
        assertThat(outcome.message()).startsWith("The user 'twice'@'%' exists");
        assertThat(account(server, "'twice'@'%'")).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void existingUserGetsWhatItLacksAndKeepsWhatItHas(Kind kind) {
        var server = SERVERS.get(kind);
        server.execute(
                "CREATE USER 'older'@'%' IDENTIFIED BY '" + PASSWORD + "'",
                "GRANT INSERT ON shop.* TO 'older'@'%'");
        var outcome = TestServers.createAgent(server, "older", PASSWORD, Map.of());

        assertThat(outcome.success()).isTrue();
        assertThat(String.join("\n", grants(server, "'older'@'%'")))
                .contains("GRANT INSERT ON `shop`.*")
                .contains("REPLICATION SLAVE");
    }

    @ParameterizedTest
    @EnumSource
    void otherPasswordIsSaidAndChangedOnlyWhereAskedFor(Kind kind) {
        var server = SERVERS.get(kind);
        server.execute("CREATE USER 'taken'@'%' IDENTIFIED BY 'Its-own-Passw0rd!'");
        var before = account(server, "'taken'@'%'");
        var outcome = TestServers.createAgent(server, "taken", PASSWORD, Map.of());

        assertThat(outcome.success()).isFalse();
        assertThat(outcome.message())
                .contains("already exists", "reset_password")
                .doesNotContain(PASSWORD);
        assertThat(account(server, "'taken'@'%'")).isEqualTo(before);
        assertThat(login(server, "taken", "Its-own-Passw0rd!")).isEqualTo("taken@%");

        var reset =
                TestServers.createAgent(server, "taken", PASSWORD, Map.of("reset_password", true));
        assertThat(reset.success()).isTrue();
        assertThat(login(server, "taken", PASSWORD)).isEqualTo("taken@%");
        assertThatThrownBy(() -> login(server, "taken", "Its-own-Passw0rd!"))
                .isInstanceOf(SourceException.class);
    }

    @ParameterizedTest
    @EnumSource
    void hostIsRestrictedWhereAskedFor(Kind kind) {
        var server = SERVERS.get(kind);
        for (var host : List.of("127.0.0.%", "127.0.0.1")) {
            var outcome =
                    TestServers.createAgent(server, "local", PASSWORD, Map.of("agent_host", host));
            assertThat(outcome.success()).as(outcome.message()).isTrue();
        }
        assertThat(hosts(server, "local")).containsExactlyInAnyOrder("127.0.0.%", "127.0.0.1");
        assertThat(login(server, "local", PASSWORD)).isEqualTo("local@127.0.0.1");

        var elsewhere =
                TestServers.createAgent(server, "far", PASSWORD, Map.of("agent_host", "10.9.8.7"));
        assertThat(elsewhere.success()).isTrue();
        assertThatThrownBy(() -> login(server, "far", PASSWORD))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("far");
    }

    @ParameterizedTest
    @EnumSource
    void briefLockAddsTheLeastThatAllowsIt(Kind kind) {
        var server = SERVERS.get(kind);
        TestServers.createAgent(server, "locker", PASSWORD, Map.of("allow_brief_lock", true));

        var lock = kind == Kind.MARIADB ? "RELOAD" : "FLUSH_TABLES";
        assertThat(String.join("\n", grants(server, "'locker'@'%'"))).contains(lock);
        try (var session =
                ServerSession.open(
                        TestServers.access(server, "locker", PASSWORD), Duration.ofSeconds(20))) {
            session.execute("FLUSH TABLES WITH READ LOCK");
            session.execute("UNLOCK TABLES");
        }
    }

    static Stream<String> oddTexts() {
        return Stream.of(
                "o'neill",
                "dou\"ble",
                "back\\slash",
                "back\\",
                "\\'",
                "per%cent_",
                "with space",
                "back`tick",
                "semi;colon -- x",
                "'; DROP DATABASE shop; --",
                "brace{fn now()}",
                "question?mark",
                "@at@",
                "tab\tinside",
                "new\nline",
                "\u7528\u6237\u540d",
                "na\u00efve\u00df\u0416",
                "12345678901234567890123456789012",
                "\u00e9".repeat(32));
    }

    @ParameterizedTest
    @MethodSource("oddTexts")
    void namesAndPasswordsMayHoldAnything(String text) {
        for (var kind : Kind.values()) {
            var server = SERVERS.get(kind);
            boolean isName = text.chars().noneMatch(Character::isISOControl);
            var user = isName ? text : "control" + text.hashCode();
            var password = text + "Aa1!\ud83d\ude00" + text;
            var created = TestServers.createAgent(server, user, password, Map.of());

            assertThat(created.success()).as(kind + ": " + created.message()).isTrue();
            assertThat(created.message()).doesNotContain(password);
            assertThat(login(server, user, password)).isEqualTo(user + "@%");
            var report = TestServers.checkPrivileges(server, user, password, Map.of());
            assertThat(report.success()).as(kind + ": " + report.message()).isTrue();
            var again = TestServers.createAgent(server, user, password, Map.of());
            assertThat(again.success()).as(kind + ": " + again.message()).isTrue();
            var reset =
                    TestServers.createAgent(
                            server, user, password + "'\\", Map.of("reset_password", true));
            assertThat(reset.success()).as(kind + ": " + reset.message()).isTrue();
            assertThat(login(server, user, password + "'\\")).isEqualTo(user + "@%");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "o'neill.example",
                "dou\"ble",
                "per%cent_",
                "with space",
                "back`tick",
                "'; DROP DATABASE shop; --",
                "10.0.0.0/255.0.0.0",
                "fe80::%"
            })
    void hostsMayHoldAnythingInAscii(String host) {
        for (var kind : Kind.values()) {
            var server = SERVERS.get(kind);
            var outcome =
                    TestServers.createAgent(
                            server, "odd-host", PASSWORD, Map.of("agent_host", host));

            assertThat(outcome.success()).as(kind + ": " + outcome.message()).isTrue();
            assertThat(hosts(server, "odd-host")).anyMatch(host::equalsIgnoreCase);
        }
        assertThat(Sql.column(SERVERS.get(Kind.MYSQL_80), "SHOW DATABASES", 1)).contains("shop");
    }

    @Test
    void refusesHostsThatServersGarble() {
        for (var host :
                List.of(
                        "",
                        "back\\slash",
                        "b\u00fccher",
                        "\ud83d\ude00",
                        "new\nline",
                        "x".repeat(256))) {
            assertThatThrownBy(() -> DriverParams.of(Map.of("agent_host", host)))
                    .isInstanceOf(RequestException.class)
                    .hasMessageContaining("driver_params.agent_host");
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesNamesThatServersGarble(Kind kind) {
        var server = SERVERS.get(kind);

        assertThatThrownBy(
                        () -> TestServers.createAgent(server, "x\ud83d\ude00", PASSWORD, Map.of()))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("credential.user");
        assertThat(Sql.value(server, "SELECT COUNT(*) FROM mysql.user WHERE User LIKE '%?'"))
                .isEqualTo(
                        Sql.value(
                                server,
                                "SELECT COUNT(*) FROM mysql.user WHERE User LIKE '%mark?'"));
    }

    @ParameterizedTest
    @EnumSource(names = {"MYSQL_80", "MYSQL_97"})
    void nameThatIsTooLongIsSaid(Kind kind) {
        assertThatThrownBy(
                        () ->
                                TestServers.createAgent(
                                        SERVERS.get(kind), "x".repeat(33), PASSWORD, Map.of()))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("no longer than 32");
    }

    @Test
    void weakPasswordIsSaidWithThePolicy() {
        try (var server = TestMySql.start97()) {
            server.execute("INSTALL COMPONENT 'file://component_validate_password'");

            assertThatThrownBy(() -> TestServers.createAgent(server, "weak", "short", Map.of()))
                    .isInstanceOf(SourceException.class)
                    .hasMessageContaining("too weak")
                    .hasMessageContaining("validate_password.length=8");
            assertThat(hosts(server, "weak")).isEmpty();
            // A user whose password was good enough when it was made.
            assertThat(
                            TestServers.createAgent(
                                            server,
                                            TestMySql.UNPRIVILEGED.user(),
                                            TestMySql.UNPRIVILEGED.password(),
                                            Map.of())
                                    .success())
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void userThatCouldNotBeGivenItsPrivilegesIsRemoved(Kind kind) {
        var server = SERVERS.get(kind);
        server.execute(
                "CREATE USER 'half'@'%' IDENTIFIED BY '" + PASSWORD + "'",
                "GRANT CREATE USER ON *.* TO 'half'@'%'");
        try (var session =
                ServerSession.open(
                        TestServers.access(server, "half", PASSWORD), Duration.ofSeconds(20))) {
            var setup =
                    new AgentSetup(
                            session,
                            TestServers.access(server, "left-over", PASSWORD),
                            DriverParams.of(Map.of()),
                            TestServers.english());

            assertThatThrownBy(setup::run).isInstanceOf(SourceException.class);
        }
        assertThat(hosts(server, "left-over")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void passwordsReachNoLogOfTheServer(Kind kind) {
        var server = SERVERS.get(kind);
        server.execute("SET GLOBAL log_output = 'TABLE'", "SET GLOBAL general_log = ON");
        TestServers.createAgent(server, "unlogged", "Never-l0gged!", Map.of());
        TestServers.createAgent(
                server, "unlogged", "Never-l0gged!", Map.of("reset_password", true));
        server.execute("SET GLOBAL general_log = OFF");

        var statements =
                Sql.column(
                        server,
                        "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log WHERE argument LIKE '%unlogged%'",
                        1);
        assertThat(statements).isNotEmpty();
        if (kind != Kind.MARIADB) {
            assertThat(String.join("\n", statements)).doesNotContain("Never-l0gged!");
        }
    }

    private static String login(TestMySql server, String user, String password) {
        try (var session =
                ServerSession.open(
                        TestServers.access(server, user, password), Duration.ofSeconds(20))) {
            var account = Account.of(session);
            return account.user() + "@" + account.host();
        }
    }

    private static List<String> grants(TestMySql server, String account) {
        return Sql.column(server, "SHOW GRANTS FOR " + account, 1);
    }

    private static List<String> account(TestMySql server, String account) {
        var all = new ArrayList<>(grants(server, account));
        all.addAll(Sql.column(server, "SHOW CREATE USER " + account, 1));
        return all;
    }

    private static List<String> hosts(TestMySql server, String user) {
        return Sql.column(
                server, "SELECT Host FROM mysql.user WHERE User = " + Quoting.literal(user), 1);
    }
}
