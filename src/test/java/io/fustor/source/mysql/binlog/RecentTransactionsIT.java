package io.fustor.source.mysql.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.connection.ConnectionProperties;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.connection.TlsMode;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.MySqlGtid;
import io.fustor.source.mysql.position.MySqlGtidSet;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RecentTransactionsIT {

    private static final Duration TIME = Duration.ofSeconds(10);

    private static TestMySql mysql;
    private static MySqlServer server;

    @BeforeAll
    static void startServer() {
        mysql = TestMySql.start("--gtid-mode=OFF", "--enforce-gtid-consistency=OFF");
        mysql.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)");
        server = server(mysql);
    }

    private static MySqlServer server(TestMySql mysql) {
        return new MySqlServer(
                new ServerAccess(
                        new ServerAddress(mysql.host(), mysql.port()),
                        new Credential(mysql.user(), mysql.password()),
                        new ConnectionProperties(
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(30),
                                TlsMode.PREFERRED,
                                null,
                                "")));
    }

    @AfterAll
    static void stopServer() {
        server.close();
        mysql.close();
    }

    @BeforeEach
    void beginFile() {
        mysql.execute("DELETE FROM shop.t", "FLUSH BINARY LOGS");
    }

    private static List<Long> starts(Place start, String file) {
        List<Long> starts = new ArrayList<>();
        Place end = server.status().place();
        try (BinlogReader reader =
                BinlogReader.open(server, new BinlogStart.AtPosition(start, file), false)) {
            while (end.isAfter(reader.position())) {
                BinlogEvent event = reader.next();
                if (event instanceof CommitEvent commit) {
                    starts.add(commit.transaction().start().offset());
                }
            }
        }
        return starts;
    }

    @Test
    void countsTransactionsOfAllKindsBackFromTheEnd() {
        mysql.execute(
                "INSERT INTO shop.t VALUES (1), (2)",
                "ALTER TABLE shop.t COMMENT = 'counted'",
                "SET SESSION binlog_transaction_compression = ON",
                "INSERT INTO shop.t VALUES (3)",
                "TRUNCATE TABLE shop.t",
                "INSERT INTO shop.t VALUES (4)");
        BinlogStatus status = server.status();
        Place fileStart = RecentTransactions.before(server, status, 0, TIME);
        List<Long> starts = starts(fileStart, status.position().file());

        assertThat(starts).hasSize(5);
        assertThat(fileStart.offset()).isEqualTo(BinlogPosition.FIRST_EVENT);
        assertThat(fileStart.fileCreated()).isNotZero();
        for (int count = 1; count <= 5; count++) {
            Place place = RecentTransactions.before(server, status, count, TIME);
            assertThat(place.offset()).isEqualTo(starts.get(5 - count));
            assertThat(place.fileCreated()).isEqualTo(fileStart.fileCreated());
        }
        assertThat(RecentTransactions.before(server, status, 6, TIME)).isEqualTo(fileStart);
    }

    @Test
    void leavesOutWhatCameAfterTheStatus() {
        mysql.execute("INSERT INTO shop.t VALUES (1)", "INSERT INTO shop.t VALUES (2)");
        BinlogStatus status = server.status();
        Place before = RecentTransactions.before(server, status, 1, TIME);
        mysql.execute(
                "INSERT INTO shop.t VALUES (3)",
                "FLUSH BINARY LOGS",
                "INSERT INTO shop.t VALUES (4)");

        assertThat(RecentTransactions.before(server, status, 1, TIME)).isEqualTo(before);
    }

    @Test
    void passesOverWhatAReaderStopsAt() {
        mysql.execute(
                "SET SESSION binlog_format = STATEMENT",
                "INSERT INTO shop.t VALUES (1)",
                "XA START 'x'",
                "INSERT INTO shop.t VALUES (2)",
                "XA END 'x'",
                "XA PREPARE 'x'",
                "XA COMMIT 'x'");
        BinlogStatus status = server.status();

        Place last = RecentTransactions.before(server, status, 1, TIME);
        Place all = RecentTransactions.before(server, status, 3, TIME);

        assertThat(last.offset()).isGreaterThan(all.offset());
        assertThat(all.offset()).isGreaterThan(BinlogPosition.FIRST_EVENT);
    }

    @Test
    void goesBackWhereTheTimeIsShort() {
        mysql.execute("INSERT INTO shop.t VALUES (1)");

        Place place = RecentTransactions.before(server, server.status(), 1, Duration.ZERO);

        assertThat(place.offset()).isEqualTo(BinlogPosition.FIRST_EVENT);
        assertThat(place.fileCreated()).isNotZero();
    }

    @Test
    void findsTheFirstTransactionThatASetLacks() {
        TestMySql shared = TestMySql.shared();
        shared.execute(
                "DROP DATABASE IF EXISTS recent",
                "CREATE DATABASE recent",
                "CREATE TABLE recent.t (id INT PRIMARY KEY)",
                "FLUSH BINARY LOGS");
        UUID uuid = UUID.fromString(Sql.value(shared, "SELECT @@server_uuid"));
        try (MySqlServer withGtids = server(shared)) {
            GtidSet before = executed(shared);
            shared.execute(
                    "SET SESSION binlog_format = STATEMENT",
                    "INSERT INTO recent.t VALUES (1)",
                    "SET SESSION binlog_format = ROW, binlog_transaction_compression = ON",
                    "INSERT INTO recent.t VALUES (2)",
                    "ALTER TABLE recent.t COMMENT = 'outside'");
            BinlogStatus status = withGtids.status();
            MySqlGtidSet all = (MySqlGtidSet) executed(shared);
            shared.execute("INSERT INTO recent.t VALUES (3)", "FLUSH BINARY LOGS");
            List<Long> starts = new ArrayList<>();
            for (int count = 3; count > 0; count--) {
                starts.add(RecentTransactions.before(withGtids, status, count, TIME).offset());
            }

            Place end = FirstMissing.of(withGtids, status, all, TIME);
            assertThat(end.offset()).isEqualTo(status.position().offset());
            assertThat(end.executed()).isEqualTo(all);
            assertThat(end.fileCreated()).isNotZero();
            long last = last(all, uuid);
            for (int i = 0; i < 3; i++) {
                GtidSet gap = all.minus(new MySqlGtid(uuid, "", last - 2 + i));
                assertThat(FirstMissing.of(withGtids, status, gap, TIME).offset())
                        .isEqualTo(starts.get(i));
            }
            assertThat(FirstMissing.of(withGtids, status, before, TIME).offset())
                    .isEqualTo(starts.getFirst());
            assertThat(FirstMissing.of(withGtids, status, all, Duration.ZERO).offset())
                    .isEqualTo(BinlogPosition.FIRST_EVENT);
        }
    }

    private static GtidSet executed(TestMySql mysql) {
        return GtidSet.parse(Sql.value(mysql, "SELECT @@GLOBAL.gtid_executed"));
    }

    private static long last(MySqlGtidSet set, UUID uuid) {
        long number = 1;
        while (set.contains(new MySqlGtid(uuid, "", number + 1))) {
            number++;
        }
        return number;
    }
}
