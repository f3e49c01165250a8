package io.fustor.source.mysql.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// A snapshot that was cut off goes on where it stood: nothing that was delivered comes again, and
/// nothing is missing. `-Dlong=soak` does it with two million rows.
@RunningService
@Tag("soak")
class SnapshotResumeIT {

    private static final int ROWS = Integer.getInteger("snapshot.rows", 20_000);

    private static final Set<String> KEYED = Set.of("steps.a", "steps.b", "steps.d");
    private static final String KEYLESS = "steps.c";

    @LocalServerPort private int port;

    private final TestMySql mysql = TestMySql.shared();
    private ServiceApi api;

    @BeforeAll
    void makeTables() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("snapshot-resume", mysql);
        mysql.execute(
                "DROP DATABASE IF EXISTS steps",
                "CREATE DATABASE steps",
                "CREATE TABLE steps.a (id INT PRIMARY KEY, v VARCHAR(20))",
                """
                CREATE TABLE steps.b (
                    kind ENUM('z','m','a') NOT NULL, name VARCHAR(20) NOT NULL,
                    PRIMARY KEY (kind, name))""",
                "CREATE TABLE steps.c (id INT, v VARCHAR(20))",
                "CREATE TABLE steps.d (id BINARY(3) PRIMARY KEY)",
                "CREATE TABLE steps.e (id INT PRIMARY KEY)",
                "INSERT INTO steps.a VALUES (-7,'a'),(-1,'b'),(0,'c'),(1,NULL),(70,'e')",
                "INSERT INTO steps.b VALUES ('z','x'),('z','Y'),('m','x'),('a','A'),('a','ä2')",
                "INSERT INTO steps.c VALUES (1,'x'),(1,'x'),(2,NULL),(NULL,NULL)",
                "INSERT INTO steps.d VALUES (''),(0x00FF),(0x80),(0xFFFFFF)");
    }

    private FeedRequest feed(String tables) {
        return api.feed("snapshot-resume").with("tables", tables);
    }

    @Test
    void rowsDeliveredBeforeTheCutDoNotComeAgain() {
        fillHalves();
        BitSet seen = new BitSet();
        String token;
        FeedRequest feed = feed("halves.*").patience(Duration.ofMinutes(2));
        try (FeedClient client = feed.with("snapshot", "initial").open()) {
            while (seen.cardinality() < ROWS / 2) {
                see(client.change(), seen);
            }
            token = client.token();
            client.cut();
        }
        int before = seen.cardinality();
        mysql.execute("INSERT INTO halves.t VALUES (-1, 'later')");
        try (FeedClient client = feed.after(token).open()) {
            JsonNode started = client.control("snapshot_started");
            while (seen.cardinality() < ROWS) {
                see(client.change(), seen);
            }
            ChangeEvent later = client.change();

            assertThat(started.path("resumed").asBoolean()).isTrue();
            assertThat(before).isLessThan(ROWS);
            assertThat(later.json().path("message_source").asString()).isEqualTo("realtime");
            assertThat(later.row(0).path("id").asInt()).isEqualTo(-1);
        }
    }

    private void fillHalves() {
        mysql.execute(
                "DROP DATABASE IF EXISTS halves",
                "CREATE DATABASE halves",
                "CREATE TABLE halves.t (id INT PRIMARY KEY, v VARCHAR(100))");
        for (int from = 0; from < ROWS; from += 20_000) {
            mysql.execute(
                    "SET SESSION cte_max_recursion_depth = 100000",
                    """
                    INSERT INTO halves.t WITH RECURSIVE n (i) AS
                        (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %d)
                    SELECT i, CONCAT('value ', i) FROM n"""
                            .formatted(from, Math.min(ROWS, from + 20_000)));
        }
    }

    private static void see(ChangeEvent event, BitSet seen) {
        assertThat(event.json().path("message_source").asString()).isEqualTo("snapshot");
        for (int i = 0; i < event.rows().size(); i++) {
            int id = event.row(i).path("id").asInt();
            assertThat(seen.get(id)).as("row %s came before", id).isFalse();
            seen.set(id);
        }
    }

    @Test
    void resumesFromTheTokenOfEachEvent() throws Exception {
        FeedRequest feed = feed("steps.*").with("snapshot", "only").with("batch", 1);
        SnapshotStream whole = SnapshotStream.toTheEnd(feed);
        List<String> rows = whole.snapshotEvents().stream().map(SnapshotResumeIT::row).toList();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> checks = new ArrayList<>();
            int delivered = 0;
            for (Frame frame : whole.frames()) {
                if (frame.isControl("snapshot_completed")) {
                    break;
                }
                delivered += SnapshotStream.isSnapshotRow(frame) ? 1 : 0;
                if (frame.id() != null) {
                    List<String> before = rows.subList(0, delivered);
                    FeedRequest resumed = feed.after(frame.id());
                    checks.add(threads.submit(() -> assertGoesOn(resumed, before, rows)));
                }
            }
            for (Future<?> check : checks) {
                check.get(60, TimeUnit.SECONDS);
            }

            assertThat(rows).hasSize(18);
            assertThat(checks).hasSizeGreaterThanOrEqualTo(19);
            assertThat(whole.control("snapshot_started").path("resumed").asBoolean()).isFalse();
        }
    }

    private static String row(ChangeEvent event) {
        return event.table() + event.rows().getFirst();
    }

    private static boolean isKeyed(String row) {
        return !row.startsWith(KEYLESS);
    }

    private static void assertGoesOn(FeedRequest resumed, List<String> before, List<String> all) {
        SnapshotStream rest = SnapshotStream.toTheEnd(resumed);
        List<String> rows = rest.snapshotEvents().stream().map(SnapshotResumeIT::row).toList();
        List<String> missing = all.subList(before.size(), all.size());

        assertThat(rows.stream().filter(SnapshotResumeIT::isKeyed).toList())
                .as("after %s rows", before.size())
                .isEqualTo(missing.stream().filter(SnapshotResumeIT::isKeyed).toList());
        List<String> keyless = all.stream().filter(row -> !isKeyed(row)).toList();
        List<String> keylessRest = rows.stream().filter(row -> !isKeyed(row)).toList();
        boolean isKeylessDone = missing.stream().allMatch(SnapshotResumeIT::isKeyed);
        if (!isKeylessDone || !keylessRest.isEmpty()) {
            assertThat(keylessRest).as("after %s rows", before.size()).isEqualTo(keyless);
        }
        assertThat(rest.control("snapshot_started").path("resumed").asBoolean())
                .isIn(true, before.isEmpty() ? false : true);
        assertThat(rest.control("end").path("reason").asString()).isEqualTo("snapshot completed");
    }

    @Test
    void changesFollowWhateverTheParameterSaysWhenResuming() {
        SnapshotStream half =
                SnapshotStream.until(
                        feed("steps.*").with("snapshot", "only").with("batch", 1),
                        SnapshotStream::isSnapshotRow);
        mysql.execute("INSERT INTO steps.e VALUES (1)");
        try (FeedClient client = feed("steps.*").after(half.token()).open()) {
            SnapshotStream rest =
                    SnapshotStream.until(client, frame -> frame.isControl("snapshot_completed"));
            ChangeEvent change = client.change();

            assertThat(half.snapshotEvents()).hasSize(1);
            assertThat(rest.snapshotEvents().stream().map(ChangeEvent::table).toList())
                    .containsAll(KEYED);
            assertThat(change.table()).isEqualTo("steps.e");
            assertThat(change.operation()).isEqualTo("insert");
        } finally {
            mysql.execute("DELETE FROM steps.e");
        }
    }

    @Test
    void takesNoSecondSnapshotOnceTheFirstIsCompleted() {
        FeedRequest feed = feed("steps.a").with("snapshot", "initial");
        SnapshotStream first =
                SnapshotStream.until(feed, frame -> frame.isControl("snapshot_completed"));
        try (FeedClient client = feed.after(first.token()).open()) {
            mysql.execute("UPDATE steps.a SET v = CONCAT(v, '!') WHERE id = 0");
            SnapshotStream rest = SnapshotStream.until(client, Frame::isChange);

            assertThat(rest.snapshotEvents()).isEmpty();
            assertThat(rest.controls("snapshot_started").toList()).isEmpty();
            assertThat(rest.changes().getFirst().operation()).isEqualTo("update");
        }
    }
}
