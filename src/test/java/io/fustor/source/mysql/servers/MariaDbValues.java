package io.fustor.source.mysql.servers;

import io.fustor.source.mysql.support.ServerRelease;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Tables with MariaDB's own types and with those that it has otherwise than MySQL, each with a
/// column that may be NULL and one that may not, and text after it that would read wrong if the
/// column were taken for another.
final class MariaDbValues {

    static final String SCHEMA = "matrix";

    private final List<String> tables = new ArrayList<>();
    private final List<String> statements = new ArrayList<>();

    MariaDbValues(ServerRelease release) {
        statements.add("CREATE DATABASE " + SCHEMA + " CHARACTER SET utf8mb4");
        statements.add("USE " + SCHEMA);
        statements.add("SET NAMES utf8mb4, time_zone = '+00:00'");
        addresses();
        compressed();
        others();
        if (release != ServerRelease.MARIADB_10_5) {
            table(
                    "UUID",
                    "'00000000-0000-0000-0000-000000000000'",
                    "'123e4567-e89b-12d3-a456-426655440000'",
                    "'01890a5d-ac96-774b-bcce-b302099a8057'",
                    "'ffffffff-ffff-7fff-ffff-ffffffffff00'",
                    "UUID()");
            table("INET4", "'0.0.0.0'", "'255.255.255.0'", "'1.2.3.4'");
            table("VARCHAR(9) COLLATE utf8mb4_uca1400_ai_ci", "'é'");
            table("VARCHAR(9) COLLATE latin1_swedish_nopad_ci", "'é'");
        }
        if (release == ServerRelease.MARIADB_11_8) {
            table("VECTOR(3)", "VEC_FromText('[1,-1.5,0.1]')", "VEC_FromText('[0,3e8,-1e-3]')");
            table("VECTOR(70)", "VEC_FromText('[1" + ",2.5".repeat(69) + "]')");
            table("TIMESTAMP(3)", "'2106-02-07 06:28:15.999'", "'2040-01-01 00:00:00.5'");
        }
        if (release.number().startsWith("11")) {
            statements.add("CREATE TABLE bykey (id UUID PRIMARY KEY, v INT)");
            tables.add("bykey");
            statements.add(
                    "INSERT INTO bykey VALUES (UUID(), 1), ('123e4567-e89b-12d3-a456-426655440000', 2),"
                            + " ('01890a5d-ac96-774b-bcce-b302099a8057', 3)");
        }
    }

    List<String> tables() {
        return tables;
    }

    List<String> statements() {
        return statements;
    }

    private void table(String type, String... values) {
        String name = "t%03d".formatted(tables.size());
        tables.add(name);
        statements.add(
                "CREATE TABLE %s (id INT PRIMARY KEY AUTO_INCREMENT, c %s NULL, d %s NOT NULL, e VARCHAR(9) CHARACTER SET latin1 DEFAULT 'é')"
                        .formatted(name, type, type));
        for (String value : values) {
            statements.add("INSERT INTO %s (c, d) VALUES (%s, %s)".formatted(name, value, value));
            statements.add("INSERT INTO %s (c, d) VALUES (NULL, %s)".formatted(name, value));
        }
        statements.add("UPDATE %s SET e = 'ü', c = d".formatted(name));
        statements.add("DELETE FROM %s WHERE id = 1".formatted(name));
    }

    private void addresses() {
        table(
                "INET6",
                "'::'",
                "'::1'",
                "'2001:db8::ff00:42:8329'",
                "'1:0:2:0:0:3:0:0'",
                "'1:2:3:4:5:6:7:0'",
                "'0:1:2:3:4:5:6:7'",
                "'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'",
                "'::ffff:1.2.3.4'",
                "'::1.2.3.4'",
                "'::1:0:0'",
                "'0:0:0:0:0:fffe:1:2'",
                "'a:0b:00c:000d::'");
    }

    private void compressed() {
        String[] texts = {"''", "'short'", "REPEAT('long é中😀 ', 60)", "REPEAT('x', 200)"};
        table("VARCHAR(2000) COMPRESSED", texts);
        table("VARCHAR(250) COMPRESSED CHARACTER SET latin1", "''", "'é'", "REPEAT('é', 250)");
        table("TEXT COMPRESSED", texts);
        table("MEDIUMTEXT COMPRESSED CHARACTER SET ucs2", texts[0], texts[1], texts[3]);
        table("LONGTEXT COMPRESSED", "REPEAT('0123456789', 300000)", "'x'");
        table("VARBINARY(1000) COMPRESSED", "''", "x'00'", "REPEAT(x'00ff', 400)");
        table("LONGBLOB COMPRESSED", "''", "x'00'", "REPEAT(x'00ff', 40000)");
        statements.add("SET column_compression_zlib_wrap = ON, column_compression_threshold = 10");
        table("TINYTEXT COMPRESSED", "''", "'short'", "REPEAT('w', 200)");
        table("BLOB COMPRESSED", "REPEAT('w', 2000)");
    }

    private void others() {
        table("BINARY(16)", "''", "x'123e4567e89b12d3a456426655440000'");
        table("BINARY(4)", "''", "x'01020304'");
        table("VARBINARY(16)", "''", "x'01020304'", "REPEAT('x', 16)");
        table("JSON", "'{\"b\": [1, 2.50],  \"a\":null}'", "'\"é\"'");
        table("POINT", "ST_GeomFromText('POINT(40 -70)', 4326)", "POINT(1, 2)");
        table("GEOMETRY", "ST_GeomFromText('LINESTRING(1 2,3 4)')");
        table("BIT(17)", "0", "b'10000000000000001'");
        table("YEAR(4)", "1901", "2155", "0");
        table("TIME(6)", "'838:59:59.999999'", "'-00:00:00.000001'");
        table("DATETIME(2)", "'9999-12-31 23:59:59.99'", "'1000-01-01 00:00:00'");
        table("TIMESTAMP(6)", "'1970-01-01 00:00:01'", "'2038-01-19 03:14:07.999999'");
        String many = String.join("','", IntStream.range(0, 300).mapToObj(i -> "é" + i).toList());
        table("ENUM('" + many + "') CHARACTER SET latin1", "1", "256", "300");
        table("SET('é','ü','中')", "'é,中'", "''");
        table("VARCHAR(9) COLLATE utf8mb4_nopad_bin", "'é  '");
        tables.add("generated");
        statements.add(
                "CREATE TABLE generated (id INT PRIMARY KEY, v INT AS (id + 1) VIRTUAL, p INT AS (id + 2) PERSISTENT,"
                        + " h INT DEFAULT 7 INVISIBLE, e VARCHAR(9) DEFAULT 'é')");
        statements.add("INSERT INTO generated (id) VALUES (1), (2)");
    }
}
