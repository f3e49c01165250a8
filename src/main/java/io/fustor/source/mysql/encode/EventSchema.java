package io.fustor.source.mysql.encode;

import static io.fustor.source.mysql.encode.ValueSchemas.anyOf;
import static io.fustor.source.mysql.encode.ValueSchemas.array;
import static io.fustor.source.mysql.encode.ValueSchemas.object;
import static io.fustor.source.mysql.encode.ValueSchemas.orNull;
import static io.fustor.source.mysql.encode.ValueSchemas.type;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.Scope;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The JSON Schema (2020-12) of a table's changes under a form, from the stream and from snapshots.
/// It is strict: it describes all that [EventEncoder] and [SnapshotEncoder] write for the table as
/// it is, and nothing else.
public final class EventSchema {

    private static final String VERSION = "https://json-schema.org/draft/2020-12/schema";
    private static final String STRING = "string";
    private static final String INTEGER = "integer";

    private final TableSchema table;
    private final Set<Integer> nullable;
    private final boolean isWhole;
    private final FrameForm form;

    private EventSchema(TableSchema table, Set<Integer> nullable, boolean isWhole, FrameForm form) {
        this.table = table;
        this.nullable = nullable;
        this.isWhole = isWhole;
        this.form = form;
    }

    /// Describes the changes of a table.
    ///
    /// @param nullable ordinals of the columns that may be NULL
    /// @param isWhole whether the binlog's row images have all columns
    /// @return a JSON object
    /// @throws SourceException `UNSUPPORTED_TYPE` where the table's rows cannot be read
    public static Map<String, Object> of(
            TableSchema table, Set<Integer> nullable, boolean isWhole, FrameForm form) {
        EventSchema schema = new EventSchema(table, nullable, isWhole, form);
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("$schema", VERSION);
        document.put("title", table.id() + " change");
        document.putAll(
                switch (form.format()) {
                    case FUSTOR -> schema.fustor();
                    case DEBEZIUM -> schema.debezium();
                });
        document.put("$defs", Map.of("row", schema.row()));
        return document;
    }

    /// The names of the key's columns, as changes have them.
    public static List<String> key(TableSchema table, Scope scope) {
        List<String> key = new ArrayList<>();
        for (int ordinal : TablePlan.visibleKey(table, scope)) {
            key.add(table.columns().get(ordinal).name());
        }
        return key;
    }

    private List<Column> visible() {
        return table.columns().stream()
                .filter(column -> form.selection().includes(table.id(), column.name()))
                .toList();
    }

    private Map<String, Object> row() {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (int ordinal = 0; ordinal < table.columnCount(); ordinal++) {
            Column column = table.columns().get(ordinal);
            if (form.selection().includes(table.id(), column.name())) {
                properties.put(column.name(), value(column, nullable.contains(ordinal)));
            }
        }
        return object(properties, isWhole ? List.copyOf(properties.keySet()) : List.of());
    }

    private Map<String, Object> value(Column column, boolean isNullable) {
        Mask mask = form.masks().of(table.id(), column.name());
        return mask == null
                ? ValueSchemas.of(column, form.format(), form.bigNumbersAsStrings(), isNullable)
                : ValueSchemas.masked(isNullable || mask instanceof Mask.Null);
    }

    private Map<String, Object> fustor() {
        Map<String, Object> rows = array(rowReference());
        rows.put("minItems", 1);
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("event_id", type(STRING));
        properties.put("event_type", oneOf("insert", "update", "delete"));
        properties.put("event_schema", constant(table.id().schema()));
        properties.put("table", constant(table.id().table()));
        properties.put("fields", fields());
        properties.put("rows", rows);
        properties.put("before_rows", rows);
        properties.put("index", type(INTEGER));
        properties.put("timestamp", type("number"));
        properties.put("message_source", oneOf("realtime", "snapshot"));
        properties.put("metadata", metadata());
        Map<String, Object> schema = object(properties, allBut("before_rows", properties));
        schema.put("if", having("event_type", constant("update")));
        schema.put("then", Map.of("required", List.of("before_rows")));
        schema.put("else", Map.of("not", Map.of("required", List.of("before_rows"))));
        return schema;
    }

