package io.fustor.source.mysql.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.CutReader;
import io.fustor.source.mysql.support.Fault;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.KeyedTraffic;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/// Networks that break, between the server and the service and between the service and its clients:
/// who resumes with the last id holds what the binlog holds, as a reader of another make reads it.
/// `-Dlong=fault` runs it at length.
@ImpatientService
@Tag("fault")
class FaultIT {

    private static final int RANDOM_FAULTS = Integer.getInteger("fault.count", 2);
    private static final int SNAPSHOT_FAULTS = 6;
    private static final int SNAPSHOTS = Integer.getInteger("fault.snapshots", 1);
    private static final boolean IS_LONG = Boolean.getBoolean("fault.long");
    private static final long SEED = Seeds.of("fault.seed", FaultIT.class);
    private static final String SOURCE = "faults";

    /// Rows that are committed while something only slows the stream.
    private static final int ROWS_MEANWHILE = 150;

    @LocalServerPort private int port;

    private final TestMySql mysql = server();
    private final TcpProxy toServer = TcpProxy.to(mysql);
    private TcpProxy toService;
    private ServiceApi api;

    @BeforeAll
    void start() {
        System.out.println("FaultIT: seed " + SEED);
        toService = TcpProxy.toPort(port);
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource(SOURCE, toServer.uri(), TestMySql.CAPTURE);
    }

    /// Those that share one's own leave it as it was.
    TestMySql server() {
        return TestMySql.shared();
    }

    @AfterAll
    void stop() {
        api.delete("/api/configs/sources/" + SOURCE).expect(204);
        toService.close();
        toServer.close();
        mysql.close();
    }

    @Test
    void sequenceIsThatOfTheBinlogAfterEachFault() throws Exception {
        try (ComparedFeed feed = feed("faults_each")) {
            feed.check("before any fault");
            for (Fault.Way way : IS_LONG ? Fault.Way.values() : toClientOnly()) {
                for (Fault fault : faults(way)) {
                    befall(feed, toServer, "server", fault);
                    if (!(fault instanceof Fault.Corrupt)) {
                        befall(feed, toService, "client", fault);
                    }
                }
            }
            feed.finish();
            report("each fault once", feed);
        }
    }

    private static Fault.Way[] toClientOnly() {
        return new Fault.Way[] {Fault.Way.TO_CLIENT};
    }

    private static List<Fault> faults(Fault.Way way) {
        // On the way to the server little passes that could be waited for.
        long bytes = way == Fault.Way.TO_CLIENT ? 3_000 : 0;
        return List.of(
                new Fault.Cut(way, bytes, true),
                new Fault.Delay(way, Duration.ofMillis(60)),
                new Fault.Freeze(way),
                new Fault.Throttle(way, 60_000),
                new Fault.HalfClose(way, bytes),
                new Fault.Corrupt(way, bytes, 4));
    }

    private ComparedFeed feed(String schema) {
        return new ComparedFeed(api, SOURCE, mysql, toService, schema, SEED);
    }

