package io.fustor.source.mysql.values;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fustor.source.mysql.support.ChangeEvent;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/// A table as its server prints it, and the JSON that follows from that by rules of the tests' own:
/// a reading of the rows that shares nothing with the product.
///
/// Two things are compared by meaning instead of text, in what the server printed as in what a feed
/// said ([#comparable]): numbers inside of JSON documents, and bytes that are no character, for
/// which the server prints `?` where a feed has U+FFFD.
///
/// @param columns in table order
/// @param rows each in the form of [#comparable], in no order
record PrintedTable(List<PrintedColumn> columns, List<String> rows) {

    /// @param type `information_schema`'s `DATA_TYPE`
    record PrintedColumn(String name, String type, boolean hasBinaryLabels) {

        /// What a server is asked to print of the column. Only MySQL 8 knows an order of axes;
        /// MariaDB has no doubles in JSON, and before MySQL 8.0.17 nothing is cast to one.
        private String expression(boolean isMySql8, boolean isMariaDb) {
            boolean isReal = type.equals("float") || type.equals("double");
            if (isReal && !isMySql8) {
                String number = quotedName(name) + " * 1e0";
                return isMariaDb
                        ? "CAST(" + number + " AS CHAR)"
                        : "CAST(JSON_EXTRACT(JSON_ARRAY(%s), IF(%s IS NULL, NULL, '$[0]')) AS CHAR)"
                                .formatted(number, quotedName(name));
            }
            return isMySql8 ? expression() : expression().replace(", 'axis-order=long-lat'", "");
        }

        private String expression() {
            String column = quotedName(name);
            return switch (type) {
                // In JSON the server prints all digits of a double; a CHAR of one may lack the
                // last.
                case "float", "double" ->
                        "CAST(CAST(CAST(%s AS DOUBLE) AS JSON) AS CHAR)".formatted(column);
                case "bit" -> "CAST(CAST(%s AS UNSIGNED) AS CHAR)".formatted(column);
                case "char",
                        "varchar",
                        "tinytext",
                        "text",
                        "mediumtext",
                        "longtext",
                        "enum",
                        "set" ->
                        hasBinaryLabels
                                ? "HEX(%s)".formatted(column)
                                : "HEX(CONVERT(%s USING utf8mb4))".formatted(column);
                case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob" ->
                        "TO_BASE64(%s)".formatted(column);
                case "vector" -> "HEX(%s)".formatted(column);
                case "geometry",
                        "point",
                        "linestring",
                        "polygon",
                        "multipoint",
                        "multilinestring",
                        "multipolygon",
                        "geomcollection" ->
                        "CONCAT(ST_SRID(%s), ' ', TO_BASE64(ST_AsBinary(%s, 'axis-order=long-lat')))"
                                .formatted(column, column);
                default -> "CAST(%s AS CHAR)".formatted(column);
            };
        }

        /// The JSON of what the server printed.
        private String json(String printed) {
            return switch (type) {
                case "float" -> number(Float.parseFloat(printed));
                case "double" -> number(Double.parseDouble(printed));
                case "date", "time" -> '"' + printed + '"';
                case "datetime" -> '"' + printed.replace(' ', 'T') + '"';
                case "timestamp" ->
                        '"'
                                + printed.replace(' ', 'T')
                                + (printed.startsWith("0000-00-00") ? "\"" : "Z\"");
                case "char",
                        "varchar",
                        "tinytext",
                        "text",
                        "mediumtext",
                        "longtext",
                        "enum",
                        "set" ->
                        quoted(new String(HexFormat.of().parseHex(printed), UTF_8));
                case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob" ->
                        '"' + printed.replace("\n", "") + '"';
                case "uuid", "inet6", "inet4" -> '"' + printed + '"';
                case "vector" -> vector(HexFormat.of().parseHex(printed));
                case "geometry",
                        "point",
                        "linestring",
                        "polygon",
                        "multipoint",
                        "multilinestring",
                        "multipolygon",
                        "geomcollection" -> {
                    int gap = printed.indexOf(' ');
                    yield "{\"srid\":%s,\"wkb\":\"%s\"}"
                            .formatted(
                                    printed.substring(0, gap),
                                    printed.substring(gap + 1).replace("\n", ""));
                }
                case "json" -> printed;
                default -> printed.replaceFirst("^(-?)0+(?=\\d)", "$1");
            };
        }

        /// The form in which two readings of a value are compared.
        private String comparable(String json) {
            return switch (type) {
                case "json" -> meaning(ChangeEvent.JSON.readTree(json));
                case "char", "varchar", "tinytext", "text", "mediumtext", "longtext" ->
                        json.replace('\uFFFD', '?');
                default -> json;
            };
        }
    }

