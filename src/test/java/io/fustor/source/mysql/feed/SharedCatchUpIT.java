package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.memory.HeapPart;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/// Subscribers with one form that catch up at the same time get the rows that each would get alone,
/// whichever of them reads the binlog: clients that are slow, that leave in the middle of it, and
/// that go on after any of their rows.
@RunningService
@Tag("soak")
class SharedCatchUpIT {

    private static final int CLIENTS = 24;
    private static final int ROWS = 30_000;

    @LocalServerPort private int port;

    private ServiceApi api;

    @BeforeAll
    void connect() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
    }

    @ParameterizedTest
    @EnumSource(names = {"MYSQL_8_0_31", "MARIADB_11_8"})
    void everyoneGetsTheRowsThatOneAloneGets(ServerRelease release) throws Exception {
        long seed = Seeds.of("traffic.seed", SharedCatchUpIT.class);
        System.out.println("SharedCatchUpIT: seed " + seed);
        try (TestMySql mysql = TestMySql.start(release)) {
            String source = "shared-" + mysql.port();
            api.addSource(source, mysql);
            Traffic traffic = new Traffic(mysql, "shared", seed);
            FeedRequest feed = api.feed(source).with("tables", "shared.*").with("batch", 100);
            String start = api.tokenOfNow(source);
            traffic.run(4, ROWS / 2, 500);
            // Each client is told of it before the next row of the table.
            mysql.execute("ALTER TABLE shared.orders ADD COLUMN added INT NOT NULL DEFAULT 7");
            traffic.run(4, ROWS / 2, 500);
            traffic.end();
            List<FeedRow> expected = alone(feed.after(start));
            assertThat(expected.size()).isEqualTo((int) traffic.committedRows());
            // With the live window of the first token, everyone would be live at once.
            await("the capture's end")
                    .until(() -> api.source(source).get("state").asString().equals("STOPPED"));

            long kept;
            // It is live: no one else can begin the live window at a place of the past.
            try (FeedClient live = api.feed(source).open()) {
                live.hello();
                kept = readTogether(feed, start, expected, seed);
            }

            assertThat(kept).as("bytes that were kept for others").isPositive();
            await("memory of stretches").until(() -> HeapPart.STRETCHES.used() == 0);
            api.delete("/api/configs/sources/" + source).expect(204);
        }
    }

    /// A stream with an end shares nothing.
    private static List<FeedRow> alone(FeedRequest feed) {
        List<FeedRow> rows = new ArrayList<>();
        try (FeedClient client = feed.with("until", "now").open()) {
            client.hello();
            for (Frame frame = client.frame(); !frame.isControl("end"); frame = client.frame()) {
                if (frame.isChange()) {
                    rows.addAll(frame.change().flatten());
                }
            }
        }
        return rows;
    }

    /// @return the most bytes of frames that were kept at a time
    private static long readTogether(
            FeedRequest feed, String start, List<FeedRow> expected, long seed) throws Exception {
        CountDownLatch begin = new CountDownLatch(1);
        List<Future<List<FeedRow>>> all = new ArrayList<>();
        long kept = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CLIENTS; i++) {
                int number = i;
                all.add(
                        threads.submit(
                                () -> {
                                    begin.await();
                                    return read(feed, start, number, seed + number);
                                }));
            }
            begin.countDown();
            for (Future<List<FeedRow>> one : all) {
                while (!one.isDone()) {
                    kept = Math.max(kept, HeapPart.STRETCHES.used());
                    awaitDone(one);
                }
                FeedRow.assertSameSequence(expected, one.get());
            }
        }
        return kept;
    }

    private static void awaitDone(Future<?> one) throws Exception {
        try {
            one.get(1, TimeUnit.MILLISECONDS);
        } catch (java.util.concurrent.TimeoutException _) {
            // The caller looks again.
        }
    }

    /// One in four is slow, and one in three is cut off again and again.
    private static List<FeedRow> read(FeedRequest feed, String start, int number, long seed) {
        Random random = new Random(seed);
        FeedRequest mine = number % 4 == 1 ? feed.bytesPerSecond(2_000_000) : feed;
        List<FeedRow> rows = new ArrayList<>();
        @Nullable String token = start;
        int cuts = number % 3 == 2 ? 6 : 0;
        boolean isCut = cuts > 0;
        int notices = 0;
        while (true) {
            int wanted =
                    cuts-- > 0 ? rows.size() + 1 + random.nextInt(ROWS / 8) : Integer.MAX_VALUE;
            try (FeedClient client = mine.after(token).open()) {
                client.hello();
                while (rows.size() < wanted) {
                    Frame frame = client.frame();
                    if (frame.isChange()) {
                        rows.addAll(frame.change().flatten());
                        if (Traffic.isEnd(rows.getLast(), null)) {
                            assertThat(isCut || notices == 1).as("notices " + notices).isTrue();
                            return rows;
                        }
                    } else if (frame.isControl("schema_changed")) {
                        notices++;
                    }
                }
                token = client.token();
                client.cut();
            }
        }
    }
}
