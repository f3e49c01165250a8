package io.fustor.source.mysql.support;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// What a change did to which row: as much of it as two readers of different make can agree on.
///
/// @param gtid of the transaction
/// @param operation `insert`, `update`, `delete`
/// @param table `schema.table`
/// @param before the key before an update; otherwise the key
/// @param key the values of the key's columns as text, binary ones as base64, with blanks between
public record KeyChange(String gtid, String operation, String table, String before, String key) {

    /// The rows of an event one by one.
    public static List<KeyChange> of(ChangeEvent event) {
        List<String> columns = KeyedCopy.keyColumns(event);
        String gtid = event.metadata().path("gtid").asString();
        List<KeyChange> changes = new ArrayList<>(event.rows().size());
        for (int i = 0; i < event.rows().size(); i++) {
            String key = key(event.row(i), columns);
            boolean isUpdate = event.operation().equals("update");
            String before = isUpdate ? key(event.before(i), columns) : key;
            changes.add(new KeyChange(gtid, event.operation(), event.table(), before, key));
        }
        return changes;
    }

    private static String key(JsonNode row, List<String> columns) {
        List<String> texts = new ArrayList<>();
        for (String column : columns) {
            JsonNode value = row.path(column);
            texts.add(value.isString() ? value.asString() : value.toString());
        }
        return String.join(" ", texts);
    }

    /// Fails with the first difference between two sequences.
    public static void assertSameSequence(List<KeyChange> expected, List<KeyChange> actual) {
        int common = Math.min(expected.size(), actual.size());
        for (int i = 0; i < common; i++) {
            if (!expected.get(i).equals(actual.get(i))) {
                throw new AssertionError(
                        "change %d of %d/%d differs:%nexpected %s%nbut was  %s"
                                .formatted(
                                        i,
                                        expected.size(),
                                        actual.size(),
                                        expected.get(i),
                                        actual.get(i)));
            }
        }
        if (expected.size() != actual.size()) {
            throw new AssertionError(
                    expected.size() + " changes expected, " + actual.size() + " received");
        }
    }

    /// Whether it is the row of [KeyedTraffic#mark].
    public boolean isMark(int number) {
        return table.endsWith(".marks") && key.equals(Integer.toString(number));
    }
}