    /// Reads a table and everything in it. Sets the connection's session up for that.
    static PrintedTable read(Connection connection, String schema, String table)
            throws SQLException {
        List<PrintedColumn> columns = columns(connection, schema, table);
        List<String> rows = new ArrayList<>();
        String version = connection.getMetaData().getDatabaseProductVersion();
        boolean isMariaDb = version.contains("MariaDB");
        boolean isMySql8 = !isMariaDb && !version.matches("5\\..*|8\\.0\\.1[0-6]\\b.*");
        String select =
                columns.stream()
                        .map(column -> column.expression(isMySql8, isMariaDb))
                        .collect(Collectors.joining(", ", "SELECT ", " FROM "));
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET time_zone = '+00:00', sql_mode = ''");
            try (ResultSet result =
                    statement.executeQuery(select + quotedName(schema) + '.' + quotedName(table))) {
                while (result.next()) {
                    List<String> cells = new ArrayList<>();
                    for (int i = 0; i < columns.size(); i++) {
                        String printed = result.getString(i + 1);
                        cells.add(printed == null ? "null" : columns.get(i).json(printed));
                    }
                    rows.add(comparable(columns, columns, cells));
                }
            }
        }
        return new PrintedTable(columns, rows);
    }

    private static List<PrintedColumn> columns(Connection connection, String schema, String table)
            throws SQLException {
        String sql =
                """
                SELECT COLUMN_NAME, DATA_TYPE, COALESCE(CHARACTER_SET_NAME, '') = 'binary'
                FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?
                ORDER BY ORDINAL_POSITION""";
        List<PrintedColumn> columns = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, schema);
            statement.setString(2, table);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    columns.add(
                            new PrintedColumn(
                                    rows.getString(1), rows.getString(2), rows.getBoolean(3)));
                }
            }
        }
        return columns;
    }

    static String quotedName(String name) {
        return '`' + name.replace("`", "``") + '`';
    }

    /// A feed's row in the form of [#rows].
    String comparable(String row) {
        List<PrintedColumn> named = new ArrayList<>();
        List<String> cells = new ArrayList<>();
        try (JsonParser parser = ChangeEvent.JSON.createParser(row)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                named.add(new PrintedColumn(parser.currentName(), "", false));
                parser.nextToken();
                int from = (int) parser.currentTokenLocation().getCharOffset();
                parser.skipChildren();
                parser.finishToken();
                cells.add(row.substring(from, (int) parser.currentLocation().getCharOffset()));
            }
        }
        return comparable(columns, named, cells);
    }

    private static String comparable(
            List<PrintedColumn> columns, List<PrintedColumn> named, List<String> cells) {
        StringBuilder row = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            String cell = cells.get(i);
            boolean isKnown = i < columns.size() && !cell.equals("null");
            row.append(i == 0 ? "" : "\n").append(quoted(named.get(i).name())).append(": ");
            row.append(isKnown ? columns.get(i).comparable(cell) : cell);
        }
        return row.toString();
    }

    /// A JSON document with its numbers by value.
    private static String meaning(JsonNode json) {
        if (json.isNumber()) {
            BigDecimal number = json.decimalValue();
            return number.signum() == 0 ? "0" : number.stripTrailingZeros().toString();
        }
        if (json.isArray()) {
            return json.valueStream().map(PrintedTable::meaning).toList().toString();
        }
        if (json.isObject()) {
            return json.propertyStream()
                    .map(member -> quoted(member.getKey()) + ":" + meaning(member.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        return json.isString() ? quoted(json.asString()) : json.toString();
    }

    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            int named = "\b\t\n\f\r\"\\".indexOf(c);
            if (named >= 0) {
                quoted.append('\\').append("btnfr\"\\".charAt(named));
            } else if (c < ' ') {
                quoted.append("\\u%04x".formatted((int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    private static String vector(byte[] floats) {
        ByteBuffer bytes = ByteBuffer.wrap(floats).order(ByteOrder.LITTLE_ENDIAN);
        List<String> numbers = new ArrayList<>();
        while (bytes.hasRemaining()) {
            numbers.add(number(bytes.getFloat()));
        }
        return "[" + String.join(",", numbers) + "]";
    }

    /// The shortest digits that read back the same, laid out as ECMAScript does it, with `1e21` for
    /// its `1e+21`.
    static String number(double value) {
        String shorter = "%.0e".formatted(value);
        return layOut(Double.parseDouble(shorter) == value ? shorter : Double.toString(value));
    }

    static String number(float value) {
        String shorter = "%.0e".formatted(value);
        return layOut(Float.parseFloat(shorter) == value ? shorter : Float.toString(value));
    }

    private static String layOut(String javas) {
        BigDecimal number = new BigDecimal(javas);
        if (number.signum() == 0) {
            return javas.startsWith("-") ? "-0" : "0";
        }
        BigDecimal stripped = number.stripTrailingZeros();
        int exponent = stripped.precision() - stripped.scale() - 1;
        if (exponent >= -6 && exponent < 21) {
            return stripped.toPlainString();
        }
        BigDecimal first = stripped.movePointLeft(exponent).stripTrailingZeros();
        return first.toPlainString() + "e" + exponent;
    }
}
