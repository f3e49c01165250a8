package io.fustor.source.mysql.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.TestMySql;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Compares what came of a source's changes with what its binlog has: each row once, and those of a
/// partition in the binlog's order.
public final class ComparedTopics {

    private ComparedTopics() {}

    /// Fails where a row is lost, came twice, or came out of order.
    static void assertSame(List<String> binlog, List<TopicReader.Read> records) {
        Map<String, Integer> places = new HashMap<>();
        binlog.forEach(row -> places.put(row, places.size()));
        assertThat(places).as("names of rows").hasSize(binlog.size());
        Map<String, Integer> came = new HashMap<>();
        List<Named> named =
                records.stream()
                        .map(record -> new Named(BinlogRows.ofRecord(record), record))
                        .filter(one -> one.row() != null)
                        .toList();
        named.forEach(one -> came.merge(one.row(), 1, Integer::sum));
        List<String> lost = binlog.stream().filter(row -> !came.containsKey(row)).toList();
        List<String> repeated = came.keySet().stream().filter(row -> came.get(row) > 1).toList();
        List<String> foreign =
                came.keySet().stream().filter(row -> !places.containsKey(row)).toList();
        System.out.printf(
                "Kafka: %d rows in the binlog, %d came, %d lost, %d repeated%n",
                binlog.size(), named.size(), lost.size(), repeated.size());
        named.stream()
                .filter(one -> came.get(one.row()) > 1)
                .limit(20)
                .forEach(one -> System.out.println("repeated: " + one.record()));
        assertThat(lost.stream().limit(5)).as("lost").isEmpty();
        assertThat(repeated.stream().limit(5)).as("repeated").isEmpty();
        assertThat(foreign.stream().limit(5)).as("foreign").isEmpty();
        assertOrdered(places, named);
    }

    /// Fails unless each transaction has the same rows in the topics as in a server's binlog, as
    /// far as table and kind of change tell them apart. Positions differ between the servers of a
    /// failover; the rows of a transaction do not.
    ///
    /// @return how many rows were compared
    public static int assertSameByTransaction(
            TestMySql mysql, String schema, List<TopicReader.Read> records) throws Exception {
        List<String> rows = BinlogRows.of(mysql, schema);
        assertThat(counts(BinlogRows.ofRecords(records))).isEqualTo(counts(rows));
        return rows.size();
    }

    /// How many changes of each kind a transaction made in a table.
    private static Map<String, Integer> counts(List<String> rows) {
        Map<String, Integer> counts = new HashMap<>();
        for (String row : rows) {
            String[] parts = row.split(" ");
            counts.merge(parts[0] + " " + parts[1] + " " + parts[3], 1, Integer::sum);
        }
        return counts;
    }

    /// A record with the name of its row.
    private record Named(@Nullable String row, TopicReader.Read record) {}

    private static void assertOrdered(Map<String, Integer> places, List<Named> named) {
        Map<String, Integer> last = new HashMap<>();
        for (Named one : named) {
            int place = places.get(one.row());
            String partition = one.record().topic() + "-" + one.record().partition();
            Integer before = last.put(partition, place);
            if (before != null && before >= place) {
                throw new AssertionError("out of order: " + one.record());
            }
        }
    }
}
