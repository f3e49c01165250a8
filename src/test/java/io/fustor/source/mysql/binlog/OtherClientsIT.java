package io.fustor.source.mysql.binlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.connection.ConnectionProperties;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.connection.TlsMode;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// That the other clients of a server do not notice that its binlog is read.
class OtherClientsIT {

    private static final int READERS = Integer.getInteger("others.readers", 150);

    /// How often the server writes to a reader while nothing happens. Its first heartbeat after the
    /// reader's end is refused, and only the second one fails.
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);

    /// A server that ends a connection for another one closes its descriptor at once. Its thread,
    /// in the middle of a TLS record, then writes into the connection that got the descriptor next.
    @Test
    void receiveNothingOfAReaderThatEndsInMidStream() {
        try (TestMySql mysql = TestMySql.start();
                MySqlServer server = new MySqlServer(access(mysql));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            BinlogStatus from = server.status();
            mysql.execute(
                    "CREATE DATABASE others",
                    "CREATE TABLE others.t (id INT PRIMARY KEY, v TEXT)",
                    """
                    INSERT INTO others.t WITH RECURSIVE n (i) AS
                        (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
                    SELECT i, REPEAT('x', 20000) FROM n""");
            AtomicBoolean isOver = new AtomicBoolean();
            AtomicInteger connections = new AtomicInteger();
            Queue<String> disturbed = new ConcurrentLinkedQueue<>();
            for (int i = 0; i < 3; i++) {
                threads.submit(
                        () -> {
                            while (!isOver.get()) {
                                useConnection(mysql, disturbed);
                                connections.incrementAndGet();
                            }
                        });
            }
            try {
                for (int i = 0; i < READERS; i++) {
                    endInMidStream(server, from);
                }
            } finally {
                isOver.set(true);
            }

            assertThat(disturbed).isEmpty();
            assertThat(connections.get()).isGreaterThan(READERS);
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> Sql.countBinlogReaders(mysql, TestMySql.ROOT) == 0);
        }
    }

    /// Where nothing is written, the server notices only by itself that its reader is gone. That a
    /// reader ends is said to it, on every kind of server.
    @ParameterizedTest
    @EnumSource(
            value = ServerRelease.class,
            names = {"MYSQL_5_7", "MYSQL_8_0_31", "MYSQL_9_7", "MARIADB_10_11", "MARIADB_11_8"})
    void seeTheEndOfAReaderAtOnce(ServerRelease release) {
        try (TestMySql mysql = TestMySql.start(release);
                MySqlServer server = new MySqlServer(access(mysql))) {
            BinlogStatus end = server.status();
            var start = new BinlogStart.AtPosition(end.place(), end.position().file());
            try (BinlogReader reader = BinlogReader.open(server, start, true)) {
                reader.next();
                await().until(() -> Sql.countBinlogReaders(mysql, TestMySql.ROOT) == 1);
            }

            await().atMost(HEARTBEAT)
                    .until(() -> Sql.countBinlogReaders(mysql, TestMySql.ROOT) == 0);
        }
    }

    private static void endInMidStream(MySqlServer server, BinlogStatus from) {
        var start = new BinlogStart.AtPosition(from.place(), from.position().file());
        try (BinlogReader reader = BinlogReader.open(server, start, true)) {
            while (reader.next() == null) {
                // The first event is a moment away.
            }
        }
    }

    private static void useConnection(TestMySql mysql, Queue<String> disturbed) {
        try (Connection connection = mysql.jdbc();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT REPEAT('y', 1000)");
        } catch (SQLException e) {
            disturbed.add(String.valueOf(e.getMessage()));
        }
    }

    private static ServerAccess access(TestMySql mysql) {
        return new ServerAccess(
                new ServerAddress(mysql.host(), mysql.port()),
                new Credential(mysql.user(), mysql.password()),
                new ConnectionProperties(
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30),
                        TlsMode.PREFERRED,
                        null,
                        ""));
    }
}
