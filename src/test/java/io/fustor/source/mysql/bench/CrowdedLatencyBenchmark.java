package io.fustor.source.mysql.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/// How long after a commit was answered its row is in the hands of a live subscriber, alone and
/// while others catch up, over and over, each in a process of its own (`curl`).
record CrowdedLatencyBenchmark(BenchmarkStage stage, VariantsSize size, int seconds) {

    private static final String TABLE = "bench.crowded";
    private static final int RATE = 200;
    private static final int WARM_UP_SECONDS = 3;

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    /// More bytes than the stream's first event takes.
    private static final int LONGEST_TOKEN = 8_000;

    /// More than the time allows.
    private static final int MOST_REQUESTS = 100_000;

    /// @param perSecond rows that all who catch up got together
    record Run(int others, int commits, Percentiles times, double perSecond, double load) {

        String line() {
            return "| %,d | %,d | %s | %,.0f | %.1f |%n"
                    .formatted(others, commits, times.cells(), perSecond, load);
        }
    }

    static String table(List<Run> runs) {
        StringBuilder table =
                new StringBuilder(
                        """
                        ### From commit to a live subscriber while others catch up

                        | others | commits | p50 | p99 | p99.9 | rows/s of the others | load before |
                        | --- | --- | --- | --- | --- | --- | --- |
                        """);
        runs.forEach(run -> table.append(run.line()));
        return table.toString();
    }

    List<Run> run(List<Integer> crowds) throws Exception {
        Stretch stretch = Stretch.ofInserts(stage, TABLE, size.rows());
        for (int round = 1; round < size.rounds(); round++) {
            stretch.byService(stage);
        }
        String token = token(stretch);
        List<Run> runs = new ArrayList<>();
        for (int others : crowds) {
            runs.add(measure(others, token));
        }
        return runs;
    }

    /// The token of the place before the rows.
    private String token(Stretch stretch) throws IOException {
        try (FeedStream feed =
                FeedStream.openPlain(
                        stage.service().port(), BenchmarkStage.feed(stretch.query()))) {
            String begin = new String(feed.in().readNBytes(LONGEST_TOKEN), StandardCharsets.UTF_8);
            return begin.lines()
                    .filter(line -> line.startsWith("id: "))
                    .findFirst()
                    .orElseThrow()
                    .substring("id: ".length());
        }
    }

    private Run measure(int others, String token) throws Exception {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        Commits commits = new Commits(stage.mysql(), RATE, WARM_UP_SECONDS + seconds);
        commits.createTable();
        Ticks answered = new Ticks(commits.most());
        Ticks came = new Ticks(commits.most());
        String live = BenchmarkStage.feed("tables=" + Commits.TABLE);
        List<Process> crowd = new ArrayList<>();
        try (FeedStream feed = FeedStream.openPlain(stage.service().port(), live)) {
            Thread reader = Thread.ofPlatform().start(() -> LatencyBenchmark.read(feed.in(), came));
            for (int i = 0; i < others; i++) {
                crowd.add(catchUpAgainAndAgain(token));
            }
            double before = rowsDelivered();
            long start = System.nanoTime();
            int count = commits.run(answered);
            double perSecond = (rowsDelivered() - before) * 1e9 / (System.nanoTime() - start);
            Awaitility.await("all rows").atMost(LONGEST_WAIT).until(() -> came.count() == count);
            feed.close();
            reader.join();
            return new Run(others, count, percentiles(answered, came), perSecond, load);
        } finally {
            for (Process process : crowd) {
                process.destroy();
                process.waitFor();
            }
        }
    }

    private static Percentiles percentiles(Ticks answered, Ticks came) {
        long warm = answered.time(0) + WARM_UP_SECONDS * 1_000_000_000L;
        return Percentiles.of(
                IntStream.range(0, answered.size())
                        .filter(row -> answered.time(row) > warm)
                        .mapToLong(row -> came.time(row) - answered.time(row))
                        .toArray());
    }

    /// A client of its own process that goes on after a token, again and again: the fragment, which
    /// is not sent, makes many addresses of one.
    private Process catchUpAgainAndAgain(String token) throws IOException {
        String target = BenchmarkStage.feed("tables=" + TABLE + "&until=now");
        String many = stage.service().uri(target) + "#[1-" + MOST_REQUESTS + "]";
        return new ProcessBuilder(
                        "curl", "-sN", "-H", "Last-Event-ID: " + token, "-o", "/dev/null", many)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private double rowsDelivered() {
        return stage.meter("fustor_feed_rows_total", "");
    }
}
