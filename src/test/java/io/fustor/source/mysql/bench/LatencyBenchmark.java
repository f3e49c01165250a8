package io.fustor.source.mysql.bench;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.WriteRowsEventData;
import io.fustor.source.mysql.bench.BenchmarkTable.BinlogPlace;
import io.fustor.source.mysql.support.ConnectorClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/// How long after a commit was answered its row is in the hands of a subscriber of the service, and
/// in those of the connector library's listener, for the same commits.
record LatencyBenchmark(BenchmarkStage stage, BenchmarkSize size) {

    private static final int WARM_UP_SECONDS = 2;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    /// The same commits, seen from three sides.
    private record Times(Ticks answered, Ticks service, Ticks connector) {}

    void run() throws Exception {
        Report.table(
                """
                        ### From commit to reader

                        | commits a second | reader | p50 | p99 | p99.9 | load before |
                        | --- | --- | --- | --- | --- | --- |
                        """);
        for (int rate : size.rates()) {
            Report.line(measure(rate));
        }
    }

    private String measure(int rate) throws Exception {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        Commits commits = new Commits(stage.mysql(), rate, WARM_UP_SECONDS + size.seconds());
        commits.createTable();
        int most = commits.most();
        Times times = new Times(new Ticks(most), new Ticks(most), new Ticks(most));
        BinaryLogClient connector = connect(times.connector());
        try (FeedStream feed =
                FeedStream.openPlain(
                        stage.service().port(), BenchmarkStage.feed("tables=" + Commits.TABLE))) {
            Thread reader = Thread.ofPlatform().start(() -> read(feed.in(), times.service()));
            int count = commits.run(times.answered());
            await(count, times.service());
            await(count, times.connector());
            feed.close();
            reader.join();
            return lines(rate, count, times, load);
        } finally {
            connector.disconnect();
        }
    }

    private static void await(int count, Ticks ticks) {
        Awaitility.await("all rows").atMost(LONGEST_WAIT).until(() -> ticks.count() == count);
    }

    static void read(InputStream in, Ticks ticks) {
        byte[] piece = new byte[64 * 1024];
        try {
            for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                ticks.scan(piece, length, System.nanoTime());
            }
        } catch (IOException _) {
            // Closed, as the benchmark wants it when all rows are there.
        }
    }

    private BinaryLogClient connect(Ticks ticks) throws Exception {
        BinlogPlace end = stage.table().end();
        BinaryLogClient client = ConnectorClient.to(stage.mysql());
        client.setBinlogFilename(end.file());
        client.setBinlogPosition(end.offset());
        client.registerEventListener(event -> take(event, ticks));
        client.connect(LONGEST_WAIT.toMillis());
        return client;
    }

    private static void take(Event event, Ticks ticks) {
        if (event.getData() instanceof WriteRowsEventData write) {
            long now = System.nanoTime();
            for (Serializable[] row : write.getRows()) {
                ticks.next((Integer) row[0], now);
            }
        }
    }

    private String lines(int rate, int count, Times times, double load) {
        long warm = times.answered().time(0) + Duration.ofSeconds(WARM_UP_SECONDS).toNanos();
        int[] rows =
                IntStream.range(0, times.answered().size())
                        .filter(row -> times.answered().time(row) > warm)
                        .toArray();
        String rates = "%,d".formatted(rate);
        int reached = count / (WARM_UP_SECONDS + size.seconds());
        if (reached < 0.95 * rate) {
            rates += " asked, %,d reached".formatted(reached);
        }
        return line(rates, "this service", rows, times.answered(), times.service(), load)
                + line(rates, "connector", rows, times.answered(), times.connector(), load)
                + line(
                        rates,
                        "the service minus the connector",
                        rows,
                        times.connector(),
                        times.service(),
                        load);
    }

    private static String line(
            String rates, String reader, int[] rows, Ticks from, Ticks to, double load) {
        long[] nanos = new long[rows.length];
        for (int i = 0; i < rows.length; i++) {
            nanos[i] = to.time(rows[i]) - from.time(rows[i]);
        }
        return "| %s | %s | %s | %.1f |%n"
                .formatted(rates, reader, Percentiles.of(nanos).cells(), load);
    }
}
