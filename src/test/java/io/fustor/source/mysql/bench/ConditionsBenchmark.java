package io.fustor.source.mysql.bench;

import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.lang.management.ManagementFactory;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// What row conditions and masks cost a subscriber that catches up: the same stretch of the binlog
/// with and without them, by turns, so that what else the machine does meets all of them alike.
record ConditionsBenchmark(BenchmarkStage stage, VariantsSize size) {

    private static final String TABLE = "bench.conditioned";

    /// The same server with a mask on one of the ten columns, for callers who see it masked.
    private static final String MASKED = "masked";

    private static final String ALL_OF_THREE =
            "delivery_instructions like '#%' and total_amount >= 0 and order_state in"
                    + " ('new', 'paid', 'packed', 'shipped', 'returned')";

    /// One way to read the stretch.
    ///
    /// @param matching rows that come
    private record Way(String name, byte[] request, long matching) {}

    /// What all rounds of a way came to.
    ///
    /// @param read rows of the stretch, whether they came or not
    record Cost(String name, long read, long matching, List<Pass> passes) {

        /// The middle one of the passes after the first.
        Pass middle() {
            List<Pass> timed = passes.size() == 1 ? passes : passes.subList(1, passes.size());
            return timed.stream()
                    .sorted(Comparator.comparingLong(pass -> pass.reading.nanos()))
                    .toList()
                    .get(timed.size() / 2);
        }

        private double cpuPerMillion() {
            List<Duration> all =
                    passes.stream()
                            .skip(passes.size() == 1 ? 0 : 1)
                            .map(Pass::cpu)
                            .sorted()
                            .toList();
            return all.get(all.size() / 2).toNanos() / 1e3 / read;
        }

        String line(Cost first) {
            return "| %s | %,d | %.2f × | %.2f × | %,.0f | %.2f | %.1f |%n"
                    .formatted(
                            name,
                            matching,
                            (double) first.middle().reading.nanos() / middle().reading.nanos(),
                            cpuPerMillion() / first.cpuPerMillion(),
                            read * 1e9 / middle().reading.nanos(),
                            cpuPerMillion(),
                            middle().load);
        }
    }

    /// One pass over the stretch.
    record Pass(Reading reading, Duration cpu, double load) {}

    static String table(List<Cost> costs) {
        StringBuilder table =
                new StringBuilder(
                        """
                        ### Row conditions and masks

                        | condition | rows that came | speed | CPU | rows read a second | CPU s per million rows read | load before |
                        | --- | --- | --- | --- | --- | --- | --- |
                        """);
        costs.forEach(cost -> table.append(cost.line(costs.getFirst())));
        return table.toString();
    }

    List<Cost> run() throws Exception {
        Stretch stretch = Stretch.ofInserts(stage, TABLE, size.rows());
        List<Way> ways = ways(stretch);
        List<Cost> costs =
                ways.stream()
                        .map(
                                way ->
                                        new Cost(
                                                way.name,
                                                size.rows(),
                                                way.matching,
                                                new ArrayList<>()))
                        .toList();
        for (int round = 0; round < size.rounds(); round++) {
            for (int i = 0; i < ways.size(); i++) {
                costs.get(i).passes.add(pass(ways.get(i)));
            }
        }
        return costs;
    }

    private List<Way> ways(Stretch stretch) {
        // The last row is among the few too, so that each reader has to come to it.
        String few = "customer_number < %d or id = %d".formatted((1 << 30) / 100, stretch.rows());
        long one = Long.parseLong(Sql.value(stage.mysql(), count(few)));
        long all = stretch.rows();
        String query = stretch.query();
        return List.of(
                new Way("none", request(query), all),
                new Way("1 % match", request(query + where(few)), one),
                new Way("all match: a number", request(query + where("id >= 1")), all),
                new Way(
                        "all match: `like`, a `DECIMAL`, an `ENUM`",
                        request(query + where(ALL_OF_THREE)),
                        all),
                new Way("none, `format=debezium`", request(query + "&format=debezium"), all),
                new Way(
                        "all match: the three, `format=debezium`",
                        request(query + where(ALL_OF_THREE) + "&format=debezium"),
                        all),
                new Way("none, a column masked by `hmac`", masked(query), all));
    }

    private static String count(String condition) {
        return "SELECT COUNT(*) FROM " + TABLE + " WHERE " + condition;
    }

    private static String where(String condition) {
        return "&where=" + URLEncoder.encode(TABLE + ": " + condition, StandardCharsets.UTF_8);
    }

    private static byte[] request(String query) {
        return FeedStream.request(BenchmarkStage.feed(query));
    }

    private byte[] masked(String query) {
        Map<String, Object> config =
                Map.of(
                        "uri",
                        stage.mysql().uri(),
                        "credential",
                        Map.of(
                                "user",
                                TestMySql.CAPTURE.user(),
                                "passwd",
                                TestMySql.CAPTURE.password()),
                        "masks",
                        Map.of(TABLE + ".customer_number", "hmac"));
        stage.api().post("/api/configs/sources/" + MASKED, Map.of("config", config)).expect(201);
        String secret = stage.api().addReader("masked-reader", Map.of());
        return FeedStream.request("/api/sources/" + MASKED + "/events?" + query, secret);
    }

    private Pass pass(Way way) throws Exception {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        long pid = stage.service().pid();
        Duration before = ProcessUsage.cpu(pid);
        Reading reading = FeedStream.read(stage.service().port(), way.request, way.matching);
        if (reading.rows() != way.matching) {
            throw new AssertionError(
                    "%s: %d rows of %d came".formatted(way.name, reading.rows(), way.matching));
        }
        return new Pass(reading, ProcessUsage.cpu(pid).minus(before), load);
    }
}
