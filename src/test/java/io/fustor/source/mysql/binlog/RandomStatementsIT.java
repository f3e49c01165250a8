package io.fustor.source.mysql.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.TruncateEvent;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.TestMySql;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Random statements, spelled and encoded in any way, in sessions of any `binlog_format`: the rows
/// and truncations that a reader yields fold to what the tables hold, or it stops by name. In
/// sessions with `ROW` it never stops.
///
/// `-Dfuzz.statements=…` says how many, `-Dfuzz.seed=…` which; `-Dlong=fuzz` takes thousands, and
/// more servers.
@Tag("fuzz")
class RandomStatementsIT {

    private static final int STATEMENTS = Integer.getInteger("fuzz.statements", 120);
    private static final boolean IS_LONG = STATEMENTS > 500;

    /// Java's names of the character sets of clients.
    private static final List<String> CHARSETS =
            List.of("UTF-8", "Cp1252", "GBK", "SJIS", "Big5", "Cp1251", "GB18030");

    private static final List<String> FORMATS = List.of("ROW", "STATEMENT", "MIXED");
    private static final int IMAGE = 9;

    private static final String TABLES =
            """
            SELECT t.TABLE_NAME FROM information_schema.TABLES t
            JOIN information_schema.COLUMNS c USING (TABLE_SCHEMA, TABLE_NAME)
            WHERE t.TABLE_SCHEMA = 'fuzz' AND t.TABLE_TYPE = 'BASE TABLE'
            GROUP BY t.TABLE_NAME HAVING COUNT(*) = 2
            """;

    private final long seed = Seeds.of("fuzz.seed", RandomStatementsIT.class);
    private final Random random = new Random(seed);
    private final Map<TableId, Map<Integer, Integer>> folded = new HashMap<>();
    private final Map<String, Integer> counts = new TreeMap<>();

    record Target(ServerRelease release, int lowerCaseTableNames) {

        TestMySql start() {
            if (this.equals(SHARED)) {
                return TestMySql.shared();
            }
            List<String> options = new ArrayList<>();
            options.add("--lower-case-table-names=" + lowerCaseTableNames);
            if (release == ServerRelease.MYSQL_5_7) {
                options.addAll(List.of("--gtid-mode=OFF", "--enforce-gtid-consistency=OFF"));
            }
            return TestMySql.start(release, options.toArray(String[]::new));
        }
    }

    private static final Target SHARED = new Target(ServerRelease.MYSQL_8_0_31, 0);

    static List<Target> targets() {
        List<Target> targets = new ArrayList<>();
        targets.add(SHARED);
        targets.add(new Target(ServerRelease.MARIADB_10_11, 1));
        if (IS_LONG) {
            targets.add(new Target(ServerRelease.MYSQL_5_7, 1));
            targets.add(new Target(ServerRelease.MYSQL_8_0_31, 1));
            targets.add(new Target(ServerRelease.MYSQL_9_7, 0));
            targets.add(new Target(ServerRelease.MARIADB_11_8, 0));
        }
        return targets;
    }

    @ParameterizedTest
    @MethodSource("targets")
    void foldToTheTablesOrStopByName(Target target) throws Exception {
        System.out.println("seed " + seed);
        TestMySql mysql = target.start();
        prepare(mysql);
        try (MySqlServer server = new MySqlServer(ReadRows.access(mysql));
                Connection connection = mysql.jdbc();
                Statement asker = connection.createStatement()) {
            int statements = STATEMENTS / targets().size();
            for (int i = 0; i < statements; i++) {
                refill(asker, i);
                folded.clear();
                folded.putAll(contents(asker));
                run(mysql, server, asker, target.lowerCaseTableNames() == 1, i);
            }
        } finally {
            mysql.execute("DROP DATABASE fuzz", "DROP TABLE mysql.fuzz");
            mysql.close();
        }
        System.out.println(target + " " + counts);
        assertThat(counts.getOrDefault("refused", 0)).isLessThan(STATEMENTS / 2);
    }

    private static void prepare(TestMySql mysql) {
        List<String> sql = new ArrayList<>();
        sql.add("DROP DATABASE IF EXISTS fuzz");
        sql.add("DROP TABLE IF EXISTS mysql.fuzz");
        sql.add("CREATE TABLE mysql.fuzz (a INT, v VARCHAR(100)) CHARACTER SET utf8mb4");
        sql.add("CREATE DATABASE fuzz CHARACTER SET utf8mb4");
        for (String table : RandomStatement.TABLES) {
            sql.add(
                    "CREATE TABLE fuzz.`%s` (a INT NOT NULL PRIMARY KEY, v INT NOT NULL)"
                            .formatted(table.replace("`", "``")));
        }
        sql.add("SET GLOBAL log_bin_trust_function_creators = 1");
        sql.add(
                "CREATE FUNCTION fuzz.f(n INT) RETURNS INT MODIFIES SQL DATA BEGIN INSERT INTO"
                        + " fuzz.orders VALUES (n, 7); RETURN n; END");
        sql.add("CREATE PROCEDURE fuzz.p(n INT) UPDATE fuzz.orders SET v = n");
        mysql.execute(sql.toArray(String[]::new));
    }

