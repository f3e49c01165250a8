package io.fustor.source.mysql.bench;

import java.util.List;

/// A ratio of pairs that were measured one after the other: the middle pair, and all of them lie
/// between the two others.
record Ratio(double middle, double least, double most) {

    /// @param pairs at least one
    static Ratio of(List<Double> pairs) {
        List<Double> sorted = pairs.stream().sorted().toList();
        return new Ratio(sorted.get(sorted.size() / 2), sorted.getFirst(), sorted.getLast());
    }

    /// @param what follows the number, as `× as fast`
    String text(String what) {
        return least == most
                ? "%.2f %s".formatted(middle, what)
                : "%.2f %s (%.2f to %.2f)".formatted(middle, what, least, most);
    }
}
