package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;

/// The keywords of servers, and the spellings of types.
final class SqlWords {

    static final List<String> TYPES =
            List.of(
                    "DECIMAL(19.5)",
                    "DECIMAL(19,5) UNSIGNED ZEROFILL",
                    "DEC",
                    "DEC(7,2) SIGNED",
                    "FIXED(6)",
                    "NUMERIC(9,9)",
                    "DECIMAL(0)",
                    "NATIONAL VARCHAR(10)",
                    "NATIONAL CHAR VARYING(10) BINARY",
                    "NATIONAL VARCHARACTER(4)",
                    "NCHAR VARYING(9)",
                    "NCHAR VARCHAR(9)",
                    "NCHAR",
                    "NVARCHAR(5) BINARY",
                    "LONG",
                    "LONG VARCHAR",
                    "LONG CHAR VARYING",
                    "LONG VARBINARY",
                    "LONG CHARACTER SET latin1",
                    "CHAR BYTE",
                    "CHAR(7) BYTE",
                    "VARCHAR(7) BYTE",
                    "TEXT BYTE",
                    "INT1",
                    "INT2 UNSIGNED",
                    "INT3 ZEROFILL",
                    "INT4",
                    "INT8 UNSIGNED ZEROFILL SIGNED",
                    "MIDDLEINT(3)",
                    "INTEGER SIGNED",
                    "BIGINT ZEROFILL UNSIGNED",
                    "TINYINT(1) UNSIGNED",
                    "FLOAT4",
                    "FLOAT8 UNSIGNED",
                    "FLOAT(24)",
                    "FLOAT(25)",
                    "FLOAT(9,3) ZEROFILL",
                    "DOUBLE PRECISION(9,3)",
                    "REAL UNSIGNED",
                    "SERIAL",
                    "BIGINT UNSIGNED NOT NULL AUTO_INCREMENT UNIQUE",
                    "INT SERIAL DEFAULT VALUE",
                    "BOOL DEFAULT TRUE",
                    "BOOLEAN DEFAULT FALSE NOT NULL",
                    "BIT(3) DEFAULT b'101'",
                    "BIT(8) DEFAULT 0b11",
                    "BIT DEFAULT 1",
                    "YEAR",
                    "YEAR(4) DEFAULT 2020",
                    "DATE DEFAULT '2020-01-01'",
                    "DATE DEFAULT DATE '2020-01-01'",
                    "TIME(3) DEFAULT TIME '10:00:00'",
                    "DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)",
                    "DATETIME DEFAULT NOW() ON UPDATE LOCALTIMESTAMP",
                    "TIMESTAMP(2) NULL DEFAULT NULL ON UPDATE NOW(2)",
                    "TIMESTAMP NOT NULL DEFAULT LOCALTIME() ON UPDATE CURRENT_TIMESTAMP",
                    "JSON",
                    "JSON DEFAULT (JSON_OBJECT('a', (1)))",
                    "GEOMETRY",
                    "GEOMCOLLECTION",
                    "GEOMETRYCOLLECTION",
                    "POINT NOT NULL SRID 4326",
                    "MULTIPOLYGON /*!80003 SRID 0 */ NULL",
                    "POINT REF_SYSTEM_ID=101",
                    "VECTOR(5)",
                    "CHAR(5) CHARACTER SET BINARY",
                    "VARCHAR(5) CHARSET BINARY",
                    "VARCHAR(5) CHAR SET 'latin1' COLLATE 'latin1_bin'",
                    "CHAR(5) ASCII BINARY",
                    "CHAR(5) BINARY ASCII",
                    "VARCHAR(5) UNICODE",
                    "VARCHAR(5) BINARY UNICODE",
                    "TEXT(300) BINARY CHARACTER SET latin1",
                    "TINYTEXT COLLATE utf8mb4_bin",
                    "VARCHAR(20) DEFAULT _utf8'x' 'y' COLLATE utf8mb4_general_ci",
                    "VARCHAR(20) DEFAULT N'x' NULL",
                    "VARCHAR(20) DEFAULT X'4142'",
                    "VARCHAR(20) DEFAULT 0x4142 UNIQUE KEY COMMENT 'it''s, a \\\\' comment)'",
                    "VARBINARY(20) DEFAULT x'00ff' NOT NULL",
                    "INT DEFAULT -1 CHECK (c > 0) COMMENT \"x\"",
                    "INT DEFAULT +5 CONSTRAINT CHECK (b > 0)",
                    "INT DEFAULT (1 + (2 * (3))) UNIQUE",
                    "INT CONSTRAINT some_check CHECK (b IN (1, 2, (3)))",
                    "DECIMAL(5,2) DEFAULT 1.5e0",
                    "DOUBLE DEFAULT .5",
                    "INT DEFAULT '5' INVISIBLE",
                    "INT INVISIBLE DEFAULT 5",
                    "INT VISIBLE",
                    "INT COMMENT 'a' COLUMN_FORMAT DYNAMIC STORAGE DISK",
                    "INT ENGINE_ATTRIBUTE = '{}'",
                    "INT ENGINE_ATTRIBUTE '{\"a\": 1}' SECONDARY_ENGINE_ATTRIBUTE '{}'",
                    "INT NOT SECONDARY",
                    "INT AS (a + 1)",
                    "INT GENERATED ALWAYS AS (a + (1)) VIRTUAL NOT NULL UNIQUE",
                    "INT AS (a + 1) STORED COMMENT 'x'",
                    "INT AS (a + 1) PERSISTENT",
                    "VARCHAR(9) COLLATE utf8mb4_bin GENERATED ALWAYS AS (CONCAT('a)', a)) STORED",
                    "INT WITHOUT SYSTEM VERSIONING",
                    "INT REFERENCES other (id) MATCH FULL ON DELETE SET NULL ON UPDATE NO ACTION",
                    "ENUM('a','b ','it''s',\"q\"\"q\",0x6364) DEFAULT 'a'",
                    "ENUM('x') CHARACTER SET latin1 COLLATE latin1_bin NOT NULL",
                    "SET('a','b','c','d','e','f','g','h','i') BINARY",
                    "BLOB(70000)",
                    "TEXT(20)",
                    "MEDIUMTEXT CHARACTER SET ucs2",
                    "CHAR(0)",
                    "VARCHAR(0) NOT NULL",
                    "BINARY(0)",
                    "VARCHAR(60) PRIMARY KEY",
                    "INT KEY",
                    "INT UNIQUE PRIMARY KEY",
                    "DATETIME(0) /*! NOT */ NULL",
                    "INT /*!80000 UNSIGNED */ /*!99999 BROKEN */ /*M!100000 UNSIGNED */",
                    "INT # a comment\n",
                    "UUID_IS_NO_TYPE");

