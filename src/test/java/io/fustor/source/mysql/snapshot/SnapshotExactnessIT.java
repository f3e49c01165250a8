package io.fustor.source.mysql.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// The seam between a snapshot's rows and the changes after it: writers count upwards, one commit a
/// number, so that each number has to be in the rows or in the changes, and in both only where the
/// change says so. Slow group commits widen the time in which a transaction stands in the binlog
/// and cannot yet be seen.
@RunningService
class SnapshotExactnessIT {

    private static final int WRITERS = 6;
    private static final int SNAPSHOTS = 12;
    private static final int CHANGES = 60;

    @LocalServerPort private int port;

    private ServiceApi api;

    @BeforeAll
    void connect() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--sync-binlog=1 --binlog-group-commit-sync-delay=4000",
                "--sync-binlog=1 --binlog-group-commit-sync-delay=4000 --gtid-mode=OFF"
                        + " --enforce-gtid-consistency=OFF",
                "--sync-binlog=1 --binlog-order-commits=OFF",
            })
    void everyNumberIsInTheRowsOrInTheChanges(String options) throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();
        try (TestMySql mysql = TestMySql.start(options.split(" "));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            String source = "exact-" + mysql.port();
            api.addSource(source, mysql);
            mysql.execute(
                    "CREATE DATABASE ticks",
                    "CREATE TABLE ticks.t (writer INT, n INT, PRIMARY KEY (writer, n))");
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                int writer = i;
                writers.add(threads.submit(() -> count(mysql, writer, isOver)));
            }
            FeedRequest feed = api.feed(source).with("tables", "ticks.*");
            try {
                for (int i = 0; i < SNAPSHOTS; i++) {
                    checkSeam(feed.with("snapshot", "initial"));
                }
            } finally {
                isOver.set(true);
            }
            for (Future<?> writer : writers) {
                writer.get(60, TimeUnit.SECONDS);
            }
            api.delete("/api/configs/sources/" + source).expect(204);
        }
    }

    private static Void count(TestMySql mysql, int writer, AtomicBoolean isOver)
            throws SQLException {
        try (Connection connection = mysql.jdbc();
                PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO ticks.t VALUES (?, ?)")) {
            insert.setInt(1, writer);
            for (int n = 1; !isOver.get(); n++) {
                insert.setInt(2, n);
                insert.executeUpdate();
            }
        }
        return null;
    }

    private static void checkSeam(FeedRequest feed) {
        try (FeedClient client = feed.open()) {
            SnapshotStream snapshot =
                    SnapshotStream.until(client, frame -> frame.isControl("snapshot_completed"));
            List<ChangeEvent> changes = new ArrayList<>();
            while (changes.size() < CHANGES || isOverlap(changes.getLast())) {
                changes.add(client.change());
            }
            client.cut();

            Map<Integer, Integer> newest = newest(snapshot);
            assertComplete(newest, changes);
            assertNothingTwiceWithoutMark(newest, changes);
            assertAfter(snapshot.control("snapshot_started").path("position"), changes);
            assertThat(snapshot.control("snapshot_completed").path("position"))
                    .isEqualTo(snapshot.control("snapshot_started").path("position"));
        }
    }

    private static boolean isOverlap(ChangeEvent event) {
        return event.metadata().path("overlap").asBoolean();
    }

    /// Each writer's newest number in the rows; all smaller ones have to be there too.
    private static Map<Integer, Integer> newest(SnapshotStream snapshot) {
        Map<Integer, Integer> newest = new HashMap<>();
        for (ChangeEvent event : snapshot.snapshotEvents()) {
            for (JsonNode row : event.json().path("rows")) {
                int writer = row.path("writer").asInt();
                assertThat(row.path("n").asInt())
                        .as("row of writer %s", writer)
                        .isEqualTo(newest.getOrDefault(writer, 0) + 1);
                newest.merge(writer, 1, Integer::sum);
            }
        }
        return newest;
    }

    private static void assertComplete(Map<Integer, Integer> newest, List<ChangeEvent> changes) {
        Map<Integer, Integer> next = new HashMap<>();
        for (ChangeEvent change : changes) {
            int writer = change.row(0).path("writer").asInt();
            int n = change.row(0).path("n").asInt();
            Integer expected = next.put(writer, n + 1);
            if (expected == null) {
                assertThat(n)
                        .as("first change of writer %s", writer)
                        .isLessThanOrEqualTo(newest.getOrDefault(writer, 0) + 1);
                continue;
            }
            assertThat(n).as("change of writer %s", writer).isEqualTo(expected);
        }
    }

    private static void assertNothingTwiceWithoutMark(
            Map<Integer, Integer> newest, List<ChangeEvent> changes) {
        boolean isOverlapOver = false;
        for (ChangeEvent change : changes) {
            boolean isOverlap = isOverlap(change);
            assertThat(isOverlap && isOverlapOver).as("a later overlap: %s", change).isFalse();
            isOverlapOver = !isOverlap;
            int writer = change.row(0).path("writer").asInt();
            if (!isOverlap) {
                assertThat(change.row(0).path("n").asInt())
                        .as("change of writer %s without overlap", writer)
                        .isGreaterThan(newest.getOrDefault(writer, 0));
            }
        }
    }

    private static void assertAfter(JsonNode position, List<ChangeEvent> changes) {
        String file = position.path("file").asString();
        long offset = position.path("position").asLong();
        for (ChangeEvent change : changes) {
            JsonNode at = change.metadata();
            boolean isSameFile = at.path("file").asString().equals(file);
            assertThat(at.path("file").asString()).isGreaterThanOrEqualTo(file);
            assertThat(isSameFile && at.path("position").asLong() <= offset)
                    .as("%s is not after %s", at, position)
                    .isFalse();
        }
    }
}
