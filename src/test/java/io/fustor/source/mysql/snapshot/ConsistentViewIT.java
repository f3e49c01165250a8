package io.fustor.source.mysql.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.connection.ConnectionProperties;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.connection.TlsMode;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ConsistentViewIT {

    private static TestMySql mysql;

    @BeforeAll
    static void startServer() {
        // Defaults that are no good for a view.
        mysql =
                TestMySql.start(
                        "--transaction-isolation=READ-COMMITTED",
                        "--max-execution-time=60000",
                        "--wait-timeout=1",
                        "--init-connect=SET SESSION sql_select_limit = 1");
        mysql.execute(
                "CREATE DATABASE view",
                "CREATE TABLE view.a (id INT PRIMARY KEY)",
                "CREATE TABLE view.b (id INT PRIMARY KEY)",
                "INSERT INTO view.a VALUES (1), (2)",
                "INSERT INTO view.b VALUES (1), (2)",
                "CREATE TABLE view.large (id INT PRIMARY KEY AUTO_INCREMENT, v CHAR(200) NOT NULL)",
                "INSERT INTO view.large (v) VALUES (REPEAT('x', 200))");
        for (int i = 0; i < 17; i++) {
            mysql.execute("INSERT INTO view.large (v) SELECT v FROM view.large");
        }
    }

    @AfterAll
    static void stopServer() {
        mysql.close();
    }

    private static ConsistentView open(TestMySql server) {
        return ConsistentView.open(
                new ServerAccess(
                        new ServerAddress(server.host(), server.port()),
                        new Credential(TestMySql.CAPTURE.user(), TestMySql.CAPTURE.password()),
                        new ConnectionProperties(
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(30),
                                TlsMode.PREFERRED,
                                null,
                                "")));
    }

    private static String value(ConsistentView view, String sql) throws SQLException {
        try (Statement statement = view.connection().createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    void seesNothingThatIsCommittedLaterWhateverTheServersDefaultIs() throws SQLException {
        try (ConsistentView view = open(mysql)) {
            mysql.execute("INSERT INTO view.a VALUES (10)", "DELETE FROM view.b WHERE id = 1");

            assertThat(value(view, "SELECT GROUP_CONCAT(id) FROM view.a")).isEqualTo("1,2");
            assertThat(value(view, "SELECT GROUP_CONCAT(id) FROM view.b")).isEqualTo("1,2");
            assertThat(value(view, "SELECT @@transaction_read_only")).isNotNull();
            assertThat(view.server().uuid()).isEqualTo(Sql.value(mysql, "SELECT @@server_uuid"));
            assertThat(view.opened()).isNotNull();
        }
        mysql.execute("DELETE FROM view.a WHERE id = 10", "INSERT INTO view.b VALUES (1)");
    }

    @Test
    void readsAllRowsHoweverTheServerLimitsItsSessions() throws SQLException {
        try (ConsistentView view = open(mysql);
                Statement statement = view.connection().createStatement();
                ResultSet rows = statement.executeQuery("SELECT id FROM view.large")) {
            int count = 0;
            while (rows.next()) {
                count++;
            }
            assertThat(count).isEqualTo(1 << 17);
            assertThat(value(view, "SELECT @@wait_timeout")).isEqualTo("31536000");
            assertThat(value(view, "SELECT @@max_execution_time")).isEqualTo("0");
        }
    }

    @Test
    void givesTablesBackThatItIsDoneWith() throws SQLException {
        try (ConsistentView view = open(mysql)) {
            view.savepoint();
            value(view, "SELECT COUNT(*) FROM view.a");
            String change = "ALTER TABLE view.a COMMENT = 'changed'";
            assertThatThrownBy(() -> mysql.execute("SET SESSION lock_wait_timeout = 1", change))
                    .hasMessageContaining("Lock wait timeout");

            view.releaseTables();

            mysql.execute("SET SESSION lock_wait_timeout = 1", change);
            mysql.execute("INSERT INTO view.b VALUES (20)");
            assertThat(value(view, "SELECT GROUP_CONCAT(id) FROM view.b")).isEqualTo("1,2");
            view.releaseTables();
            mysql.execute("DELETE FROM view.b WHERE id = 20");
        }
    }

    @Test
    void endsAReadThatWaitsWhenItIsAborted() throws Exception {
        try (ConsistentView view = open(mysql)) {
            CompletableFuture<Throwable> reader =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    view.execute("DO SLEEP(25)");
                                    return new AssertionError("the read went through");
                                } catch (SourceException e) {
                                    return e;
                                }
                            });
            await().until(
                            () ->
                                    !Sql.column(
                                                    mysql,
                                                    "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'DO"
                                                            + " SLEEP%'",
                                                    1)
                                            .isEmpty());

            view.abort();

            assertThat(reader.get(20, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            SourceException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.CONNECTION_LOST));
        }
    }

    @Test
    void closesAtOnceInTheMiddleOfATable() throws SQLException {
        ConsistentView view = open(mysql);
        String id = value(view, "SELECT CONNECTION_ID()");
        Statement statement = view.connection().createStatement();
        statement.setFetchSize(Integer.MIN_VALUE);
        // To read it to its end would take two minutes.
        ResultSet rows = statement.executeQuery("SELECT v, SLEEP(0.001) FROM view.large");
        assertThat(rows.next()).isTrue();

        CompletableFuture<Void> closed = CompletableFuture.runAsync(view::close);

        assertThat(closed).succeedsWithin(Duration.ofSeconds(20));
        await().atMost(Duration.ofSeconds(60))
                .until(
                        () ->
                                Sql.column(
                                                mysql,
                                                "SELECT ID FROM information_schema.PROCESSLIST WHERE ID = "
                                                        + id,
                                                1)
                                        .isEmpty());
    }

    @Test
    void opensAtAMariaDbToo() throws SQLException {
        try (TestMySql mariaDb = TestMySql.startMariaDb("--max-statement-time=60");
                ConsistentView view = open(mariaDb)) {
            mariaDb.execute(
                    "CREATE DATABASE view",
                    "CREATE TABLE view.a (id INT PRIMARY KEY)",
                    "INSERT INTO view.a VALUES (1)");

            assertThat(view.server().isMariaDb()).isTrue();
            assertThat(view.status().position().offset()).isPositive();
            assertThat(Double.parseDouble(value(view, "SELECT @@max_statement_time"))).isZero();
        }
    }
}
