package io.fustor.source.mysql.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.awaitility.Awaitility;

/// What compressed streams save and cost: bytes and processor time of a catch-up and of many live
/// subscribers, and the time from commit to reader.
record CompressionBenchmark(BenchmarkStage stage, BenchmarkSize size) {

    private static final List<String> CODINGS = List.of("identity", "gzip", "zstd");
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);
    private static final int WARM_UP_SECONDS = 2;
    private static final int RATE = 200;

    /// The rows of one transaction to many subscribers.
    private static final int ROWS = 320;

    /// One pass over the same rows.
    ///
    /// @param cpu of the service
    record Pass(String what, String coding, CodedReader.Read read, Duration cpu, double load) {

        /// @param plain the same without a coding
        String line(Pass plain) {
            Reading reading = read.reading();
            return "| %s | %s | %.2f | %.2f | %.2f | %,.0f | %.2f | %.2f | %.1f |%n"
                    .formatted(
                            what,
                            coding,
                            reading.bytes() / 1e6,
                            (double) plain.read.contents() / reading.bytes(),
                            plain.read.byGzip() / (double) reading.bytes(),
                            reading.rows() * 1e9 / reading.nanos(),
                            cpu.toNanos() / 1e3 / reading.rows(),
                            (double) cpu.toNanos() / plain.cpu.toNanos(),
                            load);
        }
    }

    static final String CATCH_UP_HEAD =
            """
            ### Compression: catch-up

            | rows | coding | MB | of the plain bytes, 1 : | as small as `gzip -1` | rows/s | CPU s per million rows | of plain | load before |
            | --- | --- | --- | --- | --- | --- | --- | --- | --- |
            """;

    /// Inserts and updates as in the table of the catch-up.
    List<Pass> catchUp() throws Exception {
        BenchmarkTable table = stage.table();
        stage.mysql().execute("TRUNCATE TABLE " + BenchmarkTable.ORDERS);
        Stretch inserts =
                Stretch.write(
                        stage, BenchmarkTable.ORDERS, size.rows(), () -> table.insert(size.rows()));
        List<Pass> passes = new ArrayList<>(catchUp("inserts, 100 a transaction", inserts));
        Stretch updates =
                Stretch.write(
                        stage,
                        BenchmarkTable.ORDERS,
                        2L * size.updates(),
                        () -> table.update(size.updates(), size.rows()));
        passes.addAll(catchUp("updates, one an event", updates));
        return passes;
    }

    private List<Pass> catchUp(String what, Stretch stretch) throws Exception {
        List<Pass> passes = new ArrayList<>();
        for (String coding : CODINGS) {
            Pass last = null;
            for (int round = 0; round < size.rounds(); round++) {
                boolean beside = coding.equals("identity") && round == 0;
                Pass pass = pass(what, stretch, coding, beside);
                passes.addAll(beside ? List.of(pass) : List.of());
                last = pass;
            }
            if (last != null && (!coding.equals("identity") || size.rounds() > 1)) {
                passes.add(last);
            }
        }
        return joined(passes);
    }

    /// The size by gzip is of the first pass, the time of a later one.
    private static List<Pass> joined(List<Pass> passes) {
        if (passes.size() == CODINGS.size()) {
            return passes;
        }
        Pass timed = passes.get(1);
        CodedReader.Read read =
                new CodedReader.Read(
                        timed.read().reading(),
                        timed.read().contents(),
                        passes.getFirst().read().byGzip());
        List<Pass> all = new ArrayList<>(passes.subList(2, passes.size()));
        all.addFirst(new Pass(timed.what(), timed.coding(), read, timed.cpu(), timed.load()));
        return all;
    }

    private Pass pass(String what, Stretch stretch, String coding, boolean beside)
            throws IOException {
        long pid = stage.service().pid();
        double load = load();
        Duration before = ProcessUsage.cpu(pid);
        CodedReader.Read read =
                new CodedReader(stage.service().port(), coding)
                        .read(BenchmarkStage.feed(stretch.query()), stretch.rows(), beside);
        return new Pass(what, coding, read, ProcessUsage.cpu(pid).minus(before), load);
    }

    static void report(List<Pass> passes) {
        Report.table(CATCH_UP_HEAD);
        Pass plain = passes.getFirst();
        for (Pass pass : passes) {
            plain = pass.coding().equals("identity") ? pass : plain;
            Report.line(pass.line(plain));
        }
    }

    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    /// What some rounds to all subscribers came to.
    private record Total(long rows, long bytes, long nanos, Duration cpu) {

        double micros() {
            return cpu.toNanos() / 1e3 / rows;
        }

        String line(String what, int subscribers, String coding, Total plain, double load) {
            return "| %s | %,d | %s | %,.0f | %.0f | %.2f | %.2f | %.1f |%n"
                    .formatted(
                            what,
                            subscribers,
                            coding,
                            rows * 1e9 / nanos,
                            (double) bytes / rows,
                            micros(),
                            micros() / plain.micros(),
                            load);
        }
    }

    /// The processor time that live subscribers cost, of a plain stream and with gzip in turn.
    void fanOut() throws Exception {
        stage.mysql()
                .execute("CREATE TABLE bench.coded (id INT AUTO_INCREMENT PRIMARY KEY, v TEXT)");
        Report.table(
                """
                ### Compression: many live subscribers

                | commits | subscribers | coding | deliveries/s | bytes a delivery | CPU s per million | of plain | load before |
                | --- | --- | --- | --- | --- | --- | --- | --- |
                """);
        for (int subscribers : size.subscribers()) {
            report("of %d rows".formatted(ROWS), subscribers, ROWS, 0);
            report("of a row, %d/s".formatted(RATE), subscribers, 1, 1_000_000_000L / RATE);
        }
    }

    private void report(String what, int subscribers, int rows, long pause) throws Exception {
        double load = load();
        try (CodedFanOutReaders plain = readers(subscribers, "identity")) {
            measure(plain, subscribers, rows, pause);
            Total without = measure(plain, subscribers, rows, pause);
            Report.line(without.line(what, subscribers, "none", without, load));
            plain.close();
            try (CodedFanOutReaders gzip = readers(subscribers, "gzip")) {
                measure(gzip, subscribers, rows, pause);
                Total with = measure(gzip, subscribers, rows, pause);
                Report.line(with.line(what, subscribers, "gzip", without, load));
            }
        }
    }

    private CodedFanOutReaders readers(int subscribers, String coding) throws IOException {
        String target = BenchmarkStage.feed("batch=1&tables=bench.coded");
        try {
            return new CodedFanOutReaders(stage.service().port(), target, subscribers, coding);
        } catch (IOException | UncheckedIOException e) {
            throw new IOException("the service says " + stage.service().log(), e);
        }
    }

    /// Commits one transaction after the other for as long as the size says.
    ///
    /// @param pause from one commit to the next at the least; 0 waits until all have the rows
    private Total measure(CodedFanOutReaders readers, int subscribers, int rows, long pause)
            throws Exception {
        String insert =
                "INSERT INTO bench.coded (v) SELECT CONCAT('#', n, ' of many rows') FROM bench.numbers LIMIT "
                        + rows;
        int together = pause == 0 ? 1 : RATE;
        long pid = stage.service().pid();
        Duration before = ProcessUsage.cpu(pid);
        long start = System.nanoTime();
        long end = start + Duration.ofSeconds(size.seconds()).toNanos();
        long count = 0;
        long bytes = 0;
        while (count == 0 || System.nanoTime() < end) {
            CompletableFuture<Void> writing =
                    CompletableFuture.runAsync(() -> commit(insert, together, pause));
            Reading reading = readers.read((long) rows * together * subscribers);
            writing.join();
            count += reading.rows();
            bytes += reading.bytes();
        }
        return new Total(
                count, bytes, System.nanoTime() - start, ProcessUsage.cpu(pid).minus(before));
    }

    private void commit(String insert, int times, long pause) {
        try (Connection connection = stage.mysql().jdbc();
                Statement statement = connection.createStatement()) {
            long due = System.nanoTime();
            for (int i = 0; i < times; i++, due += pause) {
                for (long wait = due - System.nanoTime();
                        wait > 0;
                        wait = due - System.nanoTime()) {
                    LockSupport.parkNanos(wait);
                }
                statement.execute(insert);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The same commits, to a plain stream and one with gzip.
    void latency() throws Exception {
        Report.table(
                """
                ### Compression: from commit to reader

                | commits a second | reader | p50 | p99 | p99.9 | load before |
                | --- | --- | --- | --- | --- | --- |
                """);
        for (int rate : size.rates()) {
            latency(rate);
        }
    }

    private void latency(int rate) throws Exception {
        double load = load();
        Commits commits = new Commits(stage.mysql(), rate, WARM_UP_SECONDS + size.seconds());
        commits.createTable();
        Ticks answered = new Ticks(commits.most());
        Ticks plain = new Ticks(commits.most());
        Ticks gzip = new Ticks(commits.most());
        String target = BenchmarkStage.feed("tables=" + Commits.TABLE);
        int port = stage.service().port();
        try (FeedStream plainFeed = FeedStream.openPlain(port, target);
                FeedStream gzipFeed = FeedStream.openPlain(port, target, "gzip")) {
            Thread first = Thread.ofPlatform().start(() -> scan(plainFeed.in(), false, plain));
            Thread second = Thread.ofPlatform().start(() -> scan(gzipFeed.in(), true, gzip));
            int count = commits.run(answered);
            Awaitility.await("all rows")
                    .atMost(LONGEST_WAIT)
                    .until(() -> plain.count() == count && gzip.count() == count);
            plainFeed.close();
            gzipFeed.close();
            first.join();
            second.join();
        }
        long warm = answered.time(0) + Duration.ofSeconds(WARM_UP_SECONDS).toNanos();
        int[] rows =
                IntStream.range(0, answered.size())
                        .filter(row -> answered.time(row) > warm)
                        .toArray();
        line(rate, "plain", rows, answered, plain, load);
        line(rate, "gzip", rows, answered, gzip, load);
        line(rate, "gzip minus plain", rows, plain, gzip, load);
    }

    private static void scan(InputStream sent, boolean isCoded, Ticks ticks) {
        byte[] piece = new byte[64 * 1024];
        try (InputStream in = isCoded ? new GZIPInputStream(sent) : sent) {
            for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                ticks.scan(piece, length, System.nanoTime());
            }
        } catch (IOException _) {
            // Closed, as the benchmark wants it when all rows are there.
        }
    }

    private static void line(
            int rate, String reader, int[] rows, Ticks from, Ticks to, double load) {
        long[] nanos = IntStream.of(rows).mapToLong(row -> to.time(row) - from.time(row)).toArray();
        Report.line(
                "| %,d | %s | %s | %.1f |%n"
                        .formatted(rate, reader, Percentiles.of(nanos).cells(), load));
    }
}
