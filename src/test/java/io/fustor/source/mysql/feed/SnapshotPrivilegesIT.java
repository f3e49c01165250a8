package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/// What a source's user has to be allowed for a snapshot, and what is answered where it is not.
@RunningService
class SnapshotPrivilegesIT {

    private static final TestMySql.Login LEAST = new TestMySql.Login("least", "least-of-tests");
    private static final TestMySql.Login SOME = new TestMySql.Login("some", "some-of-tests");

    @LocalServerPort private int port;

    private final TestMySql mysql = TestMySql.shared();
    private ServiceApi api;

    @BeforeAll
    void makeUsers() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        mysql.execute(
                "CREATE DATABASE allowed",
                "CREATE TABLE allowed.open (id INT PRIMARY KEY, v INT)",
                "CREATE TABLE allowed.partly LIKE allowed.open",
                "CREATE TABLE allowed.written LIKE allowed.open",
                "CREATE TABLE allowed.hidden LIKE allowed.open",
                "INSERT INTO allowed.open VALUES (1, 10), (2, 20)");
        create(LEAST);
        create(SOME);
        mysql.execute(
                "GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'least'@'%'",
                "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'some'@'%'",
                "GRANT SELECT ON allowed.open TO 'some'@'%'",
                "GRANT SELECT (id) ON allowed.partly TO 'some'@'%'",
                "GRANT INSERT ON allowed.written TO 'some'@'%'");
        api.addSource("snapshot-least", mysql.uri(), LEAST);
        api.addSource("snapshot-some", mysql.uri(), SOME);
    }

    private void create(TestMySql.Login login) {
        mysql.execute(
                "CREATE USER '%s'@'%%' IDENTIFIED BY '%s'"
                        .formatted(login.user(), login.password()));
    }

    @AfterAll
    void dropUsers() {
        mysql.execute("DROP USER 'least', 'some'", "DROP DATABASE allowed");
    }

    @Test
    void selectAndTheTwoReplicationPrivilegesAreEnough() {
        try (FeedClient client =
                api.feed("snapshot-least")
                        .with("tables", "allowed.*")
                        .with("snapshot", "initial")
                        .open()) {
            SnapshotStream snapshot =
                    SnapshotStream.until(client, frame -> frame.isControl("snapshot_completed"));
            mysql.execute("UPDATE allowed.open SET v = v + 1 WHERE id = 2");
            ChangeEvent change = client.change();

            assertThat(snapshot.snapshotRows("allowed.open"))
                    .containsExactly("{\"id\":1,\"v\":10}", "{\"id\":2,\"v\":20}");
            assertThat(change.operation()).isEqualTo("update");
        } finally {
            mysql.execute("UPDATE allowed.open SET v = id * 10");
        }
    }

    @Test
    void tableThatMayBeReadIsTakenAlone() {
        SnapshotStream snapshot =
                SnapshotStream.toTheEnd(
                        api.feed("snapshot-some")
                                .with("tables", "allowed.open")
                                .with("snapshot", "only"));

        assertThat(snapshot.snapshotRows("allowed.open"))
                .containsExactly("{\"id\":1,\"v\":10}", "{\"id\":2,\"v\":20}");
    }

    /// Of the last one the server tells this user nothing, not even that it is there.
    @ParameterizedTest
    @ValueSource(strings = {"partly", "written", "hidden"})
    void tableThatMayNotBeReadIsNamedBeforeTheStreamStarts(String table) {
        try (FeedClient client =
                api.feed("snapshot-some")
                        .with("tables", "allowed.open,allowed." + table)
                        .with("snapshot", "initial")
                        .send()) {
            assertThat(client.status()).isBetween(400, 409);
            assertThat(client.problem().path("detail").asString()).contains("allowed." + table);
        }
    }

    @Test
    void wildcardDoesNotPassOverATableThatMayNotBeRead() {
        try (FeedClient client =
                api.feed("snapshot-some")
                        .with("tables", "allowed.*")
                        .with("snapshot", "initial")
                        .send()) {
            assertThat(client.status()).isBetween(400, 409);
            assertThat(client.problem().path("detail").asString()).contains("allowed.");
        }
    }
}
