package io.fustor.source.mysql.server;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Collects a table's columns and the parts of its unique keys, in any order, while
/// [TableDescriptions] reads them.
final class TableDraft {

    private static final String PRIMARY = "PRIMARY";

    private static final String SOME_COLUMNS =
            "the user may read some of its columns only; grant SELECT on the whole table";

    private static final String KEY_UNKNOWN = "its key has a column that is not among its columns";

    private final TableId id;
    private final Kind kind;
    private final TreeMap<Integer, Part> columns = new TreeMap<>();
    private final Map<String, Map<Integer, KeyPart>> keys = new LinkedHashMap<>();

    private boolean hidesColumns;
    private @Nullable String unsupported;
    private @Nullable SQLException failure;

    /// The data of `information_schema.TABLES`.
    ///
    /// @param type `BASE TABLE`, or another type
    /// @param engine empty if the server could not open the table
    record Kind(String type, String engine, long estimatedRows, boolean isTransactional) {

        boolean isTable() {
            return type.equals("BASE TABLE") || type.equals("SYSTEM VERSIONED");
        }
    }

    /// @param isOrdered whether an index of whole values has the order of their comparison
    record Part(Column column, boolean isReadable, boolean isNullable, boolean isOrdered) {}

    /// Why the table cannot be read, as a sentence's end.
    record Refusal(FailureCode code, String why) {}

    /// @param column null if it is an expression
    /// @param isOrdered whether the index has an order and may be used
    record KeyPart(
            @Nullable String column, boolean isPrefix, boolean isDescending, boolean isOrdered) {}

    TableDraft(TableId id, Kind kind) {
        this.id = id;
        this.kind = kind;
    }

    TableId id() {
        return id;
    }

    Kind kind() {
        return kind;
    }

    /// @param position from 1
    void add(int position, Part part) {
        columns.put(position, part);
    }

    /// @param position from 1
    void addKeyPart(String key, int position, KeyPart part) {
        keys.computeIfAbsent(key, _ -> new TreeMap<>()).put(position, part);
    }

    /// The table's values cannot be determined, whatever the server lets the user read.
    ///
    /// @param why a sentence's end
    void notSupported(String why) {
        unsupported = why;
    }

    /// Whether the table's values can be determined.
    boolean isSupported() {
        return unsupported == null;
    }

    /// Records that a query about this table failed.
    void failed(SQLException answer) {
        failure = answer;
    }

    /// The server's error, or null.
    @Nullable SQLException failure() {
        return failure;
    }

    /// The server did not let the user select all columns.
    void hideColumns() {
        hidesColumns = true;
    }

    /// Whether the server described the table; a table that it cannot open has no columns.
    boolean isDescribed() {
        return !columns.isEmpty();
    }

    /// Whether the user may read any of its columns.
    boolean isReadable() {
        return columns.values().stream().anyMatch(Part::isReadable);
    }

    /// Whether the order of its unique keys matters.
    boolean hasSeveralUniqueKeys() {
        return !keys.containsKey(PRIMARY) && keys.size() > 1;
    }

    /// Whether all its unique keys are among the names.
    boolean hasOnlyKeys(Collection<String> names) {
        return names.containsAll(keys.keySet());
    }

    /// Orders the keys by the list of their names.
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

    /// Why a table that the server described, and that is at least partly readable, has no
    /// description; null if it has one.
    @Nullable Refusal refusal() {
        if (unsupported != null) {
            return new Refusal(FailureCode.UNSUPPORTED_TYPE, unsupported);
        }
        if (!isWhole()) {
            return new Refusal(FailureCode.PRIVILEGE_MISSING, SOME_COLUMNS);
        }
        Set<String> names = new HashSet<>();
        columns.values().forEach(part -> names.add(part.column().name()));
        boolean isKeyKnown =
                keys.getOrDefault(PRIMARY, Map.of()).values().stream()
                        .allMatch(part -> names.contains(part.column()));
        return isKeyKnown ? null : new Refusal(FailureCode.METADATA_MISSING, KEY_UNKNOWN);
    }