    private void befall(ComparedFeed feed, TcpProxy proxy, String side, Fault fault)
            throws Exception {
        int connections = proxy.accepted();
        long rows = feed.committedRows();
        proxy.inject(fault);
        boolean breaks = breaks(fault);
        BooleanSupplier isFelt =
                breaks
                        ? () -> proxy.accepted() > connections
                        : () -> feed.committedRows() > rows + ROWS_MEANWHILE;
        await(side + " " + fault)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(10))
                .until(isFelt::getAsBoolean);
        proxy.heal();
        feed.check(side + " " + fault);
    }

    /// Whether a client has to reconnect.
    private static boolean breaks(Fault fault) {
        return switch (fault) {
            case Fault.Cut _ -> true;
            case Fault.Freeze _, Fault.HalfClose _, Fault.Corrupt _ ->
                    fault.way() == Fault.Way.TO_CLIENT;
            case Fault.Delay _, Fault.Throttle _ -> false;
        };
    }

    private static void report(String what, ComparedFeed feed) {
        System.out.printf(
                "FaultIT: %s: %d changes equal for two clients, which connected %d times%n",
                what, feed.compared(), feed.connections());
    }

    @Test
    void sequenceIsThatOfTheBinlogAfterRandomFaults() throws Exception {
        Random random = new Random(SEED);
        int broken = 0;
        try (ComparedFeed feed = feed("faults_random")) {
            feed.check("before any fault");
            for (int i = 0; i < RANDOM_FAULTS; i++) {
                boolean isServerSide = random.nextBoolean();
                TcpProxy proxy = isServerSide ? toServer : toService;
                Fault fault = draw(random, isServerSide);
                int connections = proxy.accepted();
                long rows = feed.committedRows() + random.nextInt(400);
                if (random.nextInt(4) == 0) {
                    proxy.injectNext(fault);
                    proxy.cut();
                } else {
                    proxy.inject(fault);
                }
                await().atMost(Duration.ofSeconds(60)).until(() -> feed.committedRows() >= rows);
                proxy.heal();
                feed.check("random fault " + i + (isServerSide ? " server " : " client ") + fault);
                broken += proxy.accepted() > connections ? 1 : 0;
            }
            feed.finish();
            report(RANDOM_FAULTS + " random faults, " + broken + " broke connections", feed);
        }
    }

    /// A changed byte on its way to a client is nothing that the service could know of.
    private static Fault draw(Random random, boolean isServerSide) {
        Fault.Way way = random.nextInt(4) == 0 ? Fault.Way.TO_SERVER : Fault.Way.TO_CLIENT;
        int bytes = (int) Math.exp(random.nextDouble() * Math.log(30_000));
        return switch (random.nextInt(isServerSide ? 6 : 5)) {
            case 0 -> new Fault.Cut(way, bytes, random.nextBoolean());
            case 1 -> new Fault.Delay(way, Duration.ofMillis(1 + random.nextInt(120)));
            case 2 -> new Fault.Freeze(way);
            case 3 -> new Fault.Throttle(way, 5_000 + random.nextInt(200_000));
            case 4 -> new Fault.HalfClose(way, bytes);
            default -> new Fault.Corrupt(way, bytes, 1 << random.nextInt(8));
        };
    }

    /// Its rows come over connections without checksums: what changes bytes is left out here.
    @Test
    void snapshotIsThatOfTheTablesThroughFaultsOnBothSides() throws Exception {
        for (int i = 0; i < SNAPSHOTS; i++) {
            takeSnapshot("faults_snapshot" + i, new Random(SEED + i));
        }
    }

    private void takeSnapshot(String schema, Random random) throws Exception {
        KeyedTraffic traffic = new KeyedTraffic(mysql, schema, SEED, 1_500);
        FeedRequest feed = api.feed(SOURCE).with("tables", schema + ".*");
        CutReader reader =
                new CutReader(
                        toService.through(feed.with("snapshot", "initial")),
                        toService,
                        random.nextLong());
        int faults = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> writing =
                    threads.submit(
                            () -> {
                                traffic.run(3, 20, 1_500, () -> isEnough(traffic, reader));
                                traffic.end();
                            });
            Future<?> reading =
                    threads.submit(() -> reader.read(new CutReader.Plan(6, 150_000, 1, 4, 60_000)));
            while (!isDone(reading, 100 + random.nextInt(200))) {
                toServer.heal();
                if (faults < SNAPSHOT_FAULTS) {
                    toServer.inject(drawWithoutHarm(random));
                    faults++;
                }
            }
            writing.get(1, TimeUnit.MINUTES);
            reading.get();
            traffic.assertHeldBy(reader.copy());
            assertThat(reader.snapshotCuts()).isGreaterThan(1);
        } finally {
            toServer.heal();
            toService.breakAfter(Long.MAX_VALUE);
        }
        System.out.printf(
                "FaultIT: snapshot equal after %d and %d cuts, and %d faults at the server's side%n",
                reader.snapshotCuts(), reader.changeCuts(), faults);
    }

    private static Fault drawWithoutHarm(Random random) {
        Fault fault = draw(random, true);
        return fault instanceof Fault.Corrupt ? new Fault.Cut(Fault.Way.TO_CLIENT, 0, true) : fault;
    }

    private static boolean isEnough(KeyedTraffic traffic, CutReader reader) {
        return reader.isOver() || (traffic.committedRows() >= 1_500 && reader.changes() > 0);
    }

    private static boolean isDone(Future<?> reading, long millis) throws Exception {
        try {
            reading.get(millis, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException _) {
            return false;
        }
    }
}