    private SqlWords() {}

    /// What the server calls a keyword; servers without such a list get that of others.
    static TreeSet<String> of(TestMySql mysql) throws Exception {
        TreeSet<String> words = new TreeSet<>();
        try (InputStream file = SqlWords.class.getResourceAsStream("/ddl/words.txt")) {
            String all =
                    new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
            words.addAll(List.of(all.split("\\s+")));
        }
        String list =
                "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_NAME = 'KEYWORDS'";
        if (!Sql.value(mysql, list).equals("0")) {
            words.addAll(Sql.column(mysql, "SELECT WORD FROM information_schema.KEYWORDS", 1));
        }
        words.removeIf(word -> !word.matches("[A-Za-z_0-9]+"));
        return words;
    }

    /// Statements that have a word in the place of every kind of name.
    static List<String> uses(String word) {
        return List.of(
                """
                CREATE TABLE %1$s (%1$s INT, id INT NOT NULL DEFAULT 1, d DECIMAL(19.5),
                  CONSTRAINT %1$s CHECK (%1$s > 0), UNIQUE KEY %1$s (%1$s, id), KEY (d))
                PARTITION BY RANGE (%1$s) (PARTITION %1$s VALUES LESS THAN MAXVALUE)"""
                        .formatted(word),
                "CREATE TABLE t_%1$s (a INT, %1$s INT UNIQUE, KEY %1$s (a))".formatted(word),
                "ALTER TABLE %1$s ADD z INT AFTER %1$s, MODIFY %1$s BIGINT FIRST".formatted(word),
                "ALTER TABLE %1$s DROP INDEX %1$s, CHANGE %1$s %1$s CHAR(3)".formatted(word),
                "ALTER TABLE %1$s ADD UNIQUE INDEX %1$s (id)".formatted(word),
                "ALTER TABLE t_%1$s RENAME COLUMN %1$s TO b".formatted(word),
                "ALTER TABLE t_%1$s ADD COLUMN %1$s VARCHAR(9) FIRST".formatted(word),
                "ALTER TABLE t_%1$s ADD q INT DEFAULT 7, ORDER BY %1$s".formatted(word),
                "CREATE UNIQUE INDEX i ON t_%1$s (%1$s)".formatted(word),
                "CREATE TABLE l_%1$s LIKE %1$s".formatted(word),
                "RENAME TABLE %1$s TO r_%1$s".formatted(word),
                "CREATE VIEW %1$s AS SELECT 1 AS one".formatted(word),
                "DROP TABLE l_%1$s".formatted(word));
    }
}
