package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.schema.Column;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The JSON Schemas (2020-12) of the values that the codecs write: [CellCodecs] and
/// [DebeziumCodecs] choose them by the same types.
final class ValueSchemas {

    private static final String STRING = "string";
    private static final String NULL = "null";
    private static final BigInteger LARGEST_SAFE = BigInteger.valueOf((1L << 53) - 1);
    private static final String DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
    private static final String CLOCK = "[0-9]{2}:[0-9]{2}:[0-9]{2}";

    private static final int SAFE_BITS = 53;
    private static final int SAFE_DIGITS = 15;
    private static final int LATEST_YEAR = 2155;

    private ValueSchemas() {}

    /// The schema of a masked column's values, whatever its mask.
    static Map<String, Object> masked(boolean isNullable) {
        return isNullable ? orNull(type(STRING)) : type(STRING);
    }

    /// The schema of a column's values.
    ///
    /// @param isNullable whether the column may be NULL
    /// @throws io.fustor.source.mysql.error.SourceException `UNSUPPORTED_TYPE` where values of the
    ///   column cannot be read
    static Map<String, Object> of(
            Column column, Format format, boolean bigNumbersAsStrings, boolean isNullable) {
        CellCodecs.of(column, bigNumbersAsStrings);
        Map<String, Object> schema =
                switch (format) {
                    case FUSTOR -> fustor(column, bigNumbersAsStrings);
                    case DEBEZIUM -> debezium(column, bigNumbersAsStrings);
                };
        return isNullable ? orNull(schema) : schema;
    }

    private static Map<String, Object> fustor(Column column, boolean big) {
        return switch (column.type()) {
            case TINYINT -> integer(8, column.unsigned());
            case SMALLINT -> integer(16, column.unsigned());
            case MEDIUMINT -> integer(24, column.unsigned());
            case INT -> integer(32, column.unsigned());
            case BIGINT -> bigint(column.unsigned(), big);
            case DECIMAL -> decimal(column, big);
            case FLOAT, DOUBLE -> type("number");
            case BIT -> bits(column, big);
            case YEAR -> range(BigInteger.ZERO, BigInteger.valueOf(LATEST_YEAR));
            case DATE -> pattern(DAY);
            case TIME, OLD_TIME -> pattern("-?[0-9]{2,3}:[0-9]{2}:[0-9]{2}" + fraction(column));
            case DATETIME, OLD_DATETIME -> pattern(DAY + "T" + CLOCK + fraction(column));
            // The zero TIMESTAMP has no zone.
            case TIMESTAMP, OLD_TIMESTAMP -> pattern(DAY + "T" + CLOCK + fraction(column) + "Z?");
            case CHAR, VARCHAR, TEXT, SET, UUID, INET6, INET4, COMPRESSED, UNCLEAR -> type(STRING);
            case BINARY, VARBINARY, BLOB -> base64();
            case ENUM -> labels(column);
            case JSON -> new LinkedHashMap<>();
            case GEOMETRY -> orNull(geometry());
            case VECTOR -> array(type("number"));
        };
    }

    private static Map<String, Object> debezium(Column column, boolean big) {
        return switch (column.type()) {
            case BIGINT -> bigint(false, big);
            case DECIMAL -> pattern("-?[0-9]+(\\.[0-9]+)?");
            case BIT -> column.size() == 1 ? type("boolean") : base64();
            // What is no calendar date is null, also in a column that is never NULL.
            case DATE, DATETIME, OLD_DATETIME -> orNull(type("integer"));
            case TIME, OLD_TIME -> type("integer");
            case TIMESTAMP, OLD_TIMESTAMP ->
                    orNull(pattern(DAY + "T" + CLOCK + fraction(column) + "Z"));
            case JSON -> type(STRING);
            case GEOMETRY -> orNull(geometryOrPoint());
            case TINYINT,
                    SMALLINT,
                    MEDIUMINT,
                    INT,
                    FLOAT,
                    DOUBLE,
                    YEAR,
                    CHAR,
                    VARCHAR,
                    TEXT,
                    BINARY,
                    VARBINARY,
                    BLOB,
                    ENUM,
                    SET,
                    VECTOR,
                    UUID,
                    INET6,
                    INET4,
                    COMPRESSED,
                    UNCLEAR ->
                    fustor(column, big);
        };
    }

