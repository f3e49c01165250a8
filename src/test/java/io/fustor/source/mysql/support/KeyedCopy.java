package io.fustor.source.mysql.support;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/// Any tables with keys, as a consumer builds them up from a snapshot and the changes after it:
/// rows by table and key, each as the exact text that came. It knows nothing of the tables but what
/// the events say.
public final class KeyedCopy {

    private final Map<String, Map<String, String>> tables = new TreeMap<>();

    /// Puts an event's rows in, or takes them out.
    public void apply(ChangeEvent event) {
        Map<String, String> table = table(event.table());
        List<String> keyColumns = keyColumns(event);
        boolean isUpdate = event.operation().equals("update");
        for (int i = 0; i < event.rows().size(); i++) {
            String key = key(event.row(i), keyColumns);
            if (event.operation().equals("delete")) {
                table.remove(key);
                continue;
            }
            String before = isUpdate ? key(event.before(i), keyColumns) : key;
            if (!before.equals(key)) {
                requireMarked(event);
                table.remove(before);
            }
            table.put(key, event.rows().get(i));
        }
    }

    /// The text by which a row is found; two rows of a table never share one.
    public static String key(JsonNode row, List<String> keyColumns) {
        return keyColumns.stream()
                .map(column -> row.path(column).toString())
                .collect(Collectors.joining(" "));
    }

    public static List<String> keyColumns(ChangeEvent event) {
        List<String> names = new ArrayList<>();
        event.metadata().path("primary_key").forEach(name -> names.add(name.asString()));
        if (names.isEmpty()) {
            throw new AssertionError("an event without a key: " + event.json());
        }
        return names;
    }

    private static void requireMarked(ChangeEvent event) {
        if (!event.metadata().path("key_changed").asBoolean()) {
            throw new AssertionError("a key changed and the event does not say so: " + event);
        }
    }

    private Map<String, String> table(String name) {
        return tables.computeIfAbsent(name, _ -> new TreeMap<>());
    }

    public int count(String table) {
        return table(table).size();
    }

    /// Takes all of a table's rows out.
    public void clear(String table) {
        table(table).clear();
    }

    /// The keys of a table's rows.
    public Set<String> keys(String table) {
        return Set.copyOf(table(table).keySet());
    }

    /// The rows of a table as lines: the columns' values with `/` between them, strings bare, null
    /// as `NULL`.
    public Set<String> lines(String table) {
        return table(table).values().stream()
                .map(row -> line(ChangeEvent.JSON.readTree(row)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String line(JsonNode row) {
        List<String> values = new ArrayList<>();
        row.forEach(
                value ->
                        values.add(
                                value.isNull()
                                        ? "NULL"
                                        : value.isString() ? value.asString() : value.toString()));
        return String.join("/", values);
    }

    /// Fails with the first differences between two copies.
    public void assertSameAs(KeyedCopy expected) {
        Set<String> names = new TreeSet<>(tables.keySet());
        names.addAll(expected.tables.keySet());
        for (String name : names) {
            assertSame(
                    name,
                    Set.copyOf(expected.table(name).values()),
                    Set.copyOf(table(name).values()));
        }
    }

    /// Fails with the first differences between a table's rows and those it should have.
    public static void assertSame(String table, Set<String> expected, Set<String> actual) {
        if (expected.equals(actual)) {
            return;
        }
        Set<String> missing = new TreeSet<>(expected);
        missing.removeAll(actual);
        Set<String> wrong = new TreeSet<>(actual);
        wrong.removeAll(expected);
        throw new AssertionError(
                "%s: %d rows expected, %d replayed; %d missing, such as %s; %d wrong, such as %s"
                        .formatted(
                                table,
                                expected.size(),
                                actual.size(),
                                missing.size(),
                                few(missing),
                                wrong.size(),
                                few(wrong)));
    }

    private static String few(Set<String> rows) {
        return rows.stream().limit(3).toList().toString();
    }

    /// The keys of an event's rows.
    public static List<String> keys(ChangeEvent event) {
        List<String> columns = keyColumns(event);
        return IntStream.range(0, event.rows().size())
                .mapToObj(i -> key(event.row(i), columns))
                .toList();
    }
}
