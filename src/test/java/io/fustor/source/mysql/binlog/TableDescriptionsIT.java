package io.fustor.source.mysql.binlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.SqlConnections;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.TableDescription;
import io.fustor.source.mysql.server.TableDescriptions;
import io.fustor.source.mysql.server.TableDrafts;
import io.fustor.source.mysql.support.TestMySql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What `information_schema` says of a table, against what the binlog says of it.
class TableDescriptionsIT {

    private static final String SCHEMA = "described";
    private static final Selection SELECTION = Selection.parse(SCHEMA + ".*", "", "");

    /// On every server; the tables have these columns after a key.
    private static final List<String> COLUMNS =
            List.of(
                    "a TINYINT, b TINYINT UNSIGNED, c SMALLINT, d SMALLINT UNSIGNED, e MEDIUMINT,"
                            + " f MEDIUMINT UNSIGNED, g INT, h INT UNSIGNED ZEROFILL, i BIGINT,"
                            + " j BIGINT UNSIGNED, k BOOLEAN",
                    "a FLOAT, b FLOAT UNSIGNED, c FLOAT(7,2), d DOUBLE, e DOUBLE(10,3) UNSIGNED,"
                            + " f REAL, g FLOAT(30)",
                    "a DECIMAL, b DECIMAL(65,30), c DECIMAL(5,2) UNSIGNED, d DECIMAL(30,30),"
                            + " e DECIMAL(1,0) ZEROFILL",
                    "a BIT, b BIT(7), c BIT(8), d BIT(9), e BIT(64)",
                    "a YEAR, b DATE",
                    "a TIME, b TIME(1), c TIME(6), d DATETIME, e DATETIME(3), f TIMESTAMP NULL,"
                            + " g TIMESTAMP(5) NULL",
                    "a CHAR, b CHAR(0), c CHAR(255), d VARCHAR(0), e VARCHAR(63), f VARCHAR(64),"
                            + " g VARCHAR(4000), h NATIONAL VARCHAR(10)",
                    "a CHAR(255) CHARACTER SET latin1, b VARCHAR(300) CHARACTER SET latin1,"
                            + " c CHAR(20) CHARACTER SET utf32, d VARCHAR(20) CHARACTER SET utf16,"
                            + " e TEXT CHARACTER SET gbk, f VARCHAR(9) CHARACTER SET big5,"
                            + " g CHAR(9) COLLATE utf8mb4_bin, h CHAR(63) CHARACTER SET utf32,"
                            + " i VARCHAR(5) CHARACTER SET cp932",
                    "a TINYTEXT, b TEXT, c MEDIUMTEXT, d LONGTEXT, e TEXT(100), f TEXT(70000),"
                            + " g TINYTEXT CHARACTER SET latin1",
                    "a BINARY, b BINARY(16), c BINARY(255), d VARBINARY(10), e VARBINARY(3000),"
                            + " f CHAR(5) CHARACTER SET binary, g TEXT CHARACTER SET binary,"
                            + " h VARCHAR(7) CHARACTER SET binary",
                    "a TINYBLOB, b BLOB, c MEDIUMBLOB, d LONGBLOB, e BLOB(100), f BLOB(20000000)",
                    "a ENUM('x'), b ENUM('it''s', 'a,b', 'a\"b', '', '日本', 'ÄÖ'),"
                            + " c ENUM('é', 'ß') CHARACTER SET latin1,"
                            + " d ENUM('中', '文') CHARACTER SET gbk, e ENUM('\\\\', 'b\\\\n', 'c\\n\\r\\t\\Z'),"
                            + " f ENUM('a)','(b', '),(') CHARACTER SET utf16,"
                            + " g ENUM('"
                            + labels(255)
                            + "'), h ENUM('"
                            + labels(256)
                            + "'),"
                            + " i ENUM('x','y') CHARACTER SET binary",
                    "a SET('x'), b SET('it''s', 'ab', 'a\"b', '日本'), c SET('"
                            + labels(8)
                            + "'),"
                            + " d SET('"
                            + labels(9)
                            + "'), e SET('"
                            + labels(17)
                            + "'),"
                            + " f SET('"
                            + labels(25)
                            + "'), g SET('"
                            + labels(33)
                            + "'),"
                            + " h SET('"
                            + labels(64)
                            + "'), i SET('é') CHARACTER SET latin1",
                    "a GEOMETRY, b POINT, c LINESTRING, d POLYGON, e MULTIPOINT, f MULTILINESTRING,"
                            + " g MULTIPOLYGON, h GEOMETRYCOLLECTION",
                    "a INT, v INT GENERATED ALWAYS AS (a + 1) VIRTUAL,"
                            + " s VARCHAR(9) GENERATED ALWAYS AS (CONCAT(a, 'x')) STORED");

