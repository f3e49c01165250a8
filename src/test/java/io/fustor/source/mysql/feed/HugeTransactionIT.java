package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// One transaction of many large rows, after which the server goes on in the same binlog file.
/// `-Dlong=soak` makes it larger than the 4 GiB up to which events say where they end
/// (`-Dhuge.rows=1150`), which takes some 15 GB of disk.
@RunningService
@Tag("soak")
class HugeTransactionIT {

    private static final int ROWS = Integer.getInteger("huge.rows", 30);
    private static final int ROW = 4_000_000;
    private static final long FOUR_GIB = 1L << 32;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final String SOURCE = "huge";

    @LocalServerPort private int port;

    private ServiceApi api;

    @BeforeAll
    void reachService() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
    }

    @Test
    void everyRowComesOnceAndEveryTokenResumes() {
        try (TestMySql mysql = TestMySql.start("--max-binlog-size=1G")) {
            mysql.execute(
                    "CREATE DATABASE huge",
                    "CREATE TABLE huge.t (id INT PRIMARY KEY, v LONGBLOB)",
                    "CREATE TABLE huge.small (id INT PRIMARY KEY)");
            api.addSource(SOURCE, mysql);
            String start = api.tokenOfNow(SOURCE);
            List<ChangeEvent> live;
            try (FeedClient client = feed().open()) {
                client.hello();
                insert(mysql);
                live = read(client, ROWS + 2);
            }
            long size = fileSize(mysql);
            System.out.printf("FIGURE binlog file of %d bytes, %d rows%n", size, ROWS);
            assertThat(size).isGreaterThan(Math.min(FOUR_GIB, (long) ROWS * ROW));
            assertWhole(live);

            assertSame(read(feed().after(start), ROWS + 2), live);
            for (int had : new int[] {0, ROWS / 2, ROWS - 2, ROWS - 1, ROWS}) {
                assertSame(
                        read(feed().after(live.get(had).token()), ROWS + 1 - had),
                        live.subList(had + 1, live.size()));
            }
            mysql.execute("INSERT INTO huge.small VALUES (3)");
            ChangeEvent last = read(feed().after(live.getLast().token()), 1).getFirst();
            assertThat(last.rows()).containsExactly("{\"id\":3}");
            api.delete("/api/configs/sources/" + SOURCE).expect(204);
        }
    }

    private FeedRequest feed() {
        return api.feed(SOURCE)
                .with("tables", "huge.*")
                .with("fields", "huge.t.id,huge.small.id")
                .patience(PATIENCE);
    }

    /// The large transaction, and two small ones after it.
    private static void insert(TestMySql mysql) {
        mysql.execute(
                "SET SESSION cte_max_recursion_depth = 100000",
                """
                INSERT INTO huge.t (id, v) WITH RECURSIVE n (i) AS
                    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
                SELECT i, REPEAT('x', %d) FROM n"""
                        .formatted(ROWS, ROW),
                "INSERT INTO huge.small VALUES (1)",
                "INSERT INTO huge.small VALUES (2)");
    }

    /// Of the binlog's largest file.
    private static long fileSize(TestMySql mysql) {
        return Sql.column(mysql, "SHOW BINARY LOGS", 2).stream()
                .mapToLong(Long::parseLong)
                .max()
                .orElseThrow();
    }

    private static List<ChangeEvent> read(FeedRequest request, int count) {
        try (FeedClient client = request.open()) {
            return read(client, count);
        }
    }

    private static List<ChangeEvent> read(FeedClient client, int count) {
        List<ChangeEvent> events = new ArrayList<>();
        while (events.size() < count) {
            events.add(client.change());
        }
        return events;
    }

    /// Every row once and in order, by indexes and places that never go back.
    private static void assertWhole(List<ChangeEvent> events) {
        assertThat(events.subList(0, ROWS).stream().map(event -> event.row(0).path("id").asInt()))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, ROWS).boxed().toList());
        assertThat(events.subList(ROWS, ROWS + 2).stream().map(ChangeEvent::table))
                .containsOnly("huge.small");
        long index = 0;
        for (ChangeEvent event : events) {
            long next = event.json().path("index").asLong();
            assertThat(next).isGreaterThanOrEqualTo(index);
            index = next;
        }
        assertThat(events.stream().map(ChangeEvent::token)).doesNotHaveDuplicates();
    }

    private static void assertSame(List<ChangeEvent> events, List<ChangeEvent> expected) {
        assertThat(events.stream().map(HugeTransactionIT::content))
                .containsExactlyElementsOf(
                        expected.stream().map(HugeTransactionIT::content).toList());
    }

    /// All of an event but its token, which may prove its place by other bytes.
    private static TreeMap<String, JsonNode> content(ChangeEvent event) {
        TreeMap<String, JsonNode> content = new TreeMap<>();
        event.json().properties().forEach(each -> content.put(each.getKey(), each.getValue()));
        content.remove("event_id");
        return content;
    }
}
