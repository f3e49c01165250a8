package io.fustor.source.mysql.bench;

import java.util.List;

/// How much the benchmarks of variants, and of subscribers that catch up, do.
///
/// @param rows of each variant; of the wide table a fifth of them
/// @param rounds how often each reader reads them; the middle one of those after the first is the
///   figure
/// @param readers how many catch up at once
/// @param crowds how many catch up beside a live subscriber
record VariantsSize(int rows, int rounds, List<Integer> readers, List<Integer> crowds) {

    /// As the properties `bench.variants.rows`, and so on say.
    static VariantsSize ofProperties() {
        return new VariantsSize(
                Integer.getInteger("bench.variants.rows", 200_000),
                Integer.getInteger("bench.variants.rounds", 4),
                BenchmarkSize.numbers("bench.readers", "1,10,100"),
                BenchmarkSize.numbers("bench.crowds", "0,32,100"));
    }

    /// As much as an ordinary build has time for.
    static VariantsSize small() {
        return new VariantsSize(2_000, 1, List.of(1, 3), List.of(0, 3));
    }
}