    /// @throws SourceException if there is a [#refusal]
    TableDescription toDescription() {
        Refusal refusal = refusal();
        if (refusal != null) {
            throw new SourceException(
                    refusal.code(), "the table " + id + " cannot be read: " + refusal.why());
        }
        Map<String, Integer> ordinals = new HashMap<>();
        List<Column> list = new ArrayList<>(columns.size());
        Set<Integer> nullable = new HashSet<>();
        for (Part part : columns.values()) {
            if (part.isNullable()) {
                nullable.add(list.size());
            }
            ordinals.put(part.column().name(), list.size());
            list.add(part.column());
        }
        String keyName = keys.containsKey(PRIMARY) ? PRIMARY : firstKey(ordinals);
        Map<Integer, KeyPart> key = keys.get(keyName);
        int[] keyOrdinals = key == null ? new int[0] : ordinals(key, ordinals);
        TableSchema schema = new TableSchema(id, list, keyOrdinals);
        return new TableDescription(
                schema, order(ordinals), nullable, kind.isTransactional(), kind.estimatedRows());
    }

    /// Whether the user may read all its columns; an invisible column leaves a gap.
    boolean isWhole() {
        return !hidesColumns
                && columns.lastKey() == columns.size()
                && columns.values().stream().allMatch(Part::isReadable);
    }

    /// The order of the primary key's index, otherwise of the first unique index that gives an
    /// order.
    private KeyOrder order(Map<String, Integer> ordinals) {
        List<String> names = new ArrayList<>(keys.keySet());
        if (names.remove(PRIMARY)) {
            Collections.sort(names);
            names.addFirst(PRIMARY);
        }
        List<Part> parts = new ArrayList<>(columns.values());
        for (String name : names) {
            Collection<KeyPart> key = keys.getOrDefault(name, Map.of()).values();
            if (isOrder(key, parts, ordinals)) {
                List<KeyPart> ordered = List.copyOf(key);
                boolean[] descending = new boolean[ordered.size()];
                for (int i = 0; i < descending.length; i++) {
                    descending[i] = ordered.get(i).isDescending();
                }
                return new KeyOrder(
                        name, ordinals(keys.getOrDefault(name, Map.of()), ordinals), descending);
            }
        }
        return KeyOrder.NONE;
    }

    private boolean isOrder(
            Collection<KeyPart> key, List<Part> parts, Map<String, Integer> ordinals) {
        if (!KeyOrder.isKept(kind.engine()) || !tellsRowsApart(key, parts, ordinals)) {
            return false;
        }
        for (KeyPart part : key) {
            Integer ordinal = ordinals.get(part.column());
            if (!part.isOrdered() || ordinal == null || !parts.get(ordinal).isOrdered()) {
                return false;
            }
        }
        return true;
    }

    /// The first unique index with whole columns that are never null. The server uses it as the
    /// primary key of a table without one. Source: the server's `open_binary_frm` and
    /// `prepare_share`.
    private String firstKey(Map<String, Integer> ordinals) {
        List<Part> parts = new ArrayList<>(columns.values());
        for (Map.Entry<String, Map<Integer, KeyPart>> key : keys.entrySet()) {
            if (tellsRowsApart(key.getValue().values(), parts, ordinals)) {
                return key.getKey();
            }
        }
        return "";
    }

    private static boolean tellsRowsApart(
            Collection<KeyPart> key, List<Part> parts, Map<String, Integer> ordinals) {
        boolean tellsRowsApart = !key.isEmpty();
        for (KeyPart part : key) {
            Integer ordinal = part.column() == null ? null : ordinals.get(part.column());
            tellsRowsApart &=
                    ordinal != null && !part.isPrefix() && !parts.get(ordinal).isNullable();
        }
        return tellsRowsApart;
    }

    private static int[] ordinals(Map<Integer, KeyPart> key, Map<String, Integer> ordinals) {
        int[] result = new int[key.size()];
        int count = 0;
        for (KeyPart part : key.values()) {
            result[count++] = Objects.requireNonNull(ordinals.get(part.column()));
        }
        return result;
    }
}
