package io.fustor.source.mysql.bench;

import java.util.Arrays;

/// How long something took, over many times, in milliseconds.
record Percentiles(double half, double most, double almostAll) {

    /// @param nanos the times, in any order; at least one
    static Percentiles of(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return new Percentiles(at(sorted, 0.5), at(sorted, 0.99), at(sorted, 0.999));
    }

    private static double at(long[] sorted, double quantile) {
        return sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * quantile))] / 1e6;
    }

    /// Cells of a table's line.
    String cells() {
        return "%.2f ms | %.2f ms | %.2f ms".formatted(half, most, almostAll);
    }
}
