package io.fustor.source.mysql.schemahistory;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/// Statements on a few tables and columns, drawn at random, so that many of them meet: also views,
/// temporary tables that hide others of their name, and character sets of the client. The server
/// refuses some. Every column has a default of its own by which it is told from the others.
final class RandomDdl {

    private static final List<String> TABLES = List.of("t1", "t2", "`t 3`", "T4", "t5");
    private static final List<String> COLUMNS = List.of("a", "b", "C", "`d d`", "`ü`", "`select`");
    private static final List<String> SETS = List.of("latin1", "utf8mb4", "gbk", "binary");

    private static final List<String> CLIENTS = List.of("latin1", "utf8mb4", "utf8mb4");

    private final Random random;
    private final Set<String> hidden = new HashSet<>();
    private String client = "utf8mb4";
    private int made;

    RandomDdl(Random random) {
        this.random = random;
    }

    String next() {
        String table = table();
        return switch (random.nextInt(26)) {
            case 0, 1, 2 -> create(table);
            case 3 -> {
                hidden.remove(table);
                yield "DROP TABLE IF EXISTS " + table;
            }
            case 4 -> "CREATE TABLE " + table + " LIKE " + original();
            case 5 -> copy(table);
            case 6 -> "RENAME TABLE " + table + " TO spare, " + table() + " TO " + table;
            case 7 -> "RENAME TABLE spare TO " + table;
            case 8 -> "ALTER DATABASE %s CHARACTER SET " + any(SETS);
            case 9 -> "CREATE UNIQUE INDEX i" + random.nextInt(3) + " ON " + table + columns();
            case 10 -> "DROP INDEX i" + random.nextInt(3) + " ON " + table;
            case 11 -> "/* odd; */ ALTER TABLE %s." + table + " " + action() + " -- odd";
            case 12 -> {
                hidden.add(table);
                yield "CREATE TEMPORARY TABLE " + table + " (a INT, b INT, hidden INT)";
            }
            case 13 -> {
                hidden.remove(table);
                yield "DROP TEMPORARY TABLE IF EXISTS " + table;
            }
            case 14 -> "CREATE OR REPLACE VIEW " + view() + " AS SELECT * FROM " + table;
            case 15 -> "DROP VIEW IF EXISTS " + view();
            case 16 -> names(any(CLIENTS));
            default -> "ALTER TABLE " + table + " " + actions();
        };
    }

    /// The server writes this statement itself, in UTF-8, which nothing proves. Names that the
    /// client's character set would read differently cannot be known then.
    private String copy(String table) {
        return client.equals("utf8mb4")
                ? "CREATE TABLE IF NOT EXISTS " + table + " AS SELECT * FROM " + table()
                : names("utf8mb4");
    }

    private String names(String set) {
        client = set;
        return "SET NAMES " + set;
    }

    /// A table that no temporary one hides. The binlog does not tell the character set of a table
    /// that was made like a temporary one, so the columns that it gets later cannot be known.
    private String original() {
        String table = table();
        return hidden.contains(table) ? "t0" : table;
    }

    /// A name of its own, or one that a table has at another time.
    private String view() {
        return random.nextBoolean() ? "seen" : table();
    }

    /// Rows for any of the tables.
    String change() {
        return random.nextInt(4) == 0
                ? "UPDATE " + table() + " SET a = a + 1"
                : "INSERT INTO " + table() + " () VALUES ()";
    }

    private String create(String table) {
        List<String> parts = new ArrayList<>();
        for (String column : COLUMNS) {
            if (random.nextInt(3) > 0) {
                parts.add(column + " " + type());
            }
        }
        parts.add("z INT NOT NULL AUTO_INCREMENT");
        switch (random.nextInt(4)) {
            case 0 -> parts.add("UNIQUE (z)");
            case 1 -> parts.add(0, "PRIMARY KEY (z)");
            default -> parts.add("UNIQUE KEY u" + columns() + ", KEY (z)");
        }
        String end = random.nextBoolean() ? "" : " DEFAULT CHARSET " + any(SETS);
        return "CREATE TABLE " + table + " (" + String.join(", ", parts) + ")" + end;
    }

    private String actions() {
        StringBuilder actions = new StringBuilder(action());
        while (random.nextInt(3) == 0) {
            actions.append(", ").append(action());
        }
        return actions.toString();
    }

    private String action() {
        return switch (random.nextInt(14)) {
            case 0, 1, 2 -> "ADD " + column() + " " + type() + place();
            case 3 -> "DROP " + column();
            case 4, 5 -> "MODIFY " + column() + " " + type() + place();
            case 6 -> "CHANGE " + column() + " " + column() + " " + type() + place();
            case 7, 8 -> "RENAME COLUMN " + column() + " TO " + column();
            case 9 -> "ADD UNIQUE " + columns();
            case 10 -> random.nextBoolean() ? "DROP PRIMARY KEY" : "ADD PRIMARY KEY (z)";
            case 11 -> "CONVERT TO CHARACTER SET " + any(SETS);
            case 12 ->
                    "ALTER " + column() + " SET " + (random.nextBoolean() ? "IN" : "") + "VISIBLE";
            default -> "RENAME COLUMN a TO b, RENAME COLUMN b TO a";
        };
    }

    private String type() {
        int number = ++made % 1000;
        String nullable = random.nextBoolean() ? "" : " NOT NULL";
        return switch (random.nextInt(9)) {
            case 0, 1, 2 -> "INT" + nullable + " DEFAULT " + number;
            case 3 -> "BIGINT UNSIGNED" + nullable + " DEFAULT " + number;
            case 4 -> "VARCHAR(" + (4 + random.nextInt(300)) + ")" + nullable + text(number);
            case 5 -> "CHAR(4) CHARACTER SET " + any(SETS) + nullable + text(number);
            case 6 -> "ENUM('x', '" + number + "')" + nullable + text(number);
            case 7 -> "DECIMAL(9," + random.nextInt(5) + ")" + nullable + " DEFAULT " + number;
            default -> "DATETIME(" + random.nextInt(7) + ") DEFAULT '2024-01-01'";
        };
    }

    private static String text(int number) {
        return " DEFAULT '" + number + "'";
    }

    private String place() {
        return switch (random.nextInt(4)) {
            case 0 -> " FIRST";
            case 1 -> " AFTER " + column();
            default -> "";
        };
    }

    private String columns() {
        return " (" + column() + (random.nextBoolean() ? "" : ", z") + ")";
    }

    private String table() {
        return any(TABLES);
    }

    private String column() {
        return any(COLUMNS);
    }

    private String any(List<String> values) {
        return values.get(random.nextInt(values.size()));
    }
}
