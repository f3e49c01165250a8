package io.fustor.source.mysql.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.TestMySql.Login;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/// The state of a source is one: interface, meters, warnings and health say the same of it, also
/// while no subscriber follows it.
class SourceStateIT {

    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final String PASSWORD = "a-password-of-tests";
    private static final String GRANTS = "SELECT, REPLICATION SLAVE, REPLICATION CLIENT";

    private static TestMySql mysql;
    private static TestMySql mariaDb;
    private static LocalService service;
    private static ServiceApi api;

    /// What happens to the user of an idle source, and how it is undone.
    private record Trouble(String user, String breaks, String heals, String code) {}

    private static final List<Trouble> TROUBLES =
            List.of(
                    new Trouble(
                            "dropped",
                            "DROP USER dropped",
                            "CREATE USER dropped IDENTIFIED BY '" + PASSWORD + "'",
                            "ACCESS_DENIED"),
                    new Trouble(
                            "changed",
                            "ALTER USER changed IDENTIFIED BY 'another-password'",
                            "ALTER USER changed IDENTIFIED BY '" + PASSWORD + "'",
                            "ACCESS_DENIED"),
                    new Trouble(
                            "locked",
                            "ALTER USER locked ACCOUNT LOCK",
                            "ALTER USER locked ACCOUNT UNLOCK",
                            "ACCESS_DENIED"),
                    new Trouble(
                            "expired",
                            "ALTER USER expired PASSWORD EXPIRE",
                            "ALTER USER expired IDENTIFIED BY '" + PASSWORD + "'",
                            "ACCESS_DENIED"),
                    new Trouble(
                            "revoked",
                            "REVOKE REPLICATION SLAVE ON *.* FROM revoked",
                            "GRANT REPLICATION SLAVE ON *.* TO revoked",
                            "PRIVILEGE_MISSING"),
                    new Trouble(
                            "blind",
                            "REVOKE REPLICATION CLIENT ON *.* FROM blind",
                            "GRANT REPLICATION CLIENT ON *.* TO blind",
                            "PRIVILEGE_MISSING"),
                    new Trouble(
                            "crowded",
                            "ALTER USER crowded WITH MAX_USER_CONNECTIONS 1",
                            "ALTER USER crowded WITH MAX_USER_CONNECTIONS 0",
                            "TOO_MANY_CONNECTIONS"));

    @BeforeAll
    static void start() {
        mysql = TestMySql.start();
        mariaDb = TestMySql.startMariaDb();
        mysql.execute("CREATE DATABASE m", "CREATE TABLE m.t (id INT PRIMARY KEY)");
        mariaDb.execute("CREATE DATABASE m", "CREATE TABLE m.t (id INT PRIMARY KEY)");
        service = LocalService.start(Map.of("fustor.look-interval", "1s"));
        api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
    }

    @AfterAll
    static void stop() {
        service.close();
        mysql.close();
        mariaDb.close();
    }

    private static void addUser(TestMySql server, String user) {
        server.execute(
                "CREATE USER " + user + " IDENTIFIED BY '" + PASSWORD + "'",
                "GRANT " + GRANTS + " ON *.* TO " + user);
    }

    /// What all of them say of a source, as one line.
    private static String told(String id) {
        JsonNode view = api.source(id);
        String state = view.path("state").asString();
        String meters = api.get("/actuator/prometheus").expect(200).body();
        JsonNode health =
                api.get("/actuator/health")
                        .json()
                        .path("components")
                        .path("sources")
                        .path("components")
                        .path(id);
        JsonNode bus =
                api.get("/api/instances/status").expect(200).json().path("event_buses").path(id);
        String meterOfState =
                "fustor_source_state{source=\"%s\",state=\"%s\"} 1.0".formatted(id, state);
        return String.join(
                " ",
                state,
                view.path("error").path("code").asString(),
                "warnings=" + view.path("warnings").size(),
                "warned=" + value(meters, "fustor_source_warnings", id, "server"),
                "meter=" + meters.contains(meterOfState),
                "available=" + value(meters, "fustor_source_available", id, id),
                "health=" + health.path("status").asString(),
                health.path("details").path("state").asString(),
                health.path("details").path("reason").asString().split(":")[0],
                "bus=" + bus.path("state").asString());
    }

    private static String value(String meters, String name, String id, String also) {
        return meters.lines()
                .filter(line -> line.startsWith(name + "{"))
                .filter(line -> line.contains("source=\"" + id + "\""))
                .filter(line -> line.contains("\"" + also + "\""))
                .map(line -> line.substring(line.indexOf('}') + 2))
                .findFirst()
                .orElse("none");
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void awaitTold(String id, String all) {
        // All of the meters are printed each time, and a look comes no more than once a second.
        await().atMost(LONGEST)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(300))
                .untilAsserted(() -> assertThat(told(id)).as(id).isEqualTo(all));
    }

    private static String failed(String code) {
        return "FAILED "
                + code
                + " warnings=1 warned=1.0 meter=true available=0.0 health=DOWN FAILED "
                + code
                + " bus=ERROR";
    }

    private static final String WELL =
            "STOPPED  warnings=0 warned=0.0 meter=true available=1.0 health=UP STOPPED  bus=IDLE";