    private static final List<String> OF_MYSQL =
            List.of(
                    "a JSON, b INT INVISIBLE, c GEOMETRY SRID 4326",
                    "a INT, b VARCHAR(20), INDEX (a), INDEX functional ((a + 1), (LOWER(b)))",
                    "a VARCHAR(30) CHARACTER SET utf8mb3, b ENUM('é') CHARACTER SET utf8mb3");

    private final List<String> statements = new ArrayList<>();
    private final List<String> names = new ArrayList<>();

    @Test
    void agreeWithTheBinlogOfMySql8() throws SQLException {
        columns(COLUMNS);
        columns(OF_MYSQL);
        wide();
        statements.add("SET sql_generate_invisible_primary_key = ON");
        table("a INT, b VARCHAR(10)");
        compare(TestMySql.shared());
    }

    @Test
    void agreeWithTheBinlogOfMySql9() throws SQLException {
        columns(COLUMNS);
        columns(OF_MYSQL);
        columns(List.of("a VECTOR(3), b VECTOR(16383)"));
        try (TestMySql mysql =
                TestMySql.start97("--show-gipk-in-create-table-and-information-schema=OFF")) {
            statements.add("SET sql_generate_invisible_primary_key = ON");
            table("a INT, b VARCHAR(10)");
            compare(mysql);
        }
    }

    @Test
    void agreeWithTheBinlogOfMariaDb() throws SQLException {
        columns(COLUMNS);
        columns(List.of("a INT INVISIBLE, b VARCHAR(9) COLLATE uca1400_ai_ci, c JSON"));
        try (TestMySql mysql = TestMySql.startMariaDb()) {
            compare(mysql);
        }
    }

    private static String labels(int count) {
        return IntStream.range(0, count).mapToObj(i -> "l" + i).collect(Collectors.joining("','"));
    }

    private void columns(List<String> definitions) {
        for (String definition : definitions) {
            table("id INT PRIMARY KEY AUTO_INCREMENT, " + definition);
        }
    }

    private void wide() {
        table(
                IntStream.range(0, 1017)
                        .mapToObj(i -> "c" + i + (i % 2 == 0 ? " INT" : " CHAR(1)"))
                        .collect(Collectors.joining(",")));
    }

    private void table(String definition) {
        String name = "t" + names.size();
        names.add(name);
        statements.add("CREATE TABLE " + name + " (" + definition + ")");
        statements.add("INSERT INTO " + name + " () VALUES ()");
    }

    private void keyed(String name, String definition) {
        names.add(name);
        statements.add("CREATE TABLE " + name + " (" + definition + ")");
        statements.add("INSERT INTO " + name + " () VALUES ()");
    }

