package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.support.KeyedCopy;
import io.fustor.source.mysql.support.TestMySql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The tables as a consumer of the topics has them: for each key the last value.
public final class FoldedTopics {

    private final Map<String, Map<String, String>> rows = new HashMap<>();

    public static FoldedTopics of(List<TopicReader.Read> records) {
        FoldedTopics folded = new FoldedTopics();
        records.forEach(folded::apply);
        return folded;
    }

    private void apply(TopicReader.Read record) {
        Map<String, String> table = rows.computeIfAbsent(record.topic(), _ -> new HashMap<>());
        if (record.isTombstone()) {
            table.remove(record.key());
            return;
        }
        JsonNode json = record.json();
        switch (json.path("op").asString()) {
            case "t" -> table.clear();
            case "d" -> table.remove(record.key());
            default -> table.put(record.key(), line(json.path("after")));
        }
    }

    private static String line(JsonNode row) {
        List<String> values = new ArrayList<>();
        row.forEach(value -> values.add(value.isNull() ? "NULL" : value.asString()));
        return String.join("|", values);
    }

    /// Fails with the first differences between the topics and the tables.
    public void assertHolds(TestMySql mysql, String prefix, String schema, List<String> tables)
            throws SQLException {
        for (String table : tables) {
            String topic = prefix + "." + schema + "." + table;
            KeyedCopy.assertSame(
                    table,
                    select(mysql, schema + "." + table),
                    Set.copyOf(rows.getOrDefault(topic, Map.of()).values()));
        }
    }

    private static Set<String> select(TestMySql mysql, String table) throws SQLException {
        Set<String> lines = new HashSet<>();
        try (var connection = mysql.jdbc();
                var statement = connection.createStatement();
                var result = statement.executeQuery("SELECT * FROM " + table)) {
            while (result.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    values.add(value(result, i));
                }
                lines.add(String.join("|", values));
            }
        }
        return lines;
    }

    private static String value(ResultSet result, int column) throws SQLException {
        Object value = result.getObject(column);
        return switch (value) {
            case null -> "NULL";
            case byte[] bytes -> Base64.getEncoder().encodeToString(bytes);
            case Double real when real == Math.rint(real) -> String.valueOf(real.longValue());
            default -> String.valueOf(value);
        };
    }
}
