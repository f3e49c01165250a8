package io.fustor.source.mysql.bench;

/// How far what may grow does.
///
/// @param rows of each stretch but that of large transactions
/// @param rounds how often each is read; the median of all but the first is the figure
/// @param tables at the most
/// @param transaction the largest, in megabytes of binlog
/// @param sources at the most
record GrowthSize(int rows, int rounds, int tables, int transaction, int sources) {

    /// As the properties `bench.growth.rows`, and so on say.
    static GrowthSize ofProperties() {
        return new GrowthSize(
                Integer.getInteger("bench.growth.rows", 200_000),
                Integer.getInteger("bench.growth.rounds", 6),
                Integer.getInteger("bench.tables", 1_000),
                Integer.getInteger("bench.large.transaction", 200),
                Integer.getInteger("bench.sources", 100));
    }

    /// As much as an ordinary build has time for.
    static GrowthSize small() {
        return new GrowthSize(2_000, 1, 20, 3, 3);
    }
}
