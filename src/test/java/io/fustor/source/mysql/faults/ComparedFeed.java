package io.fustor.source.mysql.faults;

import io.fustor.source.mysql.support.BinlogKeys;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.KeyChange;
import io.fustor.source.mysql.support.KeyedTraffic;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A feed under load, with two clients that come by a proxy, one for each transport, and a reader
/// of the binlog that shares nothing with the service. Used by one thread.
final class ComparedFeed implements AutoCloseable {

    private static final long PAUSE_NANOS = 4_000_000;
    private static final int WRITERS = 2;
    private static final int MOST_ROWS = 20;
    private static final long LONGEST_WAIT_SECONDS = 60;

    private final ServiceApi api;
    private final String source;
    private final KeyedTraffic traffic;
    private final BinlogKeys binlog;
    private final List<ResumingClient> clients;
    private final CompletableFuture<Void> writing;
    private volatile boolean isOver;
    private int marks;
    private long compared;

    ComparedFeed(
            ServiceApi api,
            String source,
            TestMySql mysql,
            TcpProxy toService,
            String schema,
            long seed) {
        this.api = api;
        this.source = source;
        FeedRequest feed =
                toService.through(api.feed(source).with("tables", schema + ".*").with("batch", 7));
        String start = api.tokenOfNow(source);
        binlog = BinlogKeys.follow(mysql, schema);
        clients =
                List.of(new ResumingClient(feed, start), new ResumingClient(feed.ndjson(), start));
        traffic = new KeyedTraffic(mysql, schema, seed, 200);
        writing =
                CompletableFuture.runAsync(
                        () -> traffic.run(WRITERS, MOST_ROWS, this::isOver),
                        Executors.newVirtualThreadPerTaskExecutor());
    }

    private boolean isOver() {
        LockSupport.parkNanos(PAUSE_NANOS);
        return isOver;
    }

    /// How many rows the writers have committed.
    long committedRows() {
        return traffic.committedRows();
    }

    /// How many changes were found equal.
    long compared() {
        return compared;
    }

    /// How often clients connected, or tried to.
    int connections() {
        return clients.stream().mapToInt(ResumingClient::connections).sum();
    }

    /// Commits a mark, waits until it is everywhere, and fails unless each client has the same
    /// changes as the binlog since the last time.
    ///
    /// @param what happened meanwhile
    void check(String what) throws Exception {
        traffic.mark(++marks);
        List<KeyChange> expected = takeToMark(binlog.changes(), "the connector, " + what);
        for (ResumingClient client : clients) {
            List<KeyChange> actual = takeToMark(client.changes(), "a client, " + what);
            try {
                KeyChange.assertSameSequence(expected, actual);
            } catch (AssertionError e) {
                throw new AssertionError(what + ": " + e.getMessage(), e);
            }
        }
        compared += expected.size();
    }

    private List<KeyChange> takeToMark(BlockingQueue<KeyChange> from, String what)
            throws InterruptedException {
        List<KeyChange> taken = new ArrayList<>();
        while (taken.isEmpty() || !taken.getLast().isMark(marks)) {
            KeyChange next = from.poll(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError(
                        "%s: nothing after %d changes; failures %s; the source: %s"
                                .formatted(
                                        what,
                                        taken.size(),
                                        clients.stream().map(ResumingClient::failure).toList(),
                                        api.source(source)));
            }
            taken.add(next);
        }
        return taken;
    }

    /// Ends the load, and fails unless the clients' rows are the tables', to the last byte.
    void finish() throws Exception {
        isOver = true;
        writing.get(60, TimeUnit.SECONDS);
        check("at the end");
        for (ResumingClient client : clients) {
            client.close();
            traffic.assertHeldBy(client.copy());
        }
    }

    @Override
    public void close() throws Exception {
        isOver = true;
        for (ResumingClient client : clients) {
            client.close();
        }
        binlog.close();
        writing.get(60, TimeUnit.SECONDS);
    }
}
