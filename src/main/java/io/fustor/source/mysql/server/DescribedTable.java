package io.fustor.source.mysql.server;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A table while [TableDescriptions] reads about it: its columns and the parts of its unique keys,
/// in whatever order they come.
final class DescribedTable {

    private static final String PRIMARY = "PRIMARY";

    private final TableId id;
    private final long estimatedRows;
    private final boolean isTransactional;
    private final TreeMap<Integer, Part> columns = new TreeMap<>();
    private final Map<String, Map<Integer, KeyPart>> keys = new LinkedHashMap<>();

    private record Part(Column column, boolean isReadable, boolean isNullable) {}

    /// @param column null where it is an expression
    private record KeyPart(@Nullable String column, boolean isPrefix) {}

    DescribedTable(TableId id, long estimatedRows, boolean isTransactional) {
        this.id = id;
        this.estimatedRows = estimatedRows;
        this.isTransactional = isTransactional;
    }

    TableId id() {
        return id;
    }

    /// @param position from 1
    void add(int position, Column column, boolean isReadable, boolean isNullable) {
        columns.put(position, new Part(column, isReadable, isNullable));
    }

    /// @param position from 1
    void addKeyPart(String key, int position, @Nullable String column, boolean isPrefix) {
        keys.computeIfAbsent(key, _ -> new TreeMap<>())
                .put(position, new KeyPart(column, isPrefix));
    }

    /// Whether any of its columns may be read.
    boolean isReadable() {
        return columns.values().stream().anyMatch(Part::isReadable);
    }

    /// Whether which of its unique keys comes first matters.
    boolean hasSeveralUniqueKeys() {
        return !keys.containsKey(PRIMARY) && keys.size() > 1;
    }

    /// Puts the keys in the order of their names.
    void orderKeys(Collection<String> names) {
        Map<String, Map<Integer, KeyPart>> unordered = new HashMap<>(keys);
        keys.clear();
        for (String name : names) {
            Map<Integer, KeyPart> key = unordered.remove(name);
            if (key != null) {
                keys.put(name, key);
            }
        }
    }

    TableDescription toDescription() {
        requireAllColumns();
        Map<String, Integer> ordinals = new HashMap<>();
        List<Column> list = new ArrayList<>(columns.size());
        for (Part part : columns.values()) {
            ordinals.put(part.column().name(), list.size());
            list.add(part.column());
        }
        Map<Integer, KeyPart> primary = keys.get(PRIMARY);
        int[] primaryKey = primary == null ? new int[0] : ordinals(primary, ordinals);
        TableSchema schema = new TableSchema(id, list, primaryKey);
        String keyName = primary == null ? firstKey(ordinals, list.size()) : PRIMARY;
        Map<Integer, KeyPart> key = keys.get(keyName);
        int[] keyOrdinals = key == null ? primaryKey : ordinals(key, ordinals);
        return new TableDescription(schema, keyOrdinals, keyName, isTransactional, estimatedRows);
    }

    /// A column that the user may not see leaves a gap.
    private void requireAllColumns() {
        boolean isWhole = columns.lastKey() == columns.size();
        if (!isWhole || !columns.values().stream().allMatch(Part::isReadable)) {
            throw TableDescriptions.undescribed(
                    FailureCode.PRIVILEGE_MISSING, id, TableDescriptions.SOME_COLUMNS);
        }
    }

    /// The first unique index whose columns are whole and never null, which the server declares the
    /// primary key where there is none. Source: the server's `open_binary_frm` and `prepare_share`.
    private String firstKey(Map<String, Integer> ordinals, int count) {
        List<Part> parts = new ArrayList<>(columns.values());
        for (Map.Entry<String, Map<Integer, KeyPart>> key : keys.entrySet()) {
            boolean tellsRowsApart = count > 0;
            for (KeyPart part : key.getValue().values()) {
                Integer ordinal = part.column() == null ? null : ordinals.get(part.column());
                tellsRowsApart &=
                        ordinal != null && !part.isPrefix() && !parts.get(ordinal).isNullable();
            }
            if (tellsRowsApart) {
                return key.getKey();
            }
        }
        return "";
    }

    private int[] ordinals(Map<Integer, KeyPart> key, Map<String, Integer> ordinals) {
        int[] result = new int[key.size()];
        int count = 0;
        for (KeyPart part : key.values()) {
            Integer ordinal = part.column() == null ? null : ordinals.get(part.column());
            if (ordinal == null) {
                throw TableDescriptions.undescribed(
                        FailureCode.METADATA_MISSING,
                        id,
                        "its key has a column that is not among its columns");
            }
            result[count++] = ordinal;
        }
        return result;
    }
}
