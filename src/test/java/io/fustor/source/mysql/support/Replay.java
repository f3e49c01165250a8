package io.fustor.source.mysql.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// A feed that begins with a snapshot, is taken while eight writers write, and is cut off again and
/// again: what came is exactly what the server holds.
///
/// @param source its events, without parameters
/// @param port of the service
/// @param rows of each table when it begins, or some fewer
/// @param changes how many rows are changed meanwhile, at least
public record Replay(FeedRequest source, int port, int rows, int changes) {

    private static final int WRITERS = 8;

    /// Of a row's event, about, by which the cuts are spread.
    private static final int ROW_BYTES = 150;

    /// @return how many rows were changed, and compared in the end
    public int run(TestMySql mysql, String schema, long seed) throws Exception {
        KeyedTraffic traffic = new KeyedTraffic(mysql, schema, seed, rows);
        FeedRequest feed = source.with("tables", schema + ".*");
        try (TcpProxy proxy = TcpProxy.toPort(port);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CutReader reader =
                    new CutReader(proxy.through(feed.with("snapshot", "initial")), proxy, seed);
            Future<?> writing =
                    threads.submit(
                            () -> {
                                traffic.run(WRITERS, 50, changes, () -> isEnough(traffic, reader));
                                traffic.end();
                            });
            Future<?> reading = threads.submit(() -> reader.read(plan()));
            awaitBoth(threads, reading, writing);

            System.out.printf(
                    "Replay: %d rows changed, %d came; %d and %d cuts%n",
                    traffic.committedRows(),
                    reader.changes(),
                    reader.snapshotCuts(),
                    reader.changeCuts());
            assertThat(reader.snapshotCuts()).isGreaterThan(3);
            assertThat(reader.changeCuts()).isGreaterThan(3);
            assertThat(reader.refusals()).isZero();
            reader.copy().assertSameAs(read(feed));
            traffic.assertHeldBy(reader.copy());
            return (int) traffic.committedRows();
        }
    }

    /// Fails as soon as one of them does: the other would wait for it.
    private static void awaitBoth(ExecutorService threads, Future<?> reading, Future<?> writing)
            throws Exception {
        try {
            await("the reader")
                    .atMost(Duration.ofMinutes(10))
                    .until(
                            () -> {
                                if (writing.isDone()) {
                                    writing.get();
                                }
                                return reading.isDone();
                            });
            reading.get();
            writing.get(1, TimeUnit.MINUTES);
        } catch (Throwable e) {
            threads.shutdownNow();
            throw e;
        }
    }

    /// The writers go on until the reader has come from the snapshot into the changes, as far as
    /// its cuts are spread, so that all of it happens under load.
    private boolean isEnough(KeyedTraffic traffic, CutReader reader) {
        boolean isThrough = traffic.committedRows() >= changes && reader.changes() >= changes;
        return isThrough || reader.isOver();
    }

    private CutReader.Plan plan() {
        int cuts = 8 + changes / 2_000;
        return new CutReader.Plan(
                cuts, 2 * 5 * rows * ROW_BYTES / cuts, 2, cuts, 2 * changes * ROW_BYTES / cuts);
    }

    /// The source as it is now, by a snapshot of its own.
    private static KeyedCopy read(FeedRequest feed) {
        KeyedCopy copy = new KeyedCopy();
        try (FeedClient client = feed.with("snapshot", "only").open()) {
            for (Frame frame = client.frame(); !frame.isControl("end"); frame = client.frame()) {
                if (frame.isChange()) {
                    copy.apply(frame.change());
                }
            }
        }
        return copy;
    }
}
