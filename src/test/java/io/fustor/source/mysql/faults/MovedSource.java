package io.fustor.source.mysql.faults;

import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.BinlogKeys;
import io.fustor.source.mysql.support.KeyChange;
import io.fustor.source.mysql.support.KeyedTraffic;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Two servers that follow each other by GTID, an address that leads to one of them, writers that
/// write to it, and a reader of its binlog that shares nothing with the service. Used by one
/// thread.
final class MovedSource implements AutoCloseable {

    /// Of the rows that subscribers follow.
    static final String FEED_SCHEMA = "soaked";

    /// Of the rows that go to topics.
    static final String TOPIC_SCHEMA = "soaked_topics";

    private static final int MOST_ROWS = 20;
    private static final int ROWS_AT_ONCE = 40;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(120);
    private static final long TOPIC_PAUSE_NANOS = 1_000_000_000;

    private final Random random;
    private final long pauseNanos;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<KeyChange> carried = new ArrayList<>();
    private final TcpProxy proxy;
    private TestMySql primary;
    private TestMySql replica;
    private KeyedTraffic feedTraffic;
    private Traffic topicTraffic;
    private BinlogKeys binlog;
    private List<Future<?>> writing = List.of();
    private volatile boolean isQuiet;
    private int marks;

    /// @param pauseNanos between two transactions that subscribers follow
    MovedSource(long seed, long pauseNanos) throws Exception {
        this.random = new Random(seed);
        this.pauseNanos = pauseNanos;
        Future<TestMySql> second =
                threads.submit(
                        () -> TestMySql.start("--server-id=2", "--binlog-row-event-max-size=1024"));
        primary = TestMySql.start();
        replica = second.get();
        proxy = TcpProxy.to(primary);
        follow();
        // Empty, so that the changes are all that there is.
        feedTraffic = new KeyedTraffic(primary, FEED_SCHEMA, random.nextLong(), 0);
        topicTraffic = new Traffic(primary, TOPIC_SCHEMA, random.nextLong());
        binlog = BinlogKeys.follow(primary, FEED_SCHEMA);
    }

    /// The address that leads to the primary, `host:port`.
    String uri() {
        return proxy.uri();
    }

    TestMySql primary() {
        return primary;
    }

    long feedRows() {
        return feedTraffic.committedRows();
    }

    int mark() {
        return marks;
    }

    private void follow() {
        replica.execute(
                """
                CHANGE REPLICATION SOURCE TO SOURCE_HOST = '%s', SOURCE_PORT = %d,
                SOURCE_USER = '%s', SOURCE_PASSWORD = '%s', SOURCE_AUTO_POSITION = 1,
                SOURCE_CONNECT_RETRY = 1, GET_SOURCE_PUBLIC_KEY = 1"""
                        .formatted(
                                primary.host(), primary.port(), primary.user(), primary.password()),
                "START REPLICA");
    }

    /// Lets the writers begin, or go on.
    void write() {
        isQuiet = false;
        KeyedTraffic feed = feedTraffic;
        Traffic topics = topicTraffic;
        writing =
                List.of(
                        threads.submit(() -> feed.run(1, MOST_ROWS, this::isQuiet)),
                        threads.submit(
                                () -> {
                                    while (!isQuiet) {
                                        topics.run(1, ROWS_AT_ONCE, MOST_ROWS);
                                        LockSupport.parkNanos(TOPIC_PAUSE_NANOS);
                                    }
                                }));
    }

    private boolean isQuiet() {
        LockSupport.parkNanos(pauseNanos);
        return isQuiet;
    }

    private void rest() throws Exception {
        isQuiet = true;
        for (Future<?> writer : writing) {
            writer.get(60, TimeUnit.SECONDS);
        }
        writing = List.of();
    }

    /// Commits the next mark, and returns all changes since the last time, up to it.
    List<KeyChange> changesToMark() throws InterruptedException {
        feedTraffic.mark(++marks);
        List<KeyChange> changes = new ArrayList<>(carried);
        carried.clear();
        changes.addAll(ComparedClients.takeToMark(binlog.changes(), marks));
        return changes;
    }

    /// The primary is killed, its replica becomes the primary, and it comes back as the replica.
    /// The replica had everything: what a primary takes with it into the grave no reader can know.
    void failOver() throws Exception {
        rest();
        carried.addAll(changesToMark());
        binlog.close();
        String executed = Sql.value(primary, "SELECT @@GLOBAL.gtid_executed");
        String sql = "SELECT GTID_SUBSET('" + executed + "', @@GLOBAL.gtid_executed)";
        await("the replica").atMost(LONGEST_WAIT).until(() -> Sql.value(replica, sql).equals("1"));
        TestMySql killed = primary;
        killed.kill();
        replica.execute("STOP REPLICA", "RESET REPLICA ALL");
        primary = replica;
        replica = killed;
        feedTraffic = feedTraffic.at(primary, random.nextLong());
        topicTraffic = topicTraffic.at(primary);
        binlog = BinlogKeys.follow(primary, FEED_SCHEMA);
        proxy.redirect(primary);
        write();
        killed.startAgain();
        follow();
    }

    /// Ends the load, with the last row in each of the topics' tables.
    void end() throws Exception {
        rest();
        topicTraffic.end();
    }

    /// Fails unless a client's rows are the tables'.
    void assertHeldBy(ReturningClient client) {
        feedTraffic.assertHeldBy(client.copy());
    }

    @Override
    public void close() throws Exception {
        isQuiet = true;
        binlog.close();
        proxy.close();
        replica.close();
        primary.close();
        threads.close();
    }
}
