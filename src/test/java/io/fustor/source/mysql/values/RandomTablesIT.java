package io.fustor.source.mysql.values;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/// Random tables with random rows: a snapshot, the replayed changes and what the server prints are
/// the same.
///
/// `-Dfuzz.tables=…` says how many, `-Dfuzz.seed=…` which; `-Dlong=fuzz` takes thousands.
@RunningService
@Tag("fuzz")
class RandomTablesIT {

    private static final int TABLES = Integer.getInteger("fuzz.tables", 60);
    private static final int AT_ONCE = 20;

    @LocalServerPort private int port;

    private final TestMySql mysql = TestMySql.shared();
    private final long seed = Seeds.of("fuzz.seed", RandomTablesIT.class);
    private int refused;

    @Test
    void randomTablesReadTheSameInAllWays() throws Exception {
        System.out.println("seed " + seed);
        ServiceApi api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("random", mysql);
        int rows = 0;
        for (int first = 0; first < TABLES; first += AT_ONCE) {
            ThreeReadings readings = new ThreeReadings(mysql, api, "random", "random_tables");
            String start = api.tokenOfNow("random");
            List<String> names = new ArrayList<>();
            try (Connection connection = mysql.jdbc();
                    Statement statement = connection.createStatement()) {
                statement.execute("DROP DATABASE IF EXISTS random_tables");
                statement.execute("CREATE DATABASE random_tables CHARACTER SET utf8mb4");
                statement.execute("USE random_tables");
                statement.execute("SET sql_mode = '', time_zone = '+05:30'");
                for (int i = first; i < Math.min(TABLES, first + AT_ONCE); i++) {
                    make(statement, i, names);
                }
            }
            rows += readings.assertSame(start, names);
        }
        System.out.printf(
                "%d tables, %d statements refused by the server, %d rows compared%n",
                TABLES, refused, rows);

        assertThat(rows).isGreaterThan(TABLES);
        assertThat(refused).isLessThan(TABLES / 5);
    }

    /// Each table has a random source of its own, so that one can be made again without the rest.
    private void make(Statement statement, int number, List<String> names) throws SQLException {
        Random random = new Random(seed + number);
        String name = random.nextInt(4) == 0 ? "t'" + number + " ü`" : "t" + number;
        RandomTable table = new RandomTable(random, name);
        for (String sql : table.statements()) {
            try {
                statement.execute(sql);
            } catch (SQLException e) {
                // Such as a row too large, or a shape in a partitioned table.
                refused++;
                if (sql.startsWith("CREATE")) {
                    return;
                }
            }
        }
        names.add(name);
    }
}
