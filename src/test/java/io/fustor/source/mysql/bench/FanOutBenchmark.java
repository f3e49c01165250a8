package io.fustor.source.mysql.bench;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// How many rows a second reach live subscribers all together, one frame each, beside a bare server
/// that writes as many bytes.
record FanOutBenchmark(BenchmarkStage stage, BenchmarkSize size) {

    private static final String TABLE = "bench.fan";

    /// A frame is some 600 bytes by what is around the row.
    private static final int TEXT = 20;

    /// Frames of one round to all subscribers together, and to one at the most.
    private static final int ROUND = 400_000;

    private static final int MOST_ROWS = 20_000;

    /// As many as the service writes at once: 64 KiB of frames.
    private static final int TOGETHER = 160;

    private static final int MOST_ROUNDS = 1_000;
    private static final double MEGABYTE = 1 << 20;

    private interface Round {
        Reading run() throws Exception;
    }

    /// What rounds came to together.
    private record Total(String server, Reading reading, Duration cpu, double load, double heap) {

        Total withHeap(double bytes) {
            return new Total(server, reading, cpu, load, bytes);
        }

        double perSecond() {
            return reading.rows() * 1e9 / reading.nanos();
        }

        String line(int subscribers, Total service) {
            String ratio =
                    this == service
                            ? "1"
                            : "%.2f × as fast".formatted(service.perSecond() / perSecond());
            return "| %,d | %s | %s | %,.0f | %.0f | %s | %s | %.1f |%n"
                    .formatted(
                            subscribers,
                            server,
                            ratio,
                            perSecond(),
                            reading.bytes() * 1e3 / reading.nanos(),
                            cpu.isZero()
                                    ? ""
                                    : "%.2f".formatted(cpu.toNanos() / 1e3 / reading.rows()),
                            heap == 0 ? "" : "%.0f MB".formatted(heap / MEGABYTE),
                            load);
        }
    }

    void run() throws Exception {
        stage.mysql()
                .execute(
                        "CREATE TABLE %s (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(200))"
                                .formatted(TABLE),
                        "CREATE TABLE bench.many (n INT PRIMARY KEY)",
                        """
                        INSERT INTO bench.many WITH digits AS (SELECT n FROM bench.numbers)
                        SELECT a.n * 1000 + b.n FROM digits a JOIN digits b WHERE a.n <= %d"""
                                .formatted(MOST_ROWS / 1000));
        Report.table(
                """
                        ### Many live subscribers

                        | subscribers | server | the service is | deliveries/s | MB/s | CPU s per million | heap in use, all garbage collected | load before |
                        | --- | --- | --- | --- | --- | --- | --- | --- |
                        """);
        for (int subscribers : size.subscribers()) {
            int rows = Math.min(MOST_ROWS, ROUND / subscribers) / TOGETHER * TOGETHER;
            rows = Math.max(rows, TOGETHER);
            Total service = service(subscribers, rows);
            int frame = (int) (service.reading().bytes() / service.reading().rows());
            Report.line(service.line(subscribers, service));
            Report.line(
                    bare("bare, a frame a write", subscribers, rows, frame, 1)
                            .line(subscribers, service));
            Report.line(
                    bare("bare, 160 frames a write", subscribers, rows, frame, TOGETHER)
                            .line(subscribers, service));
        }
    }

    private Total service(int subscribers, int rows) throws Exception {
        String target = BenchmarkStage.feed("batch=1&tables=" + TABLE);
        String insert =
                "INSERT INTO %s (v) SELECT CONCAT('#', REPEAT('x', %d)) FROM bench.many LIMIT %d"
                        .formatted(TABLE, TEXT, rows);
        try (FanOutReaders readers =
                new FanOutReaders(stage.service().port(), target, subscribers)) {
            long pid = stage.service().pid();
            Total total =
                    measure(
                            "this service",
                            () -> ProcessUsage.cpu(pid),
                            () -> {
                                CompletableFuture<Void> inserting =
                                        CompletableFuture.runAsync(
                                                () -> stage.mysql().execute(insert));
                                Reading reading = readers.read((long) rows * subscribers);
                                inserting.join();
                                return reading;
                            });
            stage.service().collectGarbage();
            return total.withHeap(stage.meter("jvm_memory_used_bytes", "area=\"heap\""));
        }
    }

    private Total bare(String name, int subscribers, int rows, int frame, int together)
            throws Exception {
        try (BareServer server = new BareServer(frame, rows, together);
                FanOutReaders readers = new FanOutReaders(server.port(), "/", subscribers)) {
            return measure(
                    name,
                    () -> Duration.ZERO,
                    () -> {
                        server.startRound();
                        return readers.read((long) rows * subscribers);
                    });
        }
    }

    /// One round to warm up, then rounds for as long as the size says.
    private Total measure(String server, Supplier<Duration> cpu, Round round) throws Exception {
        round.run();
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        long end = System.nanoTime() + Duration.ofSeconds(size.seconds()).toNanos();
        Duration before = cpu.get();
        Reading total = new Reading(0, 0, 0);
        for (int i = 0; i < MOST_ROUNDS && (i == 0 || System.nanoTime() < end); i++) {
            Reading more = round.run();
            total =
                    new Reading(
                            total.rows() + more.rows(),
                            total.bytes() + more.bytes(),
                            total.nanos() + more.nanos());
        }
        return new Total(server, total, cpu.get().minus(before), load, 0);
    }
}