    private static Map<String, Object> integer(int bits, boolean isUnsigned) {
        BigInteger count = BigInteger.ONE.shiftLeft(isUnsigned ? bits : bits - 1);
        return range(isUnsigned ? BigInteger.ZERO : count.negate(), count.subtract(BigInteger.ONE));
    }

    private static Map<String, Object> range(BigInteger least, BigInteger greatest) {
        Map<String, Object> schema = type("integer");
        schema.put("minimum", least);
        schema.put("maximum", greatest);
        return schema;
    }

    private static Map<String, Object> bigint(boolean isUnsigned, boolean big) {
        if (!big) {
            return integer(64, isUnsigned);
        }
        BigInteger least = isUnsigned ? BigInteger.ZERO : LARGEST_SAFE.negate();
        return anyOf(range(least, LARGEST_SAFE), pattern("-?[0-9]+"));
    }

    private static Map<String, Object> bits(Column column, boolean big) {
        return big && column.size() > SAFE_BITS ? bigint(true, true) : integer(column.size(), true);
    }

    private static Map<String, Object> decimal(Column column, boolean big) {
        return big && column.size() > SAFE_DIGITS
                ? anyOf(type("number"), pattern("-?[0-9]+(\\.[0-9]+)?"))
                : type("number");
    }

    private static String fraction(Column column) {
        return column.scale() == 0 ? "" : "\\.[0-9]{" + column.scale() + "}";
    }

    private static Map<String, Object> labels(Column column) {
        List<Object> labels = new ArrayList<>(column.labels());
        if (column.labels().stream().anyMatch(label -> label.indexOf('?') >= 0)) {
            // MySQL describes a character above U+FFFF in a label as `?`; its binlog has it.
            return type(STRING);
        }
        if (!labels.contains("")) {
            labels.add(""); // the error value
        }
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("enum", labels);
        return schema;
    }

    private static Map<String, Object> base64() {
        Map<String, Object> schema = type(STRING);
        schema.put("contentEncoding", "base64");
        return schema;
    }

    private static Map<String, Object> geometry() {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("srid", type("integer"));
        properties.put("wkb", base64());
        return object(properties, List.of("srid", "wkb"));
    }

    /// A point has its coordinates, too.
    private static Map<String, Object> geometryOrPoint() {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("x", type("number"));
        properties.put("y", type("number"));
        properties.put("wkb", base64());
        properties.put("srid", orNull(type("integer")));
        return object(properties, List.of("wkb", "srid"));
    }

    static Map<String, Object> type(String name) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", name);
        return schema;
    }

    static Map<String, Object> array(Map<String, Object> items) {
        Map<String, Object> schema = type("array");
        schema.put("items", items);
        return schema;
    }

    /// An object with these properties and no others.
    static Map<String, Object> object(Map<String, Object> properties, List<String> required) {
        Map<String, Object> schema = type("object");
        schema.put("properties", properties);
        schema.put("required", required);
        schema.put("additionalProperties", false);
        return schema;
    }

    static Map<String, Object> anyOf(Map<String, Object> one, Map<String, Object> other) {
        Map<String, Object> either = new LinkedHashMap<>();
        either.put("anyOf", List.of(one, other));
        return either;
    }

    private static Map<String, Object> pattern(String whole) {
        Map<String, Object> schema = type(STRING);
        schema.put("pattern", "^" + whole + "$");
        return schema;
    }

    /// The same, or null.
    static Map<String, Object> orNull(Map<String, Object> schema) {
        if (schema.isEmpty()) {
            return schema;
        }
        if (schema.get("enum") instanceof List<?> values) {
            List<Object> more = new ArrayList<>(values);
            more.add(null);
            schema.put("enum", more);
        } else if (schema.get("type") instanceof String one) {
            schema.put("type", List.of(one, NULL));
        } else if (schema.get("anyOf") instanceof List<?> some) {
            List<Object> more = new ArrayList<>(some);
            more.add(type(NULL));
            schema.put("anyOf", more);
        }
        return schema;
    }
}
