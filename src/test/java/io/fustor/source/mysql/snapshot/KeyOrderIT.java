package io.fustor.source.mysql.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.condition.Conditions;
import io.fustor.source.mysql.connection.ConnectionProperties;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.connection.TlsMode;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.TestMySql;
import java.io.ByteArrayOutputStream;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every kind of key that a server allows, read on after each row: what comes is exactly the rest,
/// by the index alone. `-Dservers.all=true` takes every release and every collation.
@Tag("servers")
class KeyOrderIT {

    private static final boolean IS_LONG = Boolean.getBoolean("servers.all");
    private static final int SOME = 8;

    private final long seed = Seeds.of("keys.seed", KeyOrderIT.class);

    static Stream<ServerRelease> releases() {
        return IS_LONG
                ? Stream.of(ServerRelease.values())
                : Stream.of(ServerRelease.MYSQL_8_0_31, ServerRelease.MARIADB_10_11);
    }

    @ParameterizedTest
    @MethodSource("releases")
    void readsOnAfterEachRowByTheIndexAlone(ServerRelease release) throws SQLException {
        System.out.println("seed " + seed);
        try (TestMySql mysql =
                        release == ServerRelease.MYSQL_8_0_31
                                ? TestMySql.shared()
                                : TestMySql.start(release);
                MySqlServer server = new MySqlServer(access(mysql))) {
            mysql.execute("DROP DATABASE IF EXISTS key_kinds", "CREATE DATABASE key_kinds");
            List<String> faults = new ArrayList<>();
            TreeSet<String> made = new TreeSet<>();
            for (KeyKind kind : kinds()) {
                if (make(mysql, kind)) {
                    made.add(kind.name());
                    check(server, kind, faults);
                }
            }

            assertThat(faults).isEmpty();
            assertThat(made).contains("prefix", "text_prefix", "sixteen", "hash", "long_texts");
            assertThat(made).hasSizeGreaterThan(IS_LONG ? 80 : 50);
            mysql.execute("DROP DATABASE key_kinds");
        }
    }

    private List<KeyKind> kinds() {
        List<KeyKind> texts = new ArrayList<>();
        for (String collation : KeyKind.COLLATIONS) {
            texts.add(KeyKind.text("VARCHAR(20)", collation));
            texts.add(KeyKind.text("CHAR(20)", collation));
        }
        if (!IS_LONG) {
            Collections.shuffle(texts, new Random(seed));
        }
        List<KeyKind> kinds = new ArrayList<>(KeyKind.all());
        kinds.addAll(IS_LONG ? texts : texts.subList(0, 2 * SOME));
        return kinds;
    }

    /// Whether the server allows the kind; a row that it refuses, as the same as another, is left
    /// out.
    private static boolean make(TestMySql mysql, KeyKind kind) throws SQLException {
        try (var connection = mysql.jdbc();
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(
                    "SET SESSION sql_mode = 'ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION'");
            statement.execute("SET NAMES utf8mb4");
            statement.execute("USE key_kinds");
            try {
                statement.execute("CREATE TABLE " + kind.name() + " " + kind.definition());
            } catch (SQLException _) {
                return false;
            }
            for (String row : kind.rows()) {
                statement.execute(
                        "INSERT IGNORE INTO %s (%s) VALUES %s"
                                .formatted(kind.name(), kind.columns(), row));
            }
            statement.execute("ANALYZE TABLE " + kind.name());
            return true;
        }
    }

    private static void check(MySqlServer server, KeyKind kind, List<String> faults) {
        String table = "key_kinds." + kind.name();
        List<TableQuery> plan =
                SnapshotPlan.of(
                        server.describe(Selection.parse(table, "", "")).readable(),
                        Selection.EVERYTHING,
                        Conditions.NONE);
        TableQuery query = plan.getFirst();
        if (query.isResumable() != kind.isResumable()) {
            faults.add(kind + (query.isResumable() ? " goes on" : " is read in one pass"));
            return;
        }
        if (!query.isResumable()) {
            return;
        }
        try (ConsistentView view = ConsistentView.open(server.access())) {
            List<byte[]> all = rows(view, query, query.select(new byte[0]));
            for (int i = 0; i < all.size(); i++) {
                String select = query.select(key(query, all.get(i)));
                List<byte[]> rest = rows(view, query, select);
                if (!texts(rest).equals(texts(all.subList(i + 1, all.size())))) {
                    faults.add(kind + " after row " + i + ": " + rest.size() + " rows");
                }
            }
        } catch (RuntimeException e) {
            faults.add(kind + ": " + e.getMessage());
        }
    }

    private static List<byte[]> rows(ConsistentView view, TableQuery query, String select) {
        IndexProof.require(view, query, select);
        List<byte[]> all = new ArrayList<>();
        try (RowStream rows = view.rows(select)) {
            while (!rows.isOver()) {
                if (rows.next()) {
                    all.add(Arrays.copyOfRange(rows.array(), rows.from(), rows.to()));
                }
            }
        }
        return all;
    }

    private static List<String> texts(List<byte[]> rows) {
        return rows.stream().map(HexFormat.of()::formatHex).toList();
    }

    /// The key's cells, cut out of a row as the encoder does. The columns of these tables that are
    /// in no key are integers, and never null where that matters.
    private static byte[] key(TableQuery query, byte[] row) {
        int at = 1 + (query.cellCount() + 2 + 7) / 8;
        List<byte[]> cells = new ArrayList<>();
        for (int i = 0; i < query.cellCount(); i++) {
            boolean isNull = (row[1 + (i + 2) / 8] >> ((i + 2) % 8) & 1) == 1;
            int length = isNull ? 0 : length(query, i, row, at);
            cells.add(Arrays.copyOfRange(row, at, at + length));
            at += length;
        }
        assertThat(at).isEqualTo(row.length);
        ByteArrayOutputStream key = new ByteArrayOutputStream();
        for (int cell : query.keyCells()) {
            key.writeBytes(cells.get(cell));
        }
        return key.toByteArray();
    }

    private static int length(TableQuery query, int cell, byte[] row, int at) {
        if (cell >= query.columns().length) {
            return 8;
        }
        Column column = query.table().schema().columns().get(query.columns()[cell]);
        ColumnType type = column.type();
        return switch (type) {
            case TINYINT -> 1;
            case SMALLINT, YEAR -> 2;
            case MEDIUMINT, INT, FLOAT -> 4;
            case BIGINT, DOUBLE -> 8;
            default -> {
                int first = row[at] & 0xFF;
                yield first < 0xFC
                        ? 1 + first
                        : 3 + ((row[at + 1] & 0xFF) | (row[at + 2] & 0xFF) << 8);
            }
        };
    }

    private static ServerAccess access(TestMySql mysql) {
        return new ServerAccess(
                ServerAddress.parse(mysql.uri()),
                new Credential(mysql.user(), mysql.password()),
                new ConnectionProperties(
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(30),
                        TlsMode.DISABLED,
                        null,
                        ""));
    }
}