    private Map<String, Object> fields() {
        List<String> names = visible().stream().map(Column::name).toList();
        if (isWhole) {
            return constant(names);
        }
        Map<String, Object> name = type(STRING);
        name.put("enum", names);
        Map<String, Object> fields = array(name);
        fields.put("uniqueItems", true);
        return fields;
    }

    private Map<String, Object> metadata() {
        Map<String, Object> transaction = new LinkedHashMap<>();
        transaction.put("id", type(STRING));
        transaction.put("first_row", type(INTEGER));
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("primary_key", constant(key(table, form.selection().scope())));
        properties.put("gtid", orNull(type(STRING)));
        properties.put("file", type(STRING));
        properties.put("position", type(INTEGER));
        properties.put("server_id", type(INTEGER));
        properties.put("transaction", orNull(object(transaction, List.of("id", "first_row"))));
        List<String> required = List.copyOf(properties.keySet());
        for (String mark : List.of("key_changed", "entered", "left", "overlap")) {
            properties.put(mark, constant(true));
        }
        return object(properties, required);
    }

    private Map<String, Object> debezium() {
        Map<String, Object> image = anyOf(rowReference(), type("null"));
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("event_id", type(STRING));
        properties.put("before", image);
        properties.put("after", image);
        properties.put("source", source());
        properties.put("transaction", type("null"));
        properties.put("op", oneOf("r", "c", "u", "d"));
        for (String time : List.of("ts_ms", "ts_us", "ts_ns")) {
            properties.put(time, type(INTEGER));
        }
        Map<String, Object> schema = object(properties, allBut("event_id", properties));
        schema.put(
                "allOf",
                List.of(images("before", oneOf("r", "c")), images("after", constant("d"))));
        return schema;
    }

    /// An image is null for some operations, and a row for the others.
    private static Map<String, Object> images(String image, Map<String, Object> absentFor) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("if", having("op", absentFor));
        schema.put("then", having(image, type("null")));
        schema.put("else", having(image, type("object")));
        return schema;
    }

    private Map<String, Object> source() {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("version", type(STRING));
        properties.put("connector", constant("mysql"));
        properties.put("name", constant(form.sourceName()));
        properties.put("ts_ms", type(INTEGER));
        properties.put("snapshot", oneOf("true", "false"));
        properties.put("db", constant(table.id().schema()));
        properties.put("sequence", type("null"));
        properties.put("ts_us", type(INTEGER));
        properties.put("ts_ns", type(INTEGER));
        properties.put("table", constant(table.id().table()));
        properties.put("server_id", type(INTEGER));
        properties.put("gtid", orNull(type(STRING)));
        properties.put("file", type(STRING));
        properties.put("pos", type(INTEGER));
        properties.put("row", type(INTEGER));
        properties.put("thread", type("null"));
        properties.put("query", type("null"));
        return object(properties, List.copyOf(properties.keySet()));
    }

    private static Map<String, Object> rowReference() {
        Map<String, Object> reference = new LinkedHashMap<>();
        reference.put("$ref", "#/$defs/row");
        return reference;
    }

    private static Map<String, Object> having(String property, Map<String, Object> value) {
        return Map.of("properties", Map.of(property, value));
    }

    private static List<String> allBut(String optional, Map<String, Object> properties) {
        return properties.keySet().stream().filter(name -> !name.equals(optional)).toList();
    }

    private static Map<String, Object> constant(Object value) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("const", value);
        return schema;
    }

    private static Map<String, Object> oneOf(String... values) {
        Map<String, Object> schema = type(STRING);
        schema.put("enum", List.of(values));
        return schema;
    }
}
