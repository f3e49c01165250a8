package io.fustor.source.mysql.bench;

import java.util.List;

/// How much the benchmark of live subscribers with a condition each does.
///
/// @param subscribers as many as there are customers
/// @param rates rows a second
/// @param rows of a commit
/// @param seconds that each rate is kept up, twice: first to warm up
record TenantsSize(int subscribers, List<Integer> rates, int rows, int seconds) {

    /// As the properties `bench.tenants`, and so on say.
    static TenantsSize ofProperties() {
        return new TenantsSize(
                Integer.getInteger("bench.tenants", 1_000),
                BenchmarkSize.numbers("bench.tenants.rates", "5000,10000"),
                Integer.getInteger("bench.tenants.rows", 10),
                Integer.getInteger("bench.tenants.seconds", 10));
    }

    /// As much as an ordinary build has time for.
    static TenantsSize small() {
        return new TenantsSize(20, List.of(200), 2, 1);
    }
}
