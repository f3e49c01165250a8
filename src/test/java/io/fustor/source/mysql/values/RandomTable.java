package io.fustor.source.mysql.values;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// An unusual table, and what happens to its rows, all of it drawn from one source of random
/// numbers.
///
/// The statements run in a session whose `sql_mode` is empty, so that the server makes of each
/// value what the column can hold; those with `IGNORE` may change less than they say.
final class RandomTable {

    private static final List<String> NAMES =
            List.of(
                    "a b",
                    "Ünï",
                    "quote\"d",
                    "back`tick",
                    "comma,",
                    "中文",
                    "it's",
                    "select",
                    "a.b",
                    "x\\y",
                    "tab\tin",
                    "$",
                    "0",
                    "%s",
                    "{}",
                    "é",
                    "new\nline",
                    "*");
    private static final List<String> SETS =
            List.of(
                    "utf8mb4", "latin1", "gbk", "big5", "sjis", "cp932", "koi8r", "utf16", "utf32",
                    "utf8mb3", "utf16le", "ascii", "gb18030", "ujis", "euckr", "cp1251", "hebrew");
    private static final List<String> TEXTS =
            List.of(
                    "''",
                    "'a'",
                    "' x '",
                    "'Zürich £'",
                    "'中文字'",
                    "'ひらカタ ﾊﾝ'",
                    "'Жя'",
                    "'😀'",
                    "'\\0\\n\\t\\\\\\\"\\''",
                    "REPEAT('long ', 60)",
                    "REPEAT('é', 300)",
                    "x'FCFC8140FF'",
                    "x'D83D0041'",
                    "'12'");
    private static final List<String> JSONS =
            List.of(
                    "'null'",
                    "'[]'",
                    "'{\"b\": [1, 2.50, \"x\"], \"a\": null}'",
                    "'18446744073709551615'",
                    "JSON_ARRAY(1.10, DATE'2024-02-29', x'00FF', TIME'-10:00:00.5', 1e300)",
                    "JSON_OBJECT(REPEAT('k', 50), REPEAT('v\\n', 9000))",
                    "'\"text \\\\u0000\"'",
                    "JSON_ARRAY(CAST('12.3400' AS DECIMAL(20,4)), -0.0, TRUE)");
    private static final List<String> SHAPES =
            List.of(
                    "ST_GeomFromText('POINT(1 -2)')",
                    "ST_GeomFromText('POINT(40 -70)', 4326)",
                    "ST_GeomFromText('LINESTRING(0 0,1 1,2.5 1e10)')",
                    "ST_GeomFromText('GEOMETRYCOLLECTION EMPTY')");

    private final Random random;
    private final String name;
    private final List<RandomColumn> columns = new ArrayList<>();
    private final List<String> statements = new ArrayList<>();

    /// @param values SQL expressions of what the type holds, and of what it does not quite hold
    private record RandomType(String declaration, boolean fitsKey, List<String> values) {}

    private record RandomColumn(
            String name, RandomType type, boolean isNullable, boolean isGenerated) {}

    RandomTable(Random random, String name) {
        this.random = random;
        this.name = name;
        create();
        for (int i = random.nextInt(5); i >= 0; i--) {
            insert();
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            change();
        }
    }

    String name() {
        return name;
    }

