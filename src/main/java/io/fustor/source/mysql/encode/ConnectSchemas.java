package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The schemas of keys and values as Kafka Connect's JsonConverter writes them. The binlog does not
/// tell which columns may be NULL, nor their default values: every column but those of the key is
/// optional, and none has a default.
final class ConnectSchemas {

    private static final String STRING = "string";
    private static final String INT16 = "int16";
    private static final String INT32 = "int32";
    private static final String INT64 = "int64";
    private static final String DATA = "io.debezium.data.";
    private static final String TIME = "io.debezium.time.";

    /// What `source` and the rest of an envelope consist of, as field and type.
    private static final String SOURCE =
            structFields(
                    field(STRING, false, "version"),
                    field(STRING, false, "connector"),
                    field(STRING, false, "name"),
                    field(INT64, false, "ts_ms"),
                    "{\"type\":\"string\",\"optional\":true,\"name\":\"io.debezium.data.Enum\",\"version\":1,"
                            + "\"parameters\":{\"allowed\":\"true,first,first_in_data_collection,"
                            + "last_in_data_collection,last,false,incremental\"},\"default\":\"false\","
                            + "\"field\":\"snapshot\"}",
                    field(STRING, false, "db"),
                    field(STRING, true, "sequence"),
                    field(INT64, true, "ts_us"),
                    field(INT64, true, "ts_ns"),
                    field(STRING, true, "table"),
                    field(INT64, false, "server_id"),
                    field(STRING, true, "gtid"),
                    field(STRING, false, "file"),
                    field(INT64, false, "pos"),
                    field(INT32, false, "row"),
                    field(INT64, true, "thread"),
                    field(STRING, true, "query"));

    private static final String TRANSACTION =
            structFields(
                    field(STRING, false, "id"),
                    field(INT64, false, "total_order"),
                    field(INT64, false, "data_collection_order"));

    private ConnectSchemas() {}

    private static String structFields(String... fields) {
        return "{\"type\":\"struct\",\"fields\":[" + String.join(",", fields) + "]";
    }

    private static String field(String type, boolean isOptional, String name) {
        return "{\"type\":\""
                + type
                + "\",\"optional\":"
                + isOptional
                + ",\"field\":\""
                + name
                + "\"}";
    }

    /// The schema of a table's keys.
    ///
    /// @param name of the topic
    /// @param key the ordinals of the key's columns
    static String key(TableSchema table, String name, int[] key, FrameForm form) {
        StringBuilder fields = new StringBuilder();
        for (int ordinal : key) {
            fields.append(fields.isEmpty() ? "" : ",");
            fields.append(column(table, table.columns().get(ordinal), false, form));
        }
        return "{\"type\":\"struct\",\"fields\":["
                + fields
                + "],\"optional\":false,\"name\":"
                + quoted(name + ".Key")
                + "}";
    }

    /// The schema of a table's values, which are envelopes.
    ///
    /// @param name of the topic
    static String value(TableSchema table, String name, FrameForm form) {
        String row = row(table, name, form);
        return structFields(
                        row + ",\"field\":\"before\"}",
                        row + ",\"field\":\"after\"}",
                        SOURCE
                                + ",\"optional\":false,\"name\":\"io.debezium.connector.mysql.Source\",\"version\":1"
                                + ",\"field\":\"source\"}",
                        TRANSACTION
                                + ",\"optional\":true,\"name\":\"event.block\",\"version\":1"
                                + ",\"field\":\"transaction\"}",
                        field(STRING, false, "op"),
                        field(INT64, true, "ts_ms"),
                        field(INT64, true, "ts_us"),
                        field(INT64, true, "ts_ns"))
                + ",\"optional\":false,\"name\":"
                + quoted(name + ".Envelope")
                + ",\"version\":2}";
    }

    private static String row(TableSchema table, String name, FrameForm form) {
        int[] key = TablePlan.visibleKey(table, form.selection().scope());
        StringBuilder fields = new StringBuilder();
        for (int ordinal = 0; ordinal < table.columnCount(); ordinal++) {
            Column column = table.columns().get(ordinal);
            if (!form.selection().includes(table.id(), column.name())) {
                continue;
            }
            boolean isInKey = false;
            for (int one : key) {
                isInKey |= one == ordinal;
            }
            fields.append(fields.isEmpty() ? "" : ",");
            fields.append(column(table, column, !isInKey, form));
        }
        return "{\"type\":\"struct\",\"fields\":["
                + fields
                + "],\"optional\":true,\"name\":"
                + quoted(name + ".Value");
    }

