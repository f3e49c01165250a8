package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.KeyedReplica;
import io.fustor.source.mysql.support.KeyedTraffic;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/// Replays a feed that begins with a snapshot, taken while eight writers write and cut off again
/// and again, and finds exactly the rows that the server holds. The profile `soak` runs it at
/// length.
@RunningService
class SnapshotReplayIT {

    private static final int SEEDS = Integer.getInteger("replay.seeds", 0);
    private static final int CHANGES = Integer.getInteger("replay.changes", 6_000);
    private static final int ROWS = Integer.getInteger("replay.rows", 3_000);
    private static final int WRITERS = 8;

    /// Of a row's event, about, by which the cuts are spread.
    private static final int ROW_BYTES = 150;

    private static final String NO_GTIDS = "--gtid-mode=OFF --enforce-gtid-consistency=OFF";

    @LocalServerPort private int port;

    private ServiceApi api;

    @BeforeAll
    void connect() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
    }

    @ParameterizedTest
    @CsvSource({
        "2, --gtid-mode=ON",
        "1, " + NO_GTIDS,
        "1, " + NO_GTIDS + " --sync-binlog=1 --binlog-group-commit-sync-delay=3000",
    })
    void replayedFeedEqualsTheSource(int seeds, String options) throws Exception {
        try (TestMySql mysql = TestMySql.start(options.split(" "))) {
            String source = "replay-" + mysql.port();
            api.addSource(source, mysql);
            for (int i = 0; i < (SEEDS > 0 ? SEEDS : seeds); i++) {
                long seed = System.nanoTime();
                System.out.println("SnapshotReplayIT: seed " + seed + " " + options);
                replay(mysql, source, "replay" + i, seed);
            }
            api.delete("/api/configs/sources/" + source).expect(204);
        }
    }

    private void replay(TestMySql mysql, String source, String schema, long seed) throws Exception {
        KeyedTraffic traffic = new KeyedTraffic(mysql, schema, seed, ROWS);
        FeedRequest feed = api.feed(source).with("tables", schema + ".*");
        try (TcpProxy proxy = TcpProxy.toPort(port);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CutReader reader =
                    new CutReader(proxy.through(feed.with("snapshot", "initial")), proxy, seed);
            Future<?> writing =
                    threads.submit(
                            () -> {
                                traffic.run(WRITERS, 50, () -> isEnough(traffic, reader));
                                traffic.end();
                            });
            Future<?> reading = threads.submit(() -> reader.read(plan()));
            reading.get(10, TimeUnit.MINUTES);
            writing.get(1, TimeUnit.MINUTES);

            System.out.printf(
                    "SnapshotReplayIT: %d rows changed, %d came; %d and %d cuts%n",
                    traffic.committedRows(),
                    reader.changes(),
                    reader.snapshotCuts(),
                    reader.changeCuts());
            assertThat(reader.snapshotCuts()).isGreaterThan(3);
            assertThat(reader.changeCuts()).isGreaterThan(3);
            assertThat(reader.refusals()).isZero();
            reader.replica().assertSameAs(read(feed));
            traffic.assertHeldBy(reader.replica());
        }
    }

    /// The writers go on until the reader has come from the snapshot into the changes, so that all
    /// of it happens under load.
    private static boolean isEnough(KeyedTraffic traffic, CutReader reader) {
        boolean isThrough = traffic.committedRows() >= CHANGES && reader.changes() > 0;
        return isThrough || reader.isOver();
    }

    private static CutReader.Plan plan() {
        int cuts = 8 + CHANGES / 2_000;
        return new CutReader.Plan(
                cuts, 2 * 5 * ROWS * ROW_BYTES / cuts, 2, cuts, 2 * CHANGES * ROW_BYTES / cuts);
    }

    /// The source as it is now, by a snapshot of its own.
    private static KeyedReplica read(FeedRequest feed) {
        KeyedReplica replica = new KeyedReplica();
        try (FeedClient client = feed.with("snapshot", "only").open()) {
            for (Frame frame = client.frame(); !frame.isControl("end"); frame = client.frame()) {
                if (frame.isChange()) {
                    replica.apply(frame.change());
                }
            }
        }
        return replica;
    }
}
