package io.fustor.source.mysql.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Fault;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.web.server.LocalServerPort;

/// One reader at 1 kB/s beside fast ones: no reader misses a row or gets one twice, also the slow
/// one, once it is as fast. `-Dlong=fault` runs it for two minutes beside fifty, in a process of
/// its own, and prints how long changes take to the fast ones with and without the slow one.
@RunningService
@Tag("fault")
class SlowReaderIT {

    private static final int SECONDS = Integer.getInteger("slow.seconds", 4);
    private static final int READERS = Integer.getInteger("slow.readers", 5);
    private static final boolean IS_LONG = SECONDS > 30;
    private static final int TRANSACTIONS_A_SECOND = 200;
    private static final int ROWS = 10;
    private static final int BYTES_A_SECOND = 1_000;
    private static final String MEMBER = "\"number\":";
    private static final Duration CATCH_UP = Duration.ofMinutes(3);
    private static final long MEGABYTE = 1024 * 1024;

    @LocalServerPort private int port;
    @TempDir private Path dataDir;

    private final TestMySql mysql = TestMySql.shared();

    /// When each transaction was sent to be committed, by [System#nanoTime].
    private final long[] sent = new long[TRANSACTIONS_A_SECOND * SECONDS * 3];

    private volatile int planned;
    private int committed;

    @Test
    void slowReaderDelaysNoOtherAndIsCompleteInTheEnd() throws Exception {
        mysql.execute(
                "DROP DATABASE IF EXISTS slow_reader",
                "CREATE DATABASE slow_reader",
                "CREATE TABLE slow_reader.t (number INT PRIMARY KEY, v VARCHAR(200))");
        try (ServiceProcess own = IS_LONG ? startOwn() : null) {
            int servicePort = own == null ? port : own.port();
            ServiceApi api = new ServiceApi(URI.create("http://127.0.0.1:" + servicePort));
            api.addSource("slow-reader", mysql);
            try (TcpProxy proxy = TcpProxy.toPort(servicePort);
                    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                run(api, proxy, threads, own);
            }
            api.delete("/api/configs/sources/slow-reader").expect(204);
        }
    }

    private ServiceProcess startOwn() {
        return ServiceProcess.start(
                dataDir,
                Map.of("fustor.feed.window", "16MB"),
                "-Xmx256m",
                "-XX:+ExitOnOutOfMemoryError");
    }

    private void run(ServiceApi api, TcpProxy proxy, ExecutorService threads, ServiceProcess own)
            throws Exception {
        FeedRequest feed =
                api.feed("slow-reader")
                        .with("tables", "slow_reader.*")
                        .patience(CATCH_UP.plusSeconds(SECONDS));
        planned = TRANSACTIONS_A_SECOND * (IS_LONG ? 2 * SECONDS : SECONDS);
        List<Reader> fast = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            fast.add(new Reader(feed.open(), 0));
        }
        List<Future<?>> reading = new ArrayList<>();
        fast.forEach(reader -> reading.add(threads.submit(reader::readAll)));

