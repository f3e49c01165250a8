package io.fustor.source.mysql.bench;

import java.util.Arrays;
import java.util.List;

/// How much a run of the benchmarks does.
///
/// @param rows that are inserted for the catch-up
/// @param updates of those rows, each an event of its own
/// @param snapshotRows of the table that snapshots read
/// @param rounds how often each reader reads it all; the middle one of those after the first is the
///   figure
/// @param seconds that one rate of commits, or one number of subscribers, is kept up
/// @param rates commits a second
/// @param subscribers how many are live at once
record BenchmarkSize(
        int rows,
        int updates,
        int snapshotRows,
        int rounds,
        int seconds,
        List<Integer> rates,
        List<Integer> subscribers) {

    /// As the properties `bench.rows`, `bench.updates`, and so on say.
    static BenchmarkSize ofProperties() {
        return new BenchmarkSize(
                Integer.getInteger("bench.rows", 500_000),
                Integer.getInteger("bench.updates", 200_000),
                Integer.getInteger("bench.snapshot.rows", 500_000),
                Integer.getInteger("bench.rounds", 4),
                Integer.getInteger("bench.seconds", 5),
                numbers("bench.rates", "200,2000,20000"),
                numbers("bench.subscribers", "1,10,100,1000"));
    }

    /// As much as an ordinary build has time for.
    static BenchmarkSize small() {
        return new BenchmarkSize(5_000, 1_000, 5_000, 1, 1, List.of(), List.of());
    }

    static List<Integer> numbers(String property, String otherwise) {
        return Arrays.stream(System.getProperty(property, otherwise).split(",", -1))
                .map(Integer::valueOf)
                .toList();
    }
}