    private static String column(
            TableSchema table, Column column, boolean isOptional, FrameForm form) {
        boolean isMasked = form.masks().of(table.id(), column.name()) != null;
        Type type = isMasked ? new Type(STRING) : type(column);
        StringBuilder text = new StringBuilder("{\"type\":\"").append(type.name()).append('"');
        if (type.fields() != null) {
            text.append(",\"fields\":[").append(type.fields()).append(']');
        }
        text.append(",\"optional\":").append(isOptional || isMasked);
        if (type.semantic() != null) {
            text.append(",\"name\":\"").append(type.semantic()).append("\",\"version\":1");
        }
        if (type.doc() != null) {
            text.append(",\"doc\":\"").append(type.doc()).append('"');
        }
        if (!type.parameters().isEmpty()) {
            text.append(",\"parameters\":").append(parameters(type.parameters()));
        }
        return text.append(",\"field\":").append(quoted(column.name())).append('}').toString();
    }

    private static String parameters(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(one -> quoted(one.getKey()) + ":" + quoted(one.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    /// A type of Kafka Connect.
    ///
    /// @param semantic the name that tells its meaning, or null
    /// @param fields of a struct, or null
    private record Type(
            String name,
            @Nullable String semantic,
            @Nullable String doc,
            @Nullable String fields,
            Map<String, String> parameters) {

        Type(String name) {
            this(name, null, null, null, Map.of());
        }

        Type(String name, String semantic) {
            this(name, semantic, null, null, Map.of());
        }

        Type with(String parameter, String value) {
            return new Type(name, semantic, doc, fields, Map.of(parameter, value));
        }
    }

    private static Type type(Column column) {
        return switch (column.type()) {
            case TINYINT -> new Type(INT16);
            case SMALLINT -> new Type(column.unsigned() ? INT32 : INT16);
            case MEDIUMINT -> new Type(INT32);
            case INT -> new Type(column.unsigned() ? INT64 : INT32);
            case BIGINT -> new Type(INT64);
            case FLOAT -> new Type("float");
            case DOUBLE -> new Type("double");
            case BIT ->
                    column.size() == 1
                            ? new Type("boolean")
                            : new Type("bytes", DATA + "Bits")
                                    .with("length", String.valueOf(column.size()));
            case YEAR -> new Type(INT32, TIME + "Year");
            case DATE -> new Type(INT32, TIME + "Date");
            case TIME, OLD_TIME -> new Type(INT64, TIME + "MicroTime");
            case DATETIME, OLD_DATETIME ->
                    new Type(INT64, TIME + (column.scale() <= 3 ? "Timestamp" : "MicroTimestamp"));
            case TIMESTAMP, OLD_TIMESTAMP -> new Type(STRING, TIME + "ZonedTimestamp");
            case ENUM -> new Type(STRING, DATA + "Enum").with("allowed", allowed(column));
            case SET -> new Type(STRING, DATA + "EnumSet").with("allowed", allowed(column));
            case JSON -> new Type(STRING, DATA + "Json");
            case GEOMETRY -> geometry();
            case DECIMAL,
                    CHAR,
                    VARCHAR,
                    TEXT,
                    BINARY,
                    VARBINARY,
                    BLOB,
                    UUID,
                    INET6,
                    INET4,
                    COMPRESSED,
                    UNCLEAR ->
                    new Type(STRING);
            case VECTOR -> new Type("array", DATA + "FloatVector", null, null, Map.of());
        };
    }

    private static String allowed(Column column) {
        return String.join(",", column.labels());
    }

    /// The coordinates of points are there in any spatial column.
    private static Type geometry() {
        String fields =
                String.join(
                        ",",
                        field("double", true, "x"),
                        field("double", true, "y"),
                        field("bytes", false, "wkb"),
                        field(INT32, true, "srid"));
        return new Type("struct", DATA + "geometry.Geometry", "Geometry", fields, Map.of());
    }

    private static String quoted(String text) {
        JsonBuffer out = new JsonBuffer(64);
        out.string(text);
        return new String(out.array(), 0, out.size(), StandardCharsets.UTF_8);
    }
}
