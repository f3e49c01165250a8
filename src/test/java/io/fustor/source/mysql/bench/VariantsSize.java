package io.fustor.source.mysql.bench;

import java.util.List;

/// How much the benchmarks of variants, and of subscribers that catch up together, do.
///
/// @param rows of each variant; of the wide table a fifth of them
/// @param rounds how often each reader reads them; the middle one of those after the first is the
///   figure
/// @param readers how many catch up at once
record VariantsSize(int rows, int rounds, List<Integer> readers) {

    /// As the properties `bench.variants.rows`, and so on say.
    static VariantsSize ofProperties() {
        return new VariantsSize(
                Integer.getInteger("bench.variants.rows", 200_000),
                Integer.getInteger("bench.variants.rounds", 4),
                BenchmarkSize.numbers("bench.readers", "1,10,100"));
    }

    /// As much as an ordinary build has time for.
    static VariantsSize small() {
        return new VariantsSize(2_000, 1, List.of(1, 3));
    }
}
