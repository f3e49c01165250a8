package io.fustor.source.mysql.binlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.TruncateEvent;
import io.fustor.source.mysql.connection.ConnectionProperties;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.connection.TlsMode;
import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.encode.Format;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.encode.JsonBuffer;
import io.fustor.source.mysql.encode.Transport;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BinlogReaderIT {

    private static TestMySql mysql;

    @BeforeAll
    static void startServer() throws SQLException {
        mysql = TestMySql.start();
        mysql.execute(
                "CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v VARCHAR(100))");
    }

    @AfterAll
    static void stopServer() {
        mysql.close();
    }

    private static ServerAccess access(TlsMode tls) {
        return new ServerAccess(
                new ServerAddress(mysql.host(), mysql.port()),
                new Credential(mysql.user(), mysql.password()),
                new ConnectionProperties(
                        Duration.ofSeconds(5), Duration.ofSeconds(30), tls, null, ""));
    }

    private static BinlogStatus status() {
        try (MySqlServer server = new MySqlServer(access(TlsMode.PREFERRED))) {
            return server.status();
        }
    }

    /// Reads on until the reader stands at the end of the binlog.
    private static List<BinlogEvent> read(BinlogStatus from, TlsMode tls) {
        Place end = status().place();
        List<BinlogEvent> events = new ArrayList<>();
        try (MySqlServer server = new MySqlServer(access(tls));
                BinlogReader reader =
                        BinlogReader.open(
                                server,
                                new BinlogStart.AtPosition(from.place(), from.position().file()),
                                true)) {
            while (end.isAfter(reader.position()) || reader.hasBuffered()) {
                BinlogEvent event = reader.next();
                if (event != null) {
                    events.add(event);
                }
            }
        }
        return events;
    }

    @ParameterizedTest
    @EnumSource(
            value = TlsMode.class,
            names = {"DISABLED", "PREFERRED", "REQUIRED"})
    void yieldsRowsAndCommitsWithTheirPlaces(TlsMode tls) throws SQLException {
        mysql.execute("DELETE FROM shop.t");
        BinlogStatus from = status();
        mysql.execute(
                "INSERT INTO shop.t VALUES (1, 'a'), (2, 'b')",
                "UPDATE shop.t SET v = 'c' WHERE id = 1",
                "DELETE FROM shop.t WHERE id = 2");

        List<BinlogEvent> events = read(from, tls);

        assertThat(events).hasSize(6);
        RowsEvent insert = (RowsEvent) events.getFirst();
        assertThat(insert.operation()).isEqualTo(Operation.INSERT);
        assertThat(insert.rowCount()).isEqualTo(2);
        assertThat(insert.table().columns()).extracting("name").containsExactly("id", "v");
        assertThat(insert.table().primaryKey()).containsExactly(0);
        assertThat(insert.transaction().gtid()).isNotNull();
        assertThat(insert.transaction().committedMicros()).isPositive();
        CommitEvent commit = (CommitEvent) events.get(1);
        assertThat(commit.rows()).isEqualTo(2);
        assertThat(commit.after().executed()).isNotNull();
        assertThat(((RowsEvent) events.get(2)).operation()).isEqualTo(Operation.UPDATE);
        assertThat(((RowsEvent) events.get(4)).operation()).isEqualTo(Operation.DELETE);
        assertThat(events.getLast().after().executed()).isEqualTo(status().executed());
        assertThat(events.getLast().after().offset()).isEqualTo(status().position().offset());
    }

    @Test
    void passesOverRotatedFiles() throws SQLException {
        BinlogStatus from = status();
        mysql.execute(
                "FLUSH BINARY LOGS", "REPLACE INTO shop.t VALUES (9, 'x')", "FLUSH BINARY LOGS");

        List<BinlogEvent> events = read(from, TlsMode.PREFERRED);

        assertThat(events).hasSize(2);
        assertThat(events.getFirst().transaction().start().fileNumber())
                .isEqualTo(from.position().fileNumber() + 1);
    }

    @Test
    void refusesAFileOfTheSameNameThatWasBegunAtAnotherTime() {
        Place place = status().place();
        Place other =
                new Place(
                        place.server(),
                        place.fileNumber(),
                        place.offset(),
                        1,
                        0,
                        place.executed(),
                        null);

        try (MySqlServer server = new MySqlServer(access(TlsMode.DISABLED));
                BinlogReader reader =
                        BinlogReader.open(
                                server,
                                new BinlogStart.AtPosition(other, status().position().file()),
                                false)) {
            assertThatThrownBy(reader::next)
                    .isInstanceOfSatisfying(
                            SourceException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.FOREIGN_SERVER));
        }
    }

    /// The server would notice by itself only when it writes next.
    @Test
    void closedReaderLeavesNoConnectionAtTheServer() {
        BinlogStatus from = status();
        try (MySqlServer server = new MySqlServer(access(TlsMode.DISABLED))) {
            BinlogStart start = new BinlogStart.AtPosition(from.place(), from.position().file());
            List<String> before = binlogReaders();
            try (BinlogReader reader = BinlogReader.open(server, start, false)) {
                await().until(() -> !before.containsAll(binlogReaders()));
                assertThat(reader.next()).isNull();
            }
            await().atMost(Duration.ofSeconds(60)).until(() -> before.containsAll(binlogReaders()));
        }
    }

    private static List<String> binlogReaders() {
        return Sql.column(
                mysql,
                "SELECT ID FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'",
                1);
    }

    @Test
    void readsCompressedTransactionsAsPlainOnes() throws SQLException {
        BinlogStatus from = status();
        try (var connection = mysql.jdbc();
                var statement = connection.createStatement()) {
            statement.execute("SET SESSION binlog_transaction_compression = ON");
            statement.execute(
                    "INSERT INTO shop.t VALUES (100, REPEAT('a', 100)), (101, REPEAT('b', 100))");
        }

        List<BinlogEvent> events = read(from, TlsMode.PREFERRED);

        assertThat(events).hasSize(2);
        assertThat(((RowsEvent) events.getFirst()).rowCount()).isEqualTo(2);
        mysql.execute("DELETE FROM shop.t WHERE id >= 100");
    }

    @Test
    void yieldsATruncationAndItsCommit() throws SQLException {
        mysql.execute("CREATE TABLE shop.`odd ``name` (id INT PRIMARY KEY)");
        BinlogStatus from = status();
        mysql.execute("TRUNCATE /* all of it */ TABLE shop.`odd ``name`");

        List<BinlogEvent> events = read(from, TlsMode.PREFERRED);

        assertThat(events).hasSize(2);
        assertThat(((TruncateEvent) events.getFirst()).table())
                .isEqualTo(new TableId("shop", "odd `name"));
        assertThat(events.getLast().after().isAfter(events.getFirst().after())).isTrue();
    }

    @Test
    void readsTheRowsOfATableMadeFromASelect() throws SQLException {
        mysql.execute("REPLACE INTO shop.t VALUES (50, 'y')");
        BinlogStatus from = status();
        mysql.execute("CREATE TABLE shop.copied AS SELECT * FROM shop.t");

        List<BinlogEvent> events = read(from, TlsMode.PREFERRED);

        assertThat(events.getFirst()).isInstanceOf(RowsEvent.class);
        assertThat(events.getLast()).isInstanceOf(CommitEvent.class);
        mysql.execute("DROP TABLE shop.copied");
    }

    @Test
    void stopsAtAStatementThatChangesRowsWithoutRowsEvents() throws SQLException {
        BinlogStatus from = status();
        try (var connection = mysql.jdbc();
                var statement = connection.createStatement()) {
            statement.execute("SET SESSION binlog_format = STATEMENT");
            statement.execute("INSERT INTO shop.t VALUES (200, 'statement')");
        }

        assertThatThrownBy(() -> read(from, TlsMode.PREFERRED))
                .isInstanceOfSatisfying(
                        SourceException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.STATEMENT_FORMAT));
    }

    @Test
    void encodesARowAsTheContractSays() throws SQLException {
        mysql.execute("DELETE FROM shop.t WHERE id < 100");
        BinlogStatus from = status();
        mysql.execute(
                "INSERT INTO shop.t VALUES (1, 'a\\n'), (2, NULL)",
                "UPDATE shop.t SET id = 3 WHERE id = 2");
        EventEncoder encoder =
                new EventEncoder(
                        new FrameForm(
                                7,
                                "shop",
                                Format.FUSTOR,
                                Transport.SSE,
                                Selection.EVERYTHING,
                                EnumSet.allOf(Operation.class),
                                500,
                                false,
                                false));
        JsonBuffer out = new JsonBuffer();

        read(from, TlsMode.PREFERRED).forEach(event -> encoder.encode(event, 0, out));

        String text = new String(out.array(), 0, out.size(), StandardCharsets.UTF_8);
        assertThat(text)
                .contains("\"rows\":[{\"id\":1,\"v\":\"a\\n\"},{\"id\":2,\"v\":null}]")
                .contains(
                        "\"rows\":[{\"id\":3,\"v\":null}],\"before_rows\":[{\"id\":2,\"v\":null}]")
                .contains("\"key_changed\":true");
        assertThat(Set.of(text.split("\n\n", -1))).hasSize(3);
    }
}
