package io.fustor.source.mysql.bench;

import java.util.List;

/// How much the benchmark of long polls does.
///
/// @param clients that read pages through nginx
/// @param rates commits a second, one row each
/// @param seconds that each rate is kept up
record PollingSize(int clients, List<Integer> rates, int seconds) {

    /// As the properties `bench.polls`, and so on say.
    static PollingSize ofProperties() {
        return new PollingSize(
                Integer.getInteger("bench.polls", 5_000),
                BenchmarkSize.numbers("bench.polls.rates", "2,20,200"),
                Integer.getInteger("bench.polls.seconds", 20));
    }

    /// As much as an ordinary build has time for.
    static PollingSize small() {
        return new PollingSize(50, List.of(50), 2);
    }
}