    /// Creates the table and changes its rows.
    List<String> statements() {
        return statements;
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    private void create() {
        int count = 1 + (oneIn(3) ? random.nextInt(40) : random.nextInt(10));
        for (int i = 0; i < count; i++) {
            columns.add(column(i));
        }
        List<String> parts = new ArrayList<>();
        columns.forEach(column -> parts.add(declaration(column)));
        List<String> key = keyColumns();
        boolean hasKey = !key.isEmpty() && !oneIn(4);
        if (hasKey) {
            String kind = any(List.of("PRIMARY KEY", "UNIQUE KEY", "KEY"));
            parts.add(kind + " (" + String.join(", ", key) + ")");
        }
        String options = any(List.of("", " ROW_FORMAT=COMPRESSED", " CHARSET=latin1", ""));
        boolean isPartitioned = oneIn(5) && !hasKey && columns.getFirst().type().fitsKey();
        String partition =
                isPartitioned && !columns.getFirst().isGenerated()
                        ? " PARTITION BY KEY (%s) PARTITIONS 3"
                                .formatted(quoted(columns.getFirst().name()))
                        : "";
        statements.add(
                "CREATE TABLE %s (%s)%s%s"
                        .formatted(quoted(name), String.join(", ", parts), options, partition));
    }

    /// Some not-null columns of types that a key takes whole, in an order of their own.
    private List<String> keyColumns() {
        List<String> key = new ArrayList<>();
        for (RandomColumn column : columns) {
            boolean fits = column.type().fitsKey() && !column.isNullable() && !column.isGenerated();
            if (fits && key.size() < 3 && oneIn(2)) {
                key.add(oneIn(2) ? 0 : key.size(), quoted(column.name()));
            }
        }
        return key;
    }

    private RandomColumn column(int ordinal) {
        String odd = oneIn(4) ? any(NAMES) : "c";
        String columnName = odd.equals("c") || oneIn(2) ? odd + ordinal : ordinal + odd;
        RandomType type = type();
        boolean isGenerated = ordinal > 0 && oneIn(12);
        return new RandomColumn(columnName, type, oneIn(2), isGenerated);
    }

    private String declaration(RandomColumn column) {
        String start = quoted(column.name()) + " ";
        if (column.isGenerated()) {
            String kind = any(List.of("STORED", "VIRTUAL"));
            return start
                    + "VARCHAR(200) CHARACTER SET utf8mb4 AS (CONCAT('g', LENGTH(%s))) %s"
                            .formatted(quoted(columns.getFirst().name()), kind);
        }
        // A table has at least one column that is seen.
        boolean isInvisible = column != columns.getFirst() && oneIn(10);
        return start
                + column.type().declaration()
                + (column.isNullable() ? " NULL" : " NOT NULL")
                + (isInvisible ? " INVISIBLE" : "");
    }

    static String quoted(String name) {
        return PrintedTable.quotedName(name);
    }

    private RandomType type() {
        return switch (random.nextInt(10)) {
            case 0, 1 -> integer();
            case 2 -> real();
            case 3, 4 -> temporal();
            case 5, 6 -> text();
            case 7 -> bytes();
            case 8 -> labels();
            default -> other();
        };
    }

    private RandomType integer() {
        String declaration =
                any(List.of("TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT"))
                        + any(List.of("", " UNSIGNED", "(5) ZEROFILL", ""));
        return new RandomType(
                declaration,
                true,
                List.of(
                        "0",
                        "-1",
                        "-9e99",
                        "9e99",
                        "18446744073709551615",
                        String.valueOf(random.nextInt()),
                        String.valueOf(random.nextLong())));
    }

    private RandomType real() {
        int digits = 1 + random.nextInt(65);
        int later = random.nextInt(Math.min(30, digits) + 1);
        String decimal = "DECIMAL(%d,%d)".formatted(digits, later);
        String declaration =
                any(List.of("FLOAT", "DOUBLE", decimal, decimal + " UNSIGNED", "FLOAT(9,3)"));
        String drawn =
                String.valueOf(random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20));
        return new RandomType(
                declaration,
                declaration.startsWith("DECIMAL"),
                List.of(
                        "0",
                        "-0e0",
                        "9e99",
                        "-9e99",
                        "1.1",
                        "16777217",
                        drawn,
                        "-" + "9".repeat(60)));
    }

    private RandomType temporal() {
        int digits = random.nextInt(7);
        String declaration =
                any(List.of("DATE", "YEAR", "TIME(n)", "DATETIME(n)", "TIMESTAMP(n)"))
                        .replace("n", String.valueOf(digits));
        List<String> values =
                declaration.startsWith("TIME(")
                        ? List.of(
                                "'838:59:59'",
                                "'-838:59:59.5'",
                                "'-00:00:00.000001'",
                                "0",
                                "SEC_TO_TIME(%d / 1000)".formatted(random.nextInt()))
                        : List.of(
                                "'0000-00-00'",
                                "'2024-02-29 23:59:59.999999'",
                                "'9999-12-31 23:59:59'",
                                "'2024-00-00'",
                                "'1970-01-01 00:00:01'",
                                "2155",
                                "'2038-01-19 03:14:07.123456'",
                                "FROM_UNIXTIME(%d.5)".formatted(random.nextInt(Integer.MAX_VALUE)));
        return new RandomType(declaration, true, values);
    }

