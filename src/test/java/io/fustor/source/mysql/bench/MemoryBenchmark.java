package io.fustor.source.mysql.bench;

import io.fustor.source.mysql.support.Folder;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TestMySql;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// What the service needs of a small heap: with a thousand live subscribers, who come when the live
/// window is full, and with one that catches up as fast as it can. A subscriber that does not get
/// every row fails the run.
record MemoryBenchmark(BenchmarkSize size) {

    private static final int SUBSCRIBERS = Integer.getInteger("bench.memory.subscribers", 1_000);
    private static final String TABLE = "bench.fan";

    /// Some 130 MB of JSON: twice the live window.
    private static final int WINDOW_ROWS = 300_000;

    private static final int ROUND_ROWS = 400;
    private static final double MEGABYTE = 1 << 20;

    void run() throws Exception {
        Report.table(
                """
                ### Memory

                | what | heap | rows/s | collecting garbage | heap in use, all garbage collected | peak RSS | load |
                | --- | --- | --- | --- | --- | --- | --- |
                """);
        try (TestMySql mysql = TestMySql.start("--max-connections=500")) {
            new BenchmarkTable(mysql).create();
            mysql.execute(
                    "CREATE TABLE %s (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(200))"
                            .formatted(TABLE));
            new BenchmarkTable(mysql).insert(size.rows());
            catchUp(mysql, "-Xmx256m");
            catchUp(mysql, "-Xmx128m");
            mysql.execute("TRUNCATE TABLE " + BenchmarkTable.ORDERS);
            live(mysql, "-Xmx512m");
        }
    }

    private void catchUp(TestMySql mysql, String heap) throws Exception {
        Folder data = Folder.temporary("fustor-memory-");
        try (ServiceProcess service = start(mysql, data, heap)) {
            String feed = BenchmarkStage.feed("from=earliest&tables=" + BenchmarkTable.ORDERS);
            Reading reading = null;
            for (int round = 0; round < size.rounds(); round++) {
                reading = FeedStream.read(service.port(), feed, size.rows());
                if (reading.rows() != size.rows()) {
                    throw new IllegalStateException(
                            "%d rows of %d came".formatted(reading.rows(), size.rows()));
                }
            }
            report("one subscriber that catches up", heap, reading, service);
        } finally {
            data.delete();
        }
    }

    private void live(TestMySql mysql, String heap) throws Exception {
        Folder data = Folder.temporary("fustor-memory-");
        try (ServiceProcess service = start(mysql, data, heap)) {
            fillWindow(mysql, service);
            String feed = BenchmarkStage.feed("batch=1&tables=" + TABLE);
            try (FanOutReaders readers = new FanOutReaders(service.port(), feed, SUBSCRIBERS)) {
                Reading reading = rounds(mysql, readers);
                String what = "%,d live subscribers, the window full".formatted(SUBSCRIBERS);
                report(what, heap, reading, service);
            }
        } finally {
            data.delete();
        }
    }

    private static ServiceProcess start(TestMySql mysql, Folder data, String heap) {
        ServiceProcess service =
                ServiceProcess.start(
                        data.path(),
                        Map.of("fustor.mysql.tls", "disabled"),
                        heap,
                        "-XX:+ExitOnOutOfMemoryError");
        new ServiceApi(service.uri("/")).addSource(BenchmarkStage.SOURCE, mysql);
        return service;
    }

    private static void fillWindow(TestMySql mysql, ServiceProcess service) throws Exception {
        String feed = BenchmarkStage.feed("tables=" + BenchmarkTable.ORDERS);
        try (FeedStream stream = FeedStream.open(service.port(), feed)) {
            CompletableFuture<Void> inserting =
                    CompletableFuture.runAsync(() -> new BenchmarkTable(mysql).insert(WINDOW_ROWS));
            Reading.ofMarks(stream.in(), WINDOW_ROWS, System.nanoTime());
            inserting.join();
        }
    }

    private Reading rounds(TestMySql mysql, FanOutReaders readers) throws Exception {
        String insert =
                "INSERT INTO %s (v) SELECT CONCAT('#', REPEAT('x', 20)) FROM bench.numbers WHERE n <= %d"
                        .formatted(TABLE, ROUND_ROWS);
        long end = System.nanoTime() + Duration.ofSeconds(size.seconds()).toNanos();
        long rows = 0;
        long bytes = 0;
        long nanos = 0;
        while (rows == 0 || System.nanoTime() < end) {
            CompletableFuture<Void> inserting =
                    CompletableFuture.runAsync(() -> mysql.execute(insert));
            Reading round = readers.read((long) ROUND_ROWS * SUBSCRIBERS);
            inserting.join();
            rows += round.rows();
            bytes += round.bytes();
            nanos += round.nanos();
        }
        return new Reading(rows, bytes, nanos);
    }

    private static void report(String what, String heap, Reading reading, ServiceProcess service) {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        double garbage = sum(service, "jvm_gc_pause_seconds_sum", "");
        service.collectGarbage();
        Report.line(
                "| %s | %s | %,.0f | %.1f s | %.0f MB | %.0f MB | %.1f |%n"
                        .formatted(
                                what,
                                heap,
                                reading.rows() * 1e9 / reading.nanos(),
                                garbage,
                                sum(service, "jvm_memory_used_bytes", "area=\"heap\"") / MEGABYTE,
                                ProcessUsage.peakMemory(service.pid()) / MEGABYTE,
                                load));
    }

    /// Over all lines of a meter.
    private static double sum(ServiceProcess service, String meter, String tag) {
        return new ServiceApi(service.uri("/"))
                .get("/actuator/prometheus")
                .expect(200)
                .body()
                .lines()
                .filter(line -> line.startsWith(meter + "{") && line.contains(tag))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }
}