    private void run(
            TestMySql mysql, MySqlServer server, Statement asker, boolean isCaseFree, int number)
            throws SQLException {
        String format = FORMATS.get(random.nextInt(FORMATS.size()));
        String mode =
                List.of("", "ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "ANSI_QUOTES,PIPES_AS_CONCAT")
                        .get(random.nextInt(4));
        String charset = CHARSETS.get(random.nextInt(CHARSETS.size()));
        String sql = new RandomStatement(random, mode.contains("ANSI"), isCaseFree, number).text();
        BinlogStatus from = server.status();
        if (!execute(mysql, charset, mode, format, sql)) {
            counts.merge("refused", 1, Integer::sum);
        }
        String what = charset + " " + mode + " " + format + " " + shown(sql);
        try {
            follow(server, from, server.status().place());
            counts.merge("followed", 1, Integer::sum);
        } catch (SourceException e) {
            counts.merge(e.code().toString(), 1, Integer::sum);
            assertThat(format).as("stopped at %s by %s", what, e.getMessage()).isNotEqualTo("ROW");
            return;
        }
        Map<TableId, Map<Integer, Integer>> actual = contents(asker);
        folded.keySet().retainAll(actual.keySet());
        folded.values().removeIf(Map::isEmpty);
        actual.values().removeIf(Map::isEmpty);
        assertThat(folded).as(what).isEqualTo(actual);
    }

    private static String shown(String sql) {
        return sql.length() < 500 ? sql : sql.replaceAll("(.)\\1{50,}", "$1…$1");
    }

    private static void refill(Statement asker, int number) throws SQLException {
        for (String table : RandomStatement.TABLES) {
            asker.execute(
                    "INSERT IGNORE INTO fuzz.`%s` VALUES (1, %d), (2, 2)"
                            .formatted(table.replace("`", "``"), number));
        }
    }

    private static boolean execute(
            TestMySql mysql, String charset, String mode, String format, String sql)
            throws SQLException {
        String url =
                "jdbc:mysql://%s/fuzz?sslMode=DISABLED&allowPublicKeyRetrieval=true&characterEncoding=%s"
                        .formatted(mysql.uri(), charset);
        try (Connection connection =
                        DriverManager.getConnection(url, mysql.user(), mysql.password());
                Statement statement = connection.createStatement()) {
            statement.execute("SET SESSION binlog_format = '" + format + "'");
            statement.execute("SET SESSION sql_mode = '" + mode + "'");
            statement.setEscapeProcessing(false);
            statement.execute(sql);
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    private void follow(MySqlServer server, BinlogStatus from, Place end) {
        try (BinlogReader reader =
                BinlogReader.open(
                        server,
                        new BinlogStart.AtPosition(from.place(), from.position().file()),
                        true)) {
            while (end.isAfter(reader.position()) || reader.hasBuffered()) {
                BinlogEvent event = reader.next();
                switch (event) {
                    case RowsEvent rows -> apply(rows);
                    case TruncateEvent truncate -> folded.remove(truncate.table());
                    case null, default -> {}
                }
            }
        }
    }

    private void apply(RowsEvent rows) {
        if (!rows.table().id().schema().equals("fuzz") || rows.table().columnCount() != 2) {
            return;
        }
        Map<Integer, Integer> table =
                folded.computeIfAbsent(rows.table().id(), _ -> new TreeMap<>());
        RowsEvent.Images images = rows.images();
        int at = images.rowsFrom();
        while (at < images.rowsTo()) {
            switch (rows.operation()) {
                case INSERT -> table.put(number(images, at + 1), number(images, at + 5));
                case DELETE -> table.remove(number(images, at + 1));
                case UPDATE -> {
                    table.remove(number(images, at + 1));
                    at += IMAGE;
                    table.put(number(images, at + 1), number(images, at + 5));
                }
            }
            at += IMAGE;
        }
    }

    private static int number(RowsEvent.Images images, int at) {
        byte[] bytes = images.bytes();
        return (bytes[at] & 0xFF)
                | (bytes[at + 1] & 0xFF) << 8
                | (bytes[at + 2] & 0xFF) << 16
                | bytes[at + 3] << 24;
    }

    /// The tables of two columns.
    private static Map<TableId, Map<Integer, Integer>> contents(Statement asker)
            throws SQLException {
        List<String> tables = new ArrayList<>();
        try (ResultSet rows = asker.executeQuery(TABLES)) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
        }
        Map<TableId, Map<Integer, Integer>> contents = new HashMap<>();
        for (String table : tables) {
            Map<Integer, Integer> content = new TreeMap<>();
            String name = table.replace("`", "``");
            try (ResultSet rows = asker.executeQuery("SELECT * FROM fuzz.`" + name + "`")) {
                while (rows.next()) {
                    content.put(rows.getInt(1), rows.getInt(2));
                }
            }
            contents.put(new TableId("fuzz", table), content);
        }
        return contents;
    }
}
