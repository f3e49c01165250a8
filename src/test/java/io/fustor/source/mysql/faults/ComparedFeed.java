package io.fustor.source.mysql.faults;

import io.fustor.source.mysql.support.BinlogKeys;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.KeyChange;
import io.fustor.source.mysql.support.KeyedTraffic;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import java.util.List;
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

    private final ServiceApi api;
    private final String source;
    private final KeyedTraffic traffic;
    private final BinlogKeys binlog;
    private final ComparedClients clients;
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
                new ComparedClients(
                        List.of(
                                new ResumingClient(feed, start),
                                new ResumingClient(feed.ndjson(), start)));
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
        return clients.connections();
    }

    /// Commits a mark, waits until it is everywhere, and fails unless each client has the same
    /// changes as the binlog since the last time.
    ///
    /// @param what happened meanwhile
    void check(String what) throws Exception {
        traffic.mark(++marks);
        List<KeyChange> expected = ComparedClients.takeToMark(binlog.changes(), marks);
        try {
            clients.check(expected, marks, what);
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; the source: " + api.source(source), e);
        }
        compared += expected.size();
    }

    /// Ends the load, and fails unless the clients' rows are the tables', to the last byte.
    void finish() throws Exception {
        isOver = true;
        writing.get(60, TimeUnit.SECONDS);
        check("at the end");
        clients.close();
        clients.all().forEach(client -> traffic.assertHeldBy(client.copy()));
    }

    @Override
    public void close() throws Exception {
        isOver = true;
        clients.close();
        binlog.close();
        writing.get(60, TimeUnit.SECONDS);
    }
}