    private void compare(TestMySql mysql) throws SQLException {
        keyed("key_order", "a INT, b INT, c INT, PRIMARY KEY (c, a), UNIQUE (b)");
        keyed("key_unique", "c INT UNIQUE, a INT NOT NULL DEFAULT 1, UNIQUE k (a)");
        keyed("key_prefix", "b VARCHAR(99), a BLOB, PRIMARY KEY (a(9), b(3))");
        statements.addAll(
                0,
                List.of(
                        "DROP DATABASE IF EXISTS " + SCHEMA,
                        "CREATE DATABASE " + SCHEMA + " CHARACTER SET utf8mb4",
                        "USE " + SCHEMA,
                        "SET NAMES utf8mb4",
                        "SET sql_mode = ''"));
        Map<TableId, TableSchema> maps = new LinkedHashMap<>();
        for (RowsEvent rows : ReadRows.of(mysql, statements)) {
            maps.put(rows.table().id(), rows.table());
        }

        try (Connection connection = SqlConnections.open(ReadRows.access(mysql));
                MySqlServer server = new MySqlServer(ReadRows.access(mysql))) {
            List<TableDescription> all = server.describe(SELECTION).readable();

            assertThat(all)
                    .extracting(table -> table.schema().id().table())
                    .containsExactlyElementsOf(names.stream().sorted().toList());
            for (TableDescription table : all) {
                TableSchema map = maps.get(table.schema().id());
                assertThat(asInMap(table.schema(), map))
                        .as("%s", table.schema().id())
                        .isEqualTo(map.columns());
                assertThat(table.schema().primaryKey()).isEqualTo(map.primaryKey());
                TableDescription one = TableDescriptions.of(connection, map.id());
                assertThat(one.schema().columns()).isEqualTo(table.schema().columns());
                if (map.columns().stream().noneMatch(TableDescriptionsIT::isUnclear)) {
                    assertThat(table.schema().looksLike(map)).isTrue();
                    assertThat(one.schema().looksLike(map)).isTrue();
                }
                assertThat(one.isTransactional()).isTrue();
            }
        }
    }

    /// The described columns, with what MariaDB's table maps leave open left open: there its own
    /// types look like `BINARY` and `VARBINARY` of some lengths.
    private static List<Column> asInMap(TableSchema described, TableSchema map) {
        List<Column> columns = new ArrayList<>(described.columns());
        for (int i = 0; i < columns.size(); i++) {
            Column left = map.columns().get(i);
            Column column = columns.get(i);
            boolean isOpen =
                    column.type() == ColumnType.BINARY || column.type() == ColumnType.VARBINARY;
            if (isUnclear(left) && isOpen && left.name().equals(column.name())) {
                columns.set(i, left);
            }
        }
        return columns;
    }

    private static boolean isUnclear(Column column) {
        return column.type() == ColumnType.UNCLEAR;
    }

    @Test
    void namesTheKeyThatOrdersTheRows() throws SQLException {
        assertThat(key("a INT PRIMARY KEY, b INT NOT NULL UNIQUE")).isEqualTo("PRIMARY[0]");
        assertThat(key("a INT, b INT, c INT, PRIMARY KEY (c, a)")).isEqualTo("PRIMARY[2, 0]");
        assertThat(key("a INT, b INT")).isEqualTo("[]");
        assertThat(key("a INT UNIQUE, b INT NOT NULL, INDEX (b)")).isEqualTo("[]");
        assertThat(key("a INT NOT NULL, b INT, UNIQUE k (a, b)")).isEqualTo("[]");
        assertThat(key("a INT NOT NULL, b INT NOT NULL, UNIQUE k (b, a)")).isEqualTo("k[1, 0]");
        assertThat(
                        key(
                                "a INT NOT NULL, b INT NOT NULL, c INT,"
                                        + " UNIQUE n (c), UNIQUE z (b), UNIQUE y (a)"))
                .isEqualTo("z[1]");
        assertThat(key("a VARCHAR(9) NOT NULL, UNIQUE p (a(3))")).isEqualTo("[]");
        assertThat(key("a INT NOT NULL, UNIQUE f ((a + 1)), UNIQUE g (a, (a * 2))"))
                .isEqualTo("[]");
    }

    private static String key(String definition) throws SQLException {
        TestMySql mysql = TestMySql.shared();
        mysql.execute(
                "CREATE DATABASE IF NOT EXISTS described_keys",
                "DROP TABLE IF EXISTS described_keys.t",
                "CREATE TABLE described_keys.t (" + definition + ")");
        try (Connection connection = SqlConnections.open(ReadRows.access(mysql))) {
            TableDescription table =
                    TableDescriptions.of(connection, new TableId("described_keys", "t"));
            return table.order().index() + java.util.Arrays.toString(table.order().columns());
        }
    }

