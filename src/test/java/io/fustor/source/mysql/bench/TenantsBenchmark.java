package io.fustor.source.mysql.bench;

import io.fustor.source.mysql.support.Sql;
import java.lang.management.ManagementFactory;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.IntFunction;

/// Many live subscribers of one table, each with the rows of one customer only, beside as many
/// subscribers of a table that does not change, while rows come at a steady rate, some a commit.
record TenantsBenchmark(BenchmarkStage stage, TenantsSize size) {

    private static final String IDLE = "bench.idle";

    /// @param changes that were committed in the time that counts
    /// @param nanosLater from the last commit's answer to the last row
    record Run(
            String selection,
            int rate,
            int changes,
            long delivered,
            Duration cpu,
            long nanosLater,
            long heap,
            double load) {

        private double cpuPerThousand() {
            return cpu.toNanos() / 1e6 / changes * 1e3;
        }

        String line(int subscribers, int seconds, Run first) {
            return "| %,d | %s | %,d | %,d | %,d | %.1f | %.2f × | %.1f | %d MB | %.1f |%n"
                    .formatted(
                            subscribers,
                            selection,
                            rate,
                            changes / seconds,
                            delivered,
                            cpuPerThousand(),
                            cpuPerThousand() / first.cpuPerThousand(),
                            nanosLater / 1e6,
                            heap >> 20,
                            load);
        }
    }

    String table(List<Run> runs) {
        StringBuilder table =
                new StringBuilder(
                        """
                        ### Live subscribers with a condition each

                        | subscribers | each of | changes/s asked | reached | rows delivered | CPU ms per 1,000 changes | by the idle ones | last row after the last commit, ms | heap | load before |
                        | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
                        """);
        for (int i = 0; i < runs.size(); i++) {
            Run idle = runs.get(i - i % 2);
            table.append(runs.get(i).line(size.subscribers(), size.seconds(), idle));
        }
        return table.toString();
    }

    /// For each rate the idle subscribers first, and then those with conditions.
    List<Run> run() throws Exception {
        stage.mysql().execute("CREATE TABLE %s (id INT PRIMARY KEY)".formatted(IDLE));
        List<Run> runs = new ArrayList<>();
        for (int rate : size.rates()) {
            String idle = BenchmarkStage.feed("tables=" + IDLE);
            runs.add(measure("a table that does not change", rate, _ -> idle));
            runs.add(measure("`customer_id = k`", rate, TenantsBenchmark::ofCustomer));
        }
        return runs;
    }

    private static String ofCustomer(int customer) {
        String condition = Commits.TABLE + ": customer_id = " + customer;
        return BenchmarkStage.feed(
                "tables="
                        + Commits.TABLE
                        + "&where="
                        + URLEncoder.encode(condition, StandardCharsets.UTF_8));
    }

    private Run measure(String selection, int rate, IntFunction<String> targets) throws Exception {
        int subscribers = size.subscribers();
        boolean isIdle = targets.apply(0).equals(targets.apply(1));
        Commits commits = new Commits(stage.mysql(), rate, size.seconds(), size.rows());
        long pid = stage.service().pid();
        commits.createTable(
                ", customer_id INT AS (tick %% %d) STORED, mark CHAR(1) AS ('%c') STORED"
                        .formatted(subscribers, (char) BenchmarkTable.MARK));
        try (FanOutReaders readers =
                new FanOutReaders(stage.service().port(), targets, subscribers)) {
            long[] none = readers.counts();
            write(commits, readers, isIdle);
            requireExact(readers, isIdle, none);
            stage.mysql().execute("TRUNCATE TABLE " + Commits.TABLE);
            double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
            long[] before = readers.counts();
            Duration cpuBefore = ProcessUsage.cpu(pid);
            Written written = write(commits, readers, isIdle);
            Duration cpu = ProcessUsage.cpu(pid).minus(cpuBefore);
            requireExact(readers, isIdle, before);
            stage.service().collectGarbage();
            return new Run(
                    selection,
                    rate,
                    written.rows,
                    Arrays.stream(readers.counts()).sum() - Arrays.stream(before).sum(),
                    cpu,
                    written.nanosLater,
                    heap(),
                    load);
        }
    }

    private record Written(int rows, long nanosLater) {}

    private record Committed(int rows, long at) {}

    /// Lets the writers write, and reads all that comes of it.
    private Written write(Commits commits, FanOutReaders readers, boolean isIdle) throws Exception {
        long before = readers.total();
        CompletableFuture<Committed> writing =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                int rows = commits.run(new Ticks(commits.most()));
                                return new Committed(rows, System.nanoTime());
                            } catch (Exception e) {
                                throw new CompletionException(e);
                            }
                        });
        readers.readUntil(
                () ->
                        writing.isDone()
                                && (isIdle || readers.total() - before >= writing.join().rows()));
        Committed committed = writing.join();
        return new Written(
                committed.rows(), isIdle ? 0 : Math.max(0, readers.last() - committed.at()));
    }

    /// Each subscriber has had the rows of its customer, and no other.
    private void requireExact(FanOutReaders readers, boolean isIdle, long[] before) {
        long[] expected = before.clone();
        String customers = "SELECT customer_id FROM " + Commits.TABLE;
        if (!isIdle) {
            for (String customer : Sql.column(stage.mysql(), customers, 1)) {
                expected[Integer.parseInt(customer)]++;
            }
        }
        if (!Arrays.equals(readers.counts(), expected)) {
            throw new AssertionError("subscribers got other rows than those of their customers");
        }
    }

    private long heap() {
        return (long) stage.meter("jvm_memory_used_bytes", "area=\"heap\"");
    }
}