    @Test
    void aSourceThatCannotBeServedSaysSoWithoutSubscribers() throws SQLException {
        TROUBLES.forEach(
                each -> {
                    addUser(mysql, each.user());
                    api.addSource(each.user(), mysql.uri(), new Login(each.user(), PASSWORD));
                    // The question connection is open from here on.
                    api.tokenOfNow(each.user());
                });
        TROUBLES.forEach(each -> awaitTold(each.user(), WELL));

        TROUBLES.forEach(each -> mysql.execute(each.breaks()));
        try (var _ = mysql.jdbc(new Login("crowded", PASSWORD))) {
            TROUBLES.forEach(each -> awaitTold(each.user(), failed(each.code())));
        }

        TROUBLES.forEach(each -> mysql.execute(each.heals()));
        mysql.execute("GRANT " + GRANTS + " ON *.* TO dropped");
        TROUBLES.forEach(each -> awaitTold(each.user(), WELL));
        TROUBLES.forEach(each -> api.delete("/api/configs/sources/" + each.user()).expect(204));
    }

    @Test
    void aSourceThatNeverCouldBeServedSaysSo() throws IOException {
        api.addSource("wrong", mysql.uri(), new Login("capture", "wrong"));
        api.addSource("closed", "127.0.0.1:" + closedPort(), TestMySql.CAPTURE);
        addUser(mariaDb, "maria");
        mariaDb.execute("REVOKE REPLICATION SLAVE ON *.* FROM maria");
        api.addSource("maria", mariaDb.uri(), new Login("maria", PASSWORD));

        awaitTold("wrong", failed("ACCESS_DENIED"));
        awaitTold("closed", failed("CONNECTION_REFUSED"));
        awaitTold("maria", failed("PRIVILEGE_MISSING"));
        mariaDb.execute("GRANT REPLICATION SLAVE ON *.* TO maria");
        awaitTold("maria", WELL);
        Stream.of("wrong", "closed", "maria")
                .forEach(id -> api.delete("/api/configs/sources/" + id).expect(204));
    }

    @Test
    void aSourceThatStreamsSaysWhereItsServerRefusesNewLogins() {
        addUser(mysql, "inside");
        api.addSource("inside", mysql.uri(), new Login("inside", PASSWORD));
        try (FeedClient client = api.feed("inside").with("tables", "m.t").open()) {
            client.hello();
            awaitTold(
                    "inside",
                    "STREAMING  warnings=0 warned=0.0 meter=true available=1.0 health=UP STREAMING "
                            + " bus=PRODUCING");

            mysql.execute("ALTER USER inside IDENTIFIED BY 'another-password'");
            awaitTold(
                    "inside",
                    "STREAMING  warnings=1 warned=1.0 meter=true available=0.0 health=UP STREAMING"
                            + " ACCESS_DENIED bus=PRODUCING");
            mysql.execute("INSERT INTO m.t VALUES (1)");
            ChangeEvent change = client.change();
            assertThat(change.flatten()).hasSize(1);

            Sql.killConnections(mysql, "USER = 'inside'");
            assertThat(client.control("error").path("code").asString()).isEqualTo("ACCESS_DENIED");
        }
        awaitTold("inside", failed("ACCESS_DENIED"));
        // Looks that fail do not make it well again.
        await().during(Duration.ofSeconds(3))
                .atMost(LONGEST)
                .until(() -> told("inside").equals(failed("ACCESS_DENIED")));

        mysql.execute("ALTER USER inside IDENTIFIED BY '" + PASSWORD + "'");
        awaitTold("inside", WELL);
        api.delete("/api/configs/sources/inside").expect(204);
    }

    /// What closes an account to new logins, while the connection for questions stays open.
    private enum Closed {
        LOCKED("ALTER USER %s ACCOUNT LOCK", "ALTER USER %s ACCOUNT UNLOCK"),
        EXPIRED("ALTER USER %s PASSWORD EXPIRE", "ALTER USER %s IDENTIFIED BY '" + PASSWORD + "'");

        private final String closes;
        private final String opens;

        Closed(String closes, String opens) {
            this.closes = closes;
            this.opens = opens;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReplicationLoginThatIsRefusedStopsTheSourceOfMySql(Closed account) {
        requireStopped(mysql, account);
    }

    @ParameterizedTest
    @EnumSource
    void aReplicationLoginThatIsRefusedStopsTheSourceOfMariaDb(Closed account) {
        requireStopped(mariaDb, account);
    }

    private static void requireStopped(TestMySql server, Closed account) {
        String user = "login_" + account.name().toLowerCase(Locale.ROOT);
        String id = user.replace('_', '-') + (server == mysql ? "-mysql" : "-mariadb");
        addUser(server, user);
        api.addSource(id, server.uri(), new Login(user, PASSWORD));
        try (FeedClient client = api.feed(id).with("tables", "m.t").open()) {
            client.hello();
            await().atMost(LONGEST)
                    .until(() -> Sql.countBinlogReaders(server, new Login(user, PASSWORD)) > 0);

            server.execute(account.closes.formatted(user));
            Sql.killConnections(server, "COMMAND LIKE 'Binlog Dump%' AND USER = '" + user + "'");

            assertThat(client.control("error").path("code").asString()).isEqualTo("ACCESS_DENIED");
        }
        awaitTold(id, failed("ACCESS_DENIED"));
        server.execute(account.opens.formatted(user));
        awaitTold(id, WELL);
        api.delete("/api/configs/sources/" + id).expect(204);
    }
}
