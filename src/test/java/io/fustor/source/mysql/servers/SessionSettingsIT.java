package io.fustor.source.mysql.servers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/// Settings of the binlog that a session or an administrator changes while a feed runs: it goes on,
/// and resumes after each row, as if nothing had changed.
@RunningService
class SessionSettingsIT {

    private static final String SHARED = "settings-shared";
    private static final String COMPRESSION = "SET SESSION binlog_transaction_compression = ";
    private static final String CHECKSUM = "SET GLOBAL binlog_checksum = ";

    @LocalServerPort private int port;

    private ServiceApi api;

    @BeforeAll
    void connect() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource(SHARED, TestMySql.shared());
    }

    private static String insert(int id) {
        return "INSERT INTO settings.t VALUES (%d, 'row %d')".formatted(id, id);
    }

    /// Runs statements with a subscriber live, and requires the rows of [#insert] with the ids from
    /// 1 on, live and once more resumed after each of them.
    private List<FeedRow> assertRows(TestMySql mysql, String source, int count, List<String> sql) {
        mysql.execute(
                "DROP DATABASE IF EXISTS settings",
                "CREATE DATABASE settings",
                "CREATE TABLE settings.t (id INT PRIMARY KEY, v VARCHAR(40))");
        FeedRequest feed = api.feed(source).with("tables", "settings.*").with("batch", 1);
        List<FeedRow> live;
        try (FeedClient client = feed.open()) {
            client.hello();
            mysql.execute(sql.toArray(String[]::new));
            live = client.rows(count);
        }
        assertThat(live)
                .extracting(FeedRow::row)
                .isEqualTo(
                        IntStream.rangeClosed(1, count)
                                .mapToObj(id -> "{\"id\":%d,\"v\":\"row %d\"}".formatted(id, id))
                                .toList());
        for (int i = 0; i < count - 1; i++) {
            try (FeedClient client = feed.after(live.get(i).token()).open()) {
                FeedRow.assertSameSequence(live.subList(i + 1, count), client.rows(count - i - 1));
            }
        }
        return live;
    }

    private static List<String> types(TestMySql mysql, String file, String position) {
        return Sql.column(mysql, "SHOW BINLOG EVENTS IN '%s' FROM %s".formatted(file, position), 3);
    }

    @Test
    void statementsBeforeTheirRows() {
        TestMySql mysql = TestMySql.shared();
        List<String> files = Sql.column(mysql, "SHOW BINARY LOGS", 1);
        List<String> sizes = Sql.column(mysql, "SHOW BINARY LOGS", 2);

        assertRows(
                mysql,
                SHARED,
                5,
                List.of(
                        "SET SESSION binlog_rows_query_log_events = ON",
                        insert(1),
                        "BEGIN",
                        insert(2),
                        insert(3),
                        "COMMIT",
                        COMPRESSION + "ON",
                        insert(4),
                        "SET SESSION binlog_rows_query_log_events = OFF",
                        insert(5)));

        assertThat(types(mysql, files.getLast(), sizes.getLast()))
                .contains("Rows_query", "Transaction_payload");
    }

    @Test
    void plainAndCompressedTransactionsInTurns() {
        List<String> statements = new ArrayList<>();
        for (int id = 1; id <= 12; id += 3) {
            statements.add(COMPRESSION + (id % 2 == 0 ? "OFF" : "ON"));
            statements.addAll(List.of(insert(id), "BEGIN", insert(id + 1), insert(id + 2)));
            statements.add("COMMIT");
        }

        assertRows(TestMySql.shared(), SHARED, 12, statements);
    }

    /// Each change of the setting begins a file.
    @Test
    void checksumsSwitchedOffAndOn() {
        TestMySql mysql = TestMySql.shared();
        String checksum = Sql.value(mysql, "SELECT @@GLOBAL.binlog_checksum");
        assertRows(
                mysql,
                SHARED,
                6,
                List.of(
                        insert(1),
                        CHECKSUM + "NONE",
                        insert(2),
                        COMPRESSION + "ON",
                        insert(3),
                        CHECKSUM + "CRC32",
                        insert(4),
                        CHECKSUM + "NONE",
                        "FLUSH BINARY LOGS",
                        insert(5),
                        CHECKSUM + checksum,
                        insert(6)));
    }

    @Test
    void taggedGtidsAmongOthers() {
        try (TestMySql mysql = TestMySql.start97()) {
            api.addSource("settings-tagged", mysql);
            List<FeedRow> rows =
                    assertRows(
                            mysql,
                            "settings-tagged",
                            8,
                            List.of(
                                    insert(1),
                                    "SET SESSION gtid_next = 'AUTOMATIC:one'",
                                    insert(2),
                                    "BEGIN",
                                    insert(3),
                                    insert(4),
                                    "COMMIT",
                                    "SET SESSION gtid_next = 'AUTOMATIC:two'",
                                    COMPRESSION + "ON",
                                    insert(5),
                                    "XA START 'x'",
                                    insert(6),
                                    insert(7),
                                    "XA END 'x'",
                                    "XA PREPARE 'x'",
                                    "XA COMMIT 'x'",
                                    "SET SESSION gtid_next = 'AUTOMATIC'",
                                    insert(8)));
            assertThat(rows.stream().map(FeedRow::transaction).distinct()).hasSize(6);
            assertThat(rows.get(1).transaction()).contains(":one:");
            assertThat(rows.get(6).transaction()).contains(":two:");
            assertThat(Sql.value(mysql, "SELECT @@GLOBAL.gtid_executed"))
                    .contains(":one:", ":two:");
            api.delete("/api/configs/sources/settings-tagged").expect(204);
        }
    }
}