        int before = IS_LONG ? commit(SECONDS / 2) : 0;
        long heapBefore = usedHeap(api, own);
        Reader slow = new Reader(proxy.through(feed).open(), before * ROWS);
        proxy.inject(new Fault.Throttle(Fault.Way.TO_CLIENT, BYTES_A_SECOND));
        Future<?> slowReading = threads.submit(slow::readAll);
        int with = commit(SECONDS);
        long heapWith = usedHeap(api, own);
        assertThat(slow.rows()).as("rows of the slow one").isLessThan((with - before) * ROWS / 4);
        int rowsWhileSlow = slow.rows();
        long lifted = System.nanoTime();
        proxy.heal();
        if (IS_LONG) {
            commit(SECONDS / 2);
        }
        for (Future<?> one : reading) {
            one.get(CATCH_UP.toSeconds(), TimeUnit.SECONDS);
        }
        slowReading.get(CATCH_UP.toSeconds(), TimeUnit.SECONDS);
        fast.forEach(Reader::close);
        slow.close();
        System.out.printf(
                "SlowReaderIT: the slow one had %d of %d rows, and all %d ms later%n",
                rowsWhileSlow,
                (with - before) * ROWS,
                Duration.ofNanos(System.nanoTime() - lifted).toMillis());
        if (IS_LONG) {
            report(fast, before, with, heapBefore, heapWith);
        }
    }

    /// Commits for so many seconds, and says how many transactions there have been.
    private int commit(int seconds) throws SQLException {
        try (Connection connection = mysql.jdbc();
                PreparedStatement insert = connection.prepareStatement(insert())) {
            connection.setAutoCommit(false);
            long start = System.nanoTime();
            for (int i = 0; i < seconds * TRANSACTIONS_A_SECOND; i++) {
                long due = start + i * 1_000_000_000L / TRANSACTIONS_A_SECOND;
                while (System.nanoTime() < due) {
                    LockSupport.parkNanos(due - System.nanoTime());
                }
                for (int row = 0; row < ROWS; row++) {
                    insert.setInt(1 + row, committed * ROWS + row);
                }
                insert.executeUpdate();
                sent[committed] = System.nanoTime();
                connection.commit();
                committed++;
            }
        }
        return committed;
    }

    private static String insert() {
        String row = "(?, REPEAT('v', 200))";
        return "INSERT INTO slow_reader.t VALUES " + (row + ", ").repeat(ROWS - 1) + row;
    }

    /// In bytes, without garbage; 0 where the service shares this JVM.
    private static long usedHeap(ServiceApi api, ServiceProcess own) {
        if (own == null) {
            return 0;
        }
        own.collectGarbage();
        return api.get("/actuator/metrics/jvm.memory.used?tag=area:heap")
                .expect(200)
                .json()
                .path("measurements")
                .path(0)
                .path("value")
                .asLong();
    }

    private void report(List<Reader> fast, int before, int with, long heapBefore, long heapWith) {
        double without = percentile("without the slow one", fast, 0, before);
        double beside = percentile("beside the slow one ", fast, before, with);
        double after = percentile("while it catches up ", fast, with, committed);
        System.out.printf(
                "    heap in use %d MB without, %d MB beside the slow one%n",
                heapBefore / MEGABYTE, heapWith / MEGABYTE);
        assertThat(beside).isLessThan(2 * Math.max(without, after) + 20);
        assertThat(heapWith).isLessThan(128 * MEGABYTE);
    }

    /// Prints the times from commit to reader, and says the 99th percentile, in milliseconds.
    private static double percentile(String what, List<Reader> readers, int from, int to) {
        int each = to - from;
        double[] millis = new double[readers.size() * each];
        for (int i = 0; i < readers.size(); i++) {
            for (int j = 0; j < each; j++) {
                millis[i * each + j] = readers.get(i).nanos[from + j] / 1e6;
            }
        }
        Arrays.sort(millis);
        double most = millis[(int) (millis.length * 0.99)];
        System.out.printf(
                "    %s: p50 %.1f ms, p99 %.1f ms, longest %.1f ms%n",
                what, millis[millis.length / 2], most, millis[millis.length - 1]);
        return most;
    }

    /// Reads every row once and in order, or fails.
    private final class Reader {

        private final FeedClient client;
        private final long[] nanos = new long[sent.length];
        private volatile int next;
        private final int first;

        Reader(FeedClient client, int first) {
            this.client = client;
            this.first = first;
            this.next = first;
            client.hello();
        }

        int rows() {
            return next - first;
        }

        void readAll() {
            while (next < planned * ROWS) {
                Frame frame = client.frame();
                if (frame.isChange()) {
                    take(frame.data());
                } else if (!frame.isHeartbeat()) {
                    throw new AssertionError("not expected: " + frame);
                }
            }
        }

        /// Without parsing: only the rows have such a member.
        private void take(String data) {
            for (int at = data.indexOf(MEMBER); at >= 0; at = data.indexOf(MEMBER, at + 1)) {
                int end = data.indexOf(',', at);
                int number = Integer.parseInt(data, at + MEMBER.length(), end, 10);
                if (number != next) {
                    throw new AssertionError("row " + next + " expected, not " + number);
                }
                nanos[number / ROWS] = System.nanoTime() - sent[number / ROWS];
                next = number + 1;
            }
        }

        void close() {
            client.close();
        }
    }
}