    private RandomType text() {
        String declaration =
                any(
                                List.of(
                                        "CHAR(%d)".formatted(random.nextInt(60)),
                                        "VARCHAR(%d)".formatted(random.nextInt(100)),
                                        "VARCHAR(400)",
                                        "TINYTEXT",
                                        "TEXT",
                                        "LONGTEXT"))
                        + " CHARACTER SET "
                        + any(SETS);
        boolean fits = declaration.startsWith("CHAR(") || declaration.startsWith("VARCHAR(1 ");
        return new RandomType(declaration, fits && !declaration.contains("(0)"), TEXTS);
    }

    private RandomType bytes() {
        int size = 1 + random.nextInt(300);
        String declaration =
                any(
                        List.of(
                                "BINARY(%d)".formatted(Math.min(size, 255)),
                                "VARBINARY(%d)".formatted(size),
                                "TINYBLOB",
                                "BLOB",
                                "LONGBLOB"));
        byte[] drawn = new byte[random.nextInt(40)];
        random.nextBytes(drawn);
        return new RandomType(
                declaration,
                false,
                List.of(
                        "''",
                        "x'00'",
                        "x'FF0000'",
                        "REPEAT(x'FB00', 200)",
                        "x'" + HexFormat.of().formatHex(drawn) + "'"));
    }

    private RandomType labels() {
        boolean isEnum = random.nextBoolean();
        int count = 1 + random.nextInt(isEnum ? 300 : 64);
        String all =
                IntStream.range(0, count)
                        .mapToObj(i -> any(List.of("l", "é", "it''s ", "\"", "日", "l")) + i)
                        .map(label -> "'" + label + (isEnum && oneIn(9) ? "," : "") + "'")
                        .collect(Collectors.joining(","));
        String set = any(List.of("utf8mb4", "utf16", "gbk", "utf8mb3", "utf8mb4"));
        return new RandomType(
                "%s(%s) CHARACTER SET %s".formatted(isEnum ? "ENUM" : "SET", all, set),
                isEnum,
                List.of(
                        "0",
                        "1",
                        String.valueOf(count),
                        "'none'",
                        String.valueOf(random.nextInt(255))));
    }

    private RandomType other() {
        int bits = 1 + random.nextInt(64);
        return any(
                List.of(
                        new RandomType("JSON", false, JSONS),
                        new RandomType("GEOMETRY", false, SHAPES),
                        new RandomType(
                                "BIT(%d)".formatted(bits),
                                true,
                                List.of("0", "1", "b'" + "1".repeat(bits) + "'"))));
    }

    private String value(RandomColumn column) {
        return column.isNullable() && oneIn(4) ? "NULL" : any(column.type().values());
    }

    private List<RandomColumn> writable() {
        return columns.stream().filter(column -> !column.isGenerated()).toList();
    }

    private void insert() {
        List<RandomColumn> into = writable();
        String names = into.stream().map(c -> quoted(c.name())).collect(Collectors.joining(", "));
        String rows =
                IntStream.rangeClosed(0, random.nextInt(6))
                        .mapToObj(
                                _ ->
                                        into.stream()
                                                .map(this::value)
                                                .collect(Collectors.joining(", ", "(", ")")))
                        .collect(Collectors.joining(", "));
        statements.add("INSERT IGNORE INTO %s (%s) VALUES %s".formatted(quoted(name), names, rows));
    }

    private void change() {
        if (oneIn(3)) {
            statements.add(
                    "DELETE FROM %s ORDER BY RAND() LIMIT %d"
                            .formatted(quoted(name), 1 + random.nextInt(4)));
            return;
        }
        List<RandomColumn> into = writable();
        RandomColumn one = any(into);
        RandomColumn other = any(into);
        String limit = oneIn(2) ? "" : " LIMIT " + (1 + random.nextInt(4));
        String second =
                one == other ? "" : ", %s = %s".formatted(quoted(other.name()), value(other));
        statements.add(
                "UPDATE IGNORE %s SET %s = %s%s%s"
                        .formatted(quoted(name), quoted(one.name()), value(one), second, limit));
    }
}
