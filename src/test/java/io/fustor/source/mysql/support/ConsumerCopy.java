package io.fustor.source.mysql.support;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The tables of [Traffic] as a consumer builds them up from changes alone, to be compared with
/// what the server holds.
public final class ConsumerCopy {

    /// A row's columns as text; the key is made of those that identify it.
    private record Values(long id, String shop, String name, BigDecimal balance, String note) {

        String key() {
            return shop + "/" + id + "/" + name;
        }
    }

    private final Map<String, Map<String, Values>> tables = new HashMap<>();

    /// Applies changes in order.
    public void apply(List<FeedRow> rows) {
        for (FeedRow row : rows) {
            Map<String, Values> table = tables.computeIfAbsent(row.table(), _ -> new TreeMap<>());
            Values values = read(ChangeEvent.JSON.readTree(row.row()));
            if (row.operation().equals("delete")) {
                table.remove(values.key());
                continue;
            }
            if (row.before() != null) {
                table.remove(read(ChangeEvent.JSON.readTree(row.before())).key());
            }
            table.put(values.key(), values);
        }
    }

    /// Fails unless the server's tables hold exactly the copy's rows.
    public void assertSameAs(TestMySql server, String schema) {
        for (String name : Traffic.TABLES) {
            String table = schema + "." + name;
            Map<String, Values> expected = select(server, table);
            Map<String, Values> actual = tables.getOrDefault(table, Map.of());
            if (expected.equals(actual)) {
                continue;
            }
            Map<String, Values> missing = new TreeMap<>(expected);
            missing.entrySet().removeAll(actual.entrySet());
            Map<String, Values> wrong = new TreeMap<>(actual);
            wrong.entrySet().removeAll(expected.entrySet());
            throw new AssertionError(
                    "%s: %d rows expected, %d replayed; %d missing, such as %s; %d wrong, such as %s"
                            .formatted(
                                    table,
                                    expected.size(),
                                    actual.size(),
                                    missing.size(),
                                    missing.values().stream().findFirst().orElse(null),
                                    wrong.size(),
                                    wrong.values().stream().findFirst().orElse(null)));
        }
    }

    private static Values read(JsonNode row) {
        return new Values(
                row.path("id").asLong(),
                row.path("shop").asString(),
                row.path("name").asString(),
                row.path("balance").decimalValue().stripTrailingZeros(),
                text(row.get("note")));
    }

    private static String text(@Nullable JsonNode value) {
        return value == null || value.isNull() ? "NULL" : value.asString();
    }

    private static Map<String, Values> select(TestMySql server, String table) {
        boolean hasShop = table.endsWith(".orders");
        boolean isBinary = table.endsWith(".readings");
        Map<String, Values> rows = new TreeMap<>();
        try (Connection connection = server.jdbc();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT * FROM " + table)) {
            while (result.next()) {
                byte[] note = result.getBytes("note");
                String text = note == null ? "NULL" : text(note, isBinary, result);
                Values values =
                        new Values(
                                result.getLong("id"),
                                hasShop ? result.getString("shop") : "",
                                result.getString("name"),
                                new BigDecimal(result.getString("balance")).stripTrailingZeros(),
                                text);
                rows.put(values.key(), values);
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException("cannot read " + table, e);
        }
    }

    private static String text(byte[] note, boolean isBinary, ResultSet result)
            throws SQLException {
        return isBinary ? Base64.getEncoder().encodeToString(note) : result.getString("note");
    }
}
