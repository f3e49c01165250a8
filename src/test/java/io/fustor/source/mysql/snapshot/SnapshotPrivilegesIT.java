package io.fustor.source.mysql.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// What a source's user has to be allowed for a snapshot, and what is answered where it is not.
@RunningService
class SnapshotPrivilegesIT {

    private static final TestMySql.Login LEAST = new TestMySql.Login("least", "least-of-tests");
    private static final TestMySql.Login NONE = new TestMySql.Login("none", "none-of-tests");
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
        create(NONE);
        mysql.execute(
                "GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'least'@'%'",
                "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'some'@'%', 'none'@'%'",
                "GRANT SELECT ON allowed.open TO 'some'@'%'",
                "GRANT SELECT (id) ON allowed.partly TO 'some'@'%'",
                "GRANT INSERT ON allowed.written TO 'some'@'%'");
        api.addSource("snapshot-least", mysql.uri(), LEAST);
        api.addSource("snapshot-some", mysql.uri(), SOME);
        api.addSource("snapshot-none", mysql.uri(), NONE);
    }

    private void create(TestMySql.Login login) {
        mysql.execute(
                "CREATE USER '%s'@'%%' IDENTIFIED BY '%s'"
                        .formatted(login.user(), login.password()));
    }

    @AfterAll
    void dropUsers() {
        mysql.execute("DROP USER 'least', 'some', 'none'", "DROP DATABASE allowed");
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
    void wildcardSaysWhatItPassesOverBeforeTheRows() {
        SnapshotStream snapshot =
                SnapshotStream.toTheEnd(
                        api.feed("snapshot-some")
                                .with("tables", "allowed.*")
                                .with("snapshot", "only"));

        assertThat(snapshot.snapshotRows("allowed.open")).hasSize(2);
        assertThat(reasons(snapshot))
                .hasSize(3)
                .anySatisfy(r -> assertThat(r).contains("allowed.partly", "some of its columns"))
                .anySatisfy(r -> assertThat(r).contains("allowed.written", "GRANT SELECT"))
                .anySatisfy(r -> assertThat(r).contains("*.*", "all except allowed.open"));
    }

    private static List<String> reasons(SnapshotStream snapshot) {
        List<String> reasons = new ArrayList<>();
        for (JsonNode passed : snapshot.control("snapshot_started").path("passed_over")) {
            reasons.add(
                    passed.path("event_schema").asString()
                            + "."
                            + passed.path("table").asString()
                            + " "
                            + passed.path("reason").asString());
        }
        return reasons;
    }

    @Test
    void nothingIsPassedOverWhereEverythingMayBeRead() {
        SnapshotStream snapshot =
                SnapshotStream.toTheEnd(
                        api.feed("snapshot-least")
                                .with("tables", "allowed.*")
                                .with("snapshot", "only"));

        assertThat(reasons(snapshot)).isEmpty();
    }

    @Test
    void passedOverTablesAreAmongTheSourcesWarnings() {
        try (FeedClient client =
                api.feed("snapshot-some")
                        .with("tables", "allowed.*")
                        .with("snapshot", "initial")
                        .open()) {
            client.control("snapshot_completed");

            assertThat(api.source("snapshot-some").path("warnings").toString())
                    .contains("allowed.written", "allowed.partly", "GRANT SELECT");
        }
    }

    /// Neither a stream without any row nor one that says nothing about it.
    @ParameterizedTest
    @ValueSource(strings = {"*.*", "nowhere.*", "allowed.w*"})
    void snapshotOfNothingIsRefused(String tables) {
        String source = tables.equals("allowed.w*") ? "snapshot-some" : "snapshot-none";
        try (FeedClient client =
                api.feed(source).with("tables", tables).with("snapshot", "initial").send()) {
            assertThat(client.status()).isEqualTo(409);
            JsonNode problem = client.problem();
            assertThat(problem.path("code").asString()).isEqualTo("PRIVILEGE_MISSING");
            assertThat(problem.path("detail").asString()).contains("GRANT SELECT ON " + tables);
        }
    }

    @Test
    void snapshotOfTablesThatAreYetToComeIsRefused() {
        try (FeedClient client =
                api.feed("snapshot-least")
                        .with("tables", "allowed.not_yet_*")
                        .with("snapshot", "initial")
                        .send()) {
            assertThat(client.status()).isEqualTo(409);
            assertThat(client.problem().path("detail").asString()).contains("has no table");
        }
    }
}
