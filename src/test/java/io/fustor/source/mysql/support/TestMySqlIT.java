package io.fustor.source.mysql.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class TestMySqlIT {

    @Test
    void sharedServerWritesAFullBinlogWithGtids() {
        var mysql = TestMySql.shared();

        assertThat(variable(mysql, "log_bin")).isEqualTo("1");
        assertThat(variable(mysql, "binlog_format")).isEqualTo("ROW");
        assertThat(variable(mysql, "binlog_row_image")).isEqualTo("FULL");
        assertThat(variable(mysql, "binlog_row_metadata")).isEqualTo("FULL");
        assertThat(variable(mysql, "gtid_mode")).isEqualTo("ON");
        assertThat(variable(mysql, "time_zone")).isEqualTo("+00:00");
    }

    @Test
    void sharedServerIsOneAndOutlivesClose() {
        TestMySql.shared().close();

        assertThat(TestMySql.shared()).isSameAs(TestMySql.shared());
        assertThat(query(TestMySql.shared(), "SELECT 1")).isEqualTo("1");
    }

    @Test
    void lastOptionWins() {
        try (var mysql = TestMySql.start("--binlog-row-metadata=MINIMAL")) {
            assertThat(variable(mysql, "binlog_row_metadata")).isEqualTo("MINIMAL");
        }
    }

    @Test
    void optionForLifeHoldsFromTheFirstDay() {
        try (var mysql = TestMySql.start("--lower-case-table-names=1")) {
            assertThat(variable(mysql, "lower_case_table_names")).isEqualTo("1");
        }
    }

    @Test
    void twoServersHaveUuidsOfTheirOwn() {
        try (var mysql = TestMySql.start()) {
            assertThat(variable(mysql, "server_uuid"))
                    .isNotEqualTo(variable(TestMySql.shared(), "server_uuid"));
        }
    }

    @Test
    void dataSurvivesStopAndKill() {
        try (var mysql = TestMySql.start()) {
            int port = mysql.port();
            mysql.execute("CREATE DATABASE kept", "CREATE TABLE kept.t (id INT PRIMARY KEY)");
            mysql.execute("INSERT INTO kept.t VALUES (1)");
            mysql.stop();
            mysql.startAgain();
            mysql.execute("INSERT INTO kept.t VALUES (2)");
            mysql.kill();
            mysql.startAgain("--binlog-row-image=MINIMAL");

            assertThat(query(mysql, "SELECT COUNT(*) FROM kept.t")).isEqualTo("2");
            assertThat(variable(mysql, "binlog_row_image")).isEqualTo("MINIMAL");
            assertThat(mysql.port()).isEqualTo(port);
        }
    }

    @Test
    void frozenServerAnswersOnceThawed() throws Exception {
        try (var mysql = TestMySql.start();
                var connection = mysql.jdbc();
                var statement = connection.createStatement()) {
            mysql.freeze();
            var answer =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return statement.execute("SELECT 1");
                                } catch (SQLException e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            assertThatThrownBy(() -> answer.get(300, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
            mysql.thaw();

            assertThat(answer).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(true);
        }
    }

    @Test
    void closeLeavesNothing() {
        var mysql = TestMySql.start();
        var folder = Path.of(variable(mysql, "datadir")).getParent();
        long pid = mysql.pid();
        assertThat(ProcessHandle.of(pid)).isPresent();

        mysql.close();
        mysql.close();

        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
        assertThat(Files.exists(folder)).isFalse();
    }

    @Test
    void loginsMayDoWhatTheirNamesSay() throws SQLException {
        var mysql = TestMySql.shared();

        try (var capture = mysql.jdbc(TestMySql.CAPTURE)) {
            assertThat(capture.createStatement().execute("SHOW BINARY LOGS")).isTrue();
        }
        try (var reader = mysql.jdbc(TestMySql.READER)) {
            assertThatThrownBy(() -> reader.createStatement().execute("SHOW BINARY LOGS"))
                    .isInstanceOf(SQLException.class);
        }
        try (var anonymous = mysql.jdbc(TestMySql.UNPRIVILEGED)) {
            assertThatThrownBy(
                            () -> anonymous.createStatement().execute("SELECT * FROM mysql.user"))
                    .isInstanceOf(SQLException.class);
        }
    }

    @Test
    void newestMySqlAndMariaDbAreAtHandToo() {
        try (var mysql = TestMySql.start97();
                var mariaDb = TestMySql.startMariaDb("--server-id=7")) {
            assertThat(variable(mysql, "version")).startsWith("9.7.");
            assertThat(variable(mysql, "log_bin")).isEqualTo("1");
            assertThat(variable(mariaDb, "version")).startsWith("10.11.").contains("MariaDB");
            assertThat(variable(mariaDb, "log_bin")).isEqualTo("1");
            assertThat(variable(mariaDb, "server_id")).isEqualTo("7");
        }
    }

    @Test
    void serverThatCannotStartSaysWhy() {
        assertThatThrownBy(() -> TestMySql.start("--no-such-option=1"))
                .hasMessageContaining("no-such-option");
    }

    private static String variable(TestMySql mysql, String name) {
        return query(mysql, "SELECT @@GLOBAL." + name);
    }

    private static String query(TestMySql mysql, String sql) {
        try (var connection = mysql.jdbc();
                var rows = connection.createStatement().executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
