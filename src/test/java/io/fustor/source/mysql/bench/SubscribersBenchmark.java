package io.fustor.source.mysql.bench;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// How many rows a second come to all together when many subscribers read the same stretch of the
/// binlog from its beginning.
record SubscribersBenchmark(BenchmarkStage stage, VariantsSize size) {

    private static final String TABLE = "bench.shared";

    /// What so many subscribers got together, from the first one's request to the last one's row.
    record Crowd(int subscribers, Reading reading, Duration cpu, double load) {

        private double perSecond() {
            return reading.rows() * 1e9 / reading.nanos();
        }

        String line(Crowd first) {
            return "| %,d | %.2f | %,.0f | %,.0f | %.0f | %.2f | %.1f |%n"
                    .formatted(
                            subscribers,
                            perSecond() / first.perSecond(),
                            perSecond(),
                            perSecond() / subscribers,
                            reading.bytes() * 1e3 / reading.nanos(),
                            cpu.toNanos() / 1e3 / reading.rows(),
                            load);
        }
    }

    static String table(List<Crowd> crowds) {
        StringBuilder table =
                new StringBuilder(
                        """
                        ### Subscribers that catch up at once

                        | subscribers | by the first line | rows/s in all | rows/s of one | MB/s out | CPU s per million rows | load before |
                        | --- | --- | --- | --- | --- | --- | --- |
                        """);
        crowds.forEach(crowd -> table.append(crowd.line(crowds.getFirst())));
        return table.toString();
    }

    List<Crowd> run() throws Exception {
        Stretch stretch = Stretch.ofInserts(stage, TABLE, size.rows());
        for (int round = 1; round < size.rounds(); round++) {
            stretch.byService(stage);
        }
        List<Crowd> crowds = new ArrayList<>();
        for (int subscribers : size.readers()) {
            crowds.add(measure(subscribers, stretch));
        }
        return crowds;
    }

    private Crowd measure(int subscribers, Stretch stretch) throws Exception {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        long pid = stage.service().pid();
        Duration before = ProcessUsage.cpu(pid);
        long start = System.nanoTime();
        long expected = subscribers * stretch.rows();
        String target = BenchmarkStage.feed(stretch.query());
        try (FanOutReaders readers =
                new FanOutReaders(stage.service().port(), target, subscribers)) {
            readers.readUntil(() -> readers.total() >= expected);
            for (long count : readers.counts()) {
                if (count != stretch.rows()) {
                    throw new AssertionError("a subscriber read %d rows".formatted(count));
                }
            }
            Reading all = new Reading(expected, readers.bytes(), readers.last() - start);
            return new Crowd(subscribers, all, ProcessUsage.cpu(pid).minus(before), load);
        }
    }
}
