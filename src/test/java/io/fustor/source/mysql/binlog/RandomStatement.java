package io.fustor.source.mysql.binlog;

import java.util.List;
import java.util.Locale;
import java.util.Random;

/// One random statement on the tables of [RandomStatementsIT], with unusual spelling.
final class RandomStatement {

    static final List<String> TABLES =
            List.of("orders", "grün", "ab`c", "x\"y", "select", "has space", "表", "許功蓋", "Ещё");

    private static final List<String> TEMPLATES =
            List.of(
                    "TRUNCATE @",
                    "TRUNCATE TABLE @",
                    "TRUNCATE /*!50000 TABLE*/ @",
                    "/*!50000 TRUNCATE TABLE @ */",
                    "TRUNCATE /*!99999 x */ TABLE @",
                    "TRUNCATE /*M! TABLE */ @",
                    "SET STATEMENT lock_wait_timeout=5 FOR TRUNCATE TABLE @",
                    "TRUNCATE TABLE @ WAIT 3",
                    "INSERT INTO @ VALUES ({n}, {n})",
                    "INSERT INTO @ (a, v) VALUES ({n}, {n}) ON DUPLICATE KEY UPDATE v = v + 1",
                    "INSERT INTO @ SELECT a + {n}, v FROM (SELECT 1 a, 2 v) x",
                    "REPLACE INTO @ VALUES ({n}, {n})",
                    "UPDATE @ SET v = v + 1",
                    "UPDATE @ SET v = v + 1 WHERE 'dev.mysql.com' <> {text}",
                    "UPDATE @ x, @ y SET x.v = x.v + 1, y.v = 9",
                    "WITH x AS (SELECT 1 a) UPDATE @ SET v = v + 1 WHERE a IN (SELECT a FROM x)",
                    "DELETE FROM @",
                    "DELETE FROM @ WHERE a > {n}",
                    "DELETE x FROM @ x JOIN @ y",
                    "ANALYZE UPDATE @ SET v = v + 1",
                    "CREATE TABLE {new} SELECT a, v FROM @",
                    "CREATE TABLE {new} ENGINE=InnoDB AS (SELECT a, v FROM @)",
                    "CREATE TABLE {new} (a INT NOT NULL, v INT NOT NULL) AS TABLE @",
                    "CREATE TABLE {new} (column_0 INT NOT NULL, column_1 INT NOT NULL) VALUES ROW({n}, 2)",
                    "CREATE TABLE {new} (a INT NOT NULL, v INT NOT NULL) VALUES ({n}, 2)",
                    "CREATE TABLE {new} AS WITH x AS (SELECT a, v FROM @) SELECT * FROM x",
                    "CREATE OR REPLACE TABLE {new} SELECT a, v FROM @",
                    "CREATE TABLE {new} /*!50000 SELECT a, v FROM @ */",
                    "CREATE TABLE {new} LIKE @",
                    "CREATE TABLE {new} (a INT NOT NULL, v INT NOT NULL COMMENT {text}) COMMENT {text}",
                    "CREATE TABLE IF NOT EXISTS @ SELECT 1 a, 2 v",
                    "SELECT fuzz.f({n})",
                    "DO fuzz.f({n})",
                    "SET @x = fuzz.f({n})",
                    "CALL fuzz.p({n})",
                    "BEGIN NOT ATOMIC INSERT INTO fuzz.orders VALUES ({n}, 1); END",
                    "EXECUTE IMMEDIATE 'TRUNCATE TABLE fuzz.orders'",
                    "INSERT INTO mysql.fuzz VALUES ({n}, {text})",
                    "INSERT INTO mysql.fuzz VALUES (fuzz.f({n}), '')",
                    "DELETE FROM mysql.fuzz WHERE v = {text}",
                    "ALTER TABLE @ COMMENT {text}",
                    "ANALYZE TABLE @",
                    "CREATE OR REPLACE VIEW fuzz.w AS SELECT * FROM @");

    private final Random random;
    private final boolean hasAnsiQuotes;
    private final boolean isCaseFree;
    private final int number;

    /// @param isCaseFree whether the server compares names without regard to case
    /// @param number that no other statement has
    RandomStatement(Random random, boolean hasAnsiQuotes, boolean isCaseFree, int number) {
        this.random = random;
        this.hasAnsiQuotes = hasAnsiQuotes;
        this.isCaseFree = isCaseFree;
        this.number = number;
    }

    String text() {
        String template = TEMPLATES.get(random.nextInt(TEMPLATES.size()));
        StringBuilder sql = new StringBuilder(random.nextInt(3) == 0 ? gap() : "");
        boolean isFirst = true;
        for (String part : template.split(" ", -1)) {
            sql.append(isFirst ? "" : gap()).append(filled(part));
            isFirst = false;
        }
        return sql.append(random.nextInt(4) == 0 ? gap() : "").toString();
    }

    private String filled(String part) {
        String word = part.replace("{n}", String.valueOf(1000 + number));
        if (word.contains("{text}")) {
            return word.replace("{text}", literal());
        }
        if (word.contains("{new}")) {
            return word.replace("{new}", "fuzz.new" + number);
        }
        if (word.contains("@") && !word.contains("@x")) {
            return word.replace("@", table());
        }
        return random.nextInt(3) == 0 && !word.contains("fuzz.") ? mixed(word) : word;
    }

    private String mixed(String word) {
        return random.nextBoolean() ? word.toLowerCase(Locale.ROOT) : word;
    }

    private String table() {
        String name = TABLES.get(random.nextInt(TABLES.size()));
        String spelled = isCaseFree && random.nextBoolean() ? name.toUpperCase(Locale.ROOT) : name;
        String quoted =
                switch (random.nextInt(3)) {
                    case 0 -> name.matches("orders|grün|表|Ещё") ? spelled : backquoted(spelled);
                    case 1 -> hasAnsiQuotes ? doubleQuoted(spelled) : backquoted(spelled);
                    default -> backquoted(spelled);
                };
        return switch (random.nextInt(4)) {
            case 0 -> quoted;
            case 1 -> "`fuzz` . " + quoted;
            case 2 -> isCaseFree ? "FUZZ." + quoted : "fuzz." + quoted;
            default -> "fuzz." + quoted;
        };
    }

    private static String backquoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    private static String doubleQuoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    private String literal() {
        List<String> texts =
                List.of(
                        "' SELECT '",
                        "'it''s'",
                        "'功誠表'",
                        "'/*'",
                        "'-- '",
                        "'a\\\\'",
                        "'#'",
                        hasAnsiQuotes ? "'\"'" : "\"it's\"",
                        "'mysql.x'");
        return texts.get(random.nextInt(texts.size()));
    }

    private String gap() {
        return switch (random.nextInt(16)) {
            case 0 -> "/**/";
            case 1 -> " /* 'SELECT ` \" 功誠 */ ";
            case 2 -> "\n-- it's\n";
            case 3 -> " # `\n";
            case 4 -> "\t\r\n";
            case 5 -> "/*" + "x".repeat(1100) + "*/";
            case 6 -> random.nextInt(8) == 0 ? "/*" + "功".repeat(35_000) + "*/" : " ";
            default -> " ";
        };
    }
}