    @Test
    void saysWhichTablesHaveNoConsistentView() throws SQLException {
        TestMySql mysql = TestMySql.shared();
        mysql.execute(
                "DROP DATABASE IF EXISTS described_engines",
                "CREATE DATABASE described_engines",
                "CREATE TABLE described_engines.m (a INT) ENGINE = MyISAM",
                "CREATE TABLE described_engines.i (a INT)",
                "INSERT INTO described_engines.m VALUES (1), (2)",
                "CREATE VIEW described_engines.v AS SELECT 1 AS a");
        try (Connection connection = SqlConnections.open(ReadRows.access(mysql));
                MySqlServer server = new MySqlServer(ReadRows.access(mysql))) {
            TableDrafts described = server.describe(Selection.parse("described_engines.*", "", ""));
            List<TableDescription> all = described.readable();

            assertThat(all).extracting(t -> t.schema().id().table()).containsExactly("i", "m");
            assertThat(described.passedOver().toString()).contains("described_engines.v", "view");
            assertThat(all).extracting("isTransactional").containsExactly(true, false);
            assertThat(all.getLast().estimatedRows()).isEqualTo(2);
            assertThat(TableDescriptions.of(connection, new TableId("described_engines", "v")))
                    .isNull();
            assertThat(TableDescriptions.of(connection, new TableId("mysql", "user"))).isNull();
        }
    }

    @Test
    void leaveOutWhatTheUserMayNotRead() throws SQLException {
        TestMySql mysql = TestMySql.shared();
        TestMySql.Login login = new TestMySql.Login("described_reader", "password-of-tests");
        mysql.execute(
                "DROP DATABASE IF EXISTS described_grants",
                "CREATE DATABASE described_grants",
                "CREATE TABLE described_grants.whole (a INT, b INT)",
                "CREATE TABLE described_grants.written (a INT, b INT)",
                "CREATE TABLE described_grants.hidden (a INT, b INT)",
                "CREATE TABLE described_grants.first (a INT, b INT)",
                "CREATE TABLE described_grants.last (a INT, b INT)",
                "CREATE TABLE described_grants.mixed (a INT, b INT)",
                "CREATE TABLE described_grants.by_role (a INT, b INT)",
                "DROP USER IF EXISTS described_reader",
                "DROP ROLE IF EXISTS described_role",
                "CREATE USER described_reader IDENTIFIED BY '" + login.password() + "'",
                "CREATE ROLE described_role",
                "GRANT SELECT ON described_grants.whole TO described_reader",
                "GRANT SELECT (a) ON described_grants.whole TO described_reader",
                "GRANT INSERT ON described_grants.written TO described_reader",
                "GRANT SELECT (a) ON described_grants.first TO described_reader",
                "GRANT SELECT (b) ON described_grants.last TO described_reader",
                "GRANT SELECT (a), INSERT ON described_grants.mixed TO described_reader",
                "GRANT SELECT (a) ON described_grants.by_role TO described_role",
                "GRANT described_role TO described_reader",
                "SET DEFAULT ROLE ALL TO described_reader");
        try (Connection connection = mysql.jdbc(login)) {
            for (String partly : List.of("first", "last", "mixed", "by_role")) {
                assertThatThrownBy(
                                () ->
                                        TableDescriptions.of(
                                                connection,
                                                new TableId("described_grants", partly)))
                        .as(partly)
                        .isInstanceOfSatisfying(
                                SourceException.class,
                                e -> assertThat(e.code()).isEqualTo(FailureCode.PRIVILEGE_MISSING))
                        .hasMessageContaining("described_grants." + partly);
            }
            Selection selection =
                    Selection.parse(
                            "described_grants.w*,described_grants.h*,described_grants.t*", "", "");
            ServerAccess root = ReadRows.access(mysql);
            try (MySqlServer server =
                    new MySqlServer(
                            new ServerAccess(
                                    root.address(),
                                    new Credential(login.user(), login.password()),
                                    root.connection()))) {
                TableDrafts described = server.describe(selection);
                assertThat(described.readable())
                        .extracting(table -> table.schema().id().table())
                        .containsExactly("whole");
                assertThat(described.passedOver())
                        .extracting(passed -> passed.table().toString())
                        .containsExactly("described_grants.written", "*.*");
            }
        }
    }
}
