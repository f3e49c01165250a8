package io.fustor.source.mysql.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// Snapshots of tables of every shape, with every kind of key, cut off after each event: complete,
/// in the key's order, and each row as the binlog has it.
@RunningService
class SnapshotTablesIT {

    private static final String SCHEMA = "odd.`schema` %é";
    private static final String QUOTED = SnapshotTable.quoted(SCHEMA);
    private static final int MOST_CONNECTIONS = 100;

    @LocalServerPort private int port;

    private final TestMySql mysql = TestMySql.shared();
    private final Map<String, List<ChangeEvent>> inserts = new HashMap<>();
    private ServiceApi api;

    @BeforeAll
    void makeTables() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("snapshot-tables", mysql);
        String start = api.tokenOfNow("snapshot-tables");
        List<String> statements = new ArrayList<>();
        statements.add("DROP DATABASE IF EXISTS " + QUOTED);
        statements.add("CREATE DATABASE " + QUOTED);
        statements.add("SET SESSION sql_mode = '', sql_generate_invisible_primary_key = OFF");
        for (SnapshotTable table : SnapshotTable.all()) {
            String generates = table.key().equals("my_row_id") ? "ON" : "OFF";
            statements.add("SET SESSION sql_generate_invisible_primary_key = " + generates);
            statements.addAll(table.statements(QUOTED));
        }
        statements.add("CREATE TABLE " + QUOTED + ".zz_last (n INT PRIMARY KEY)");
        statements.add("INSERT INTO " + QUOTED + ".zz_last VALUES (1)");
        mysql.execute(statements.toArray(String[]::new));
        readInserts(start);
    }

    /// What the binlog says about all that was inserted.
    private void readInserts(String start) {
        try (FeedClient client = feed("*").after(start).open()) {
            for (ChangeEvent event = client.change();
                    !event.table().endsWith(".zz_last");
                    event = client.change()) {
                String name = event.json().path("table").asString();
                inserts.computeIfAbsent(name, _ -> new ArrayList<>()).add(event);
            }
        }
    }

    /// @param table as the parameter has it
    private FeedRequest feed(String table) {
        return api.feed("snapshot-tables").with("tables", QUOTED + "." + table);
    }

    static List<SnapshotTable> tables() {
        return SnapshotTable.all();
    }

    @ParameterizedTest
    @MethodSource("tables")
    void isCompleteAndInOrderHoweverOftenItIsCutOff(SnapshotTable table) {
        FeedRequest feed =
                feed(SnapshotTable.quoted(table.name())).with("snapshot", "only").with("batch", 2);
        SnapshotStream whole = SnapshotStream.toTheEnd(feed);
        boolean isOnePass = isReadInOnePass(whole, table);
        List<ChangeEvent> events = isOnePass ? cutOnce(feed) : cutAfterEachEvent(feed);
        List<JsonNode> rows = rows(events);

        switch (table.kind()) {
            case KEYED -> assertThat(isOnePass).isFalse();
            case KEYLESS -> assertThat(isOnePass).isTrue();
        }
        assertThat(whole.control("end").path("reason").asString()).isEqualTo("snapshot completed");
        assertThat(texts(events)).isEqualTo(texts(whole.snapshotEvents()));
        assertSameAsInBinlog(table, events);
        if (!isOnePass) {
            assertThat(rows.stream().map(row -> row.path("n").asString()).toList())
                    .isEqualTo(Sql.column(mysql, table.selectNumbers(QUOTED), 1));
        }
    }

    private static boolean isReadInOnePass(SnapshotStream stream, SnapshotTable table) {
        for (JsonNode name : stream.control("snapshot_started").path("read_in_one_pass")) {
            if (name.asString().endsWith("." + table.name())) {
                return true;
            }
        }
        return false;
    }

    private static List<ChangeEvent> cutAfterEachEvent(FeedRequest feed) {
        List<ChangeEvent> events = new ArrayList<>();
        String token = null;
        for (int i = 0; i < MOST_CONNECTIONS; i++) {
            SnapshotStream next = oneEvent(feed, token);
            events.addAll(next.snapshotEvents());
            token = next.token();
            if (next.frames().getLast().isControl("end")) {
                return events;
            }
        }
        throw new AssertionError("no end after so many connections");
    }

    private static SnapshotStream oneEvent(FeedRequest feed, @Nullable String token) {
        return SnapshotStream.until(
                feed.after(token),
                frame -> SnapshotStream.isSnapshotRow(frame) || frame.isControl("end"));
    }

    /// Of a table that starts over only the last pass counts.
    private static List<ChangeEvent> cutOnce(FeedRequest feed) {
        String token = oneEvent(feed, null).token();
        return SnapshotStream.toTheEnd(feed.after(token)).snapshotEvents();
    }

    private static List<JsonNode> rows(List<ChangeEvent> events) {
        List<JsonNode> rows = new ArrayList<>();
        events.forEach(event -> event.json().path("rows").forEach(rows::add));
        return rows;
    }

    private static List<String> texts(List<ChangeEvent> events) {
        return events.stream().flatMap(event -> event.rows().stream()).toList();
    }

    private void assertSameAsInBinlog(SnapshotTable table, List<ChangeEvent> events) {
        List<ChangeEvent> inserted = inserts.getOrDefault(table.name(), List.of());

        assertThat(inserted).hasSize(table.keys().size());
        assertThat(texts(events)).containsExactlyInAnyOrderElementsOf(texts(inserted));
        for (ChangeEvent event : events) {
            assertThat(event.table()).isEqualTo(SCHEMA + "." + table.name());
            assertThat(event.fields()).isEqualTo(inserted.getFirst().fields());
            assertThat(event.metadata().path("primary_key"))
                    .isEqualTo(inserted.getFirst().metadata().path("primary_key"));
        }
    }

    @Test
    void oneSnapshotBringsAllTables() {
        SnapshotStream all = SnapshotStream.toTheEnd(feed("*").with("snapshot", "only"));

        for (SnapshotTable table : SnapshotTable.all()) {
            assertThat(all.snapshotRows(SCHEMA + "." + table.name()))
                    .as(table.name())
                    .containsExactlyInAnyOrderElementsOf(
                            texts(inserts.getOrDefault(table.name(), List.of())));
        }
        assertThat(rowsOf(all.control("snapshot_completed")))
                .isEqualTo(all.snapshotEvents().stream().mapToInt(e -> e.rows().size()).sum());
        assertThat(all.control("snapshot_completed").path("tables"))
                .hasSize(SnapshotTable.all().size() + 1);
    }

    private static int rowsOf(JsonNode completed) {
        int rows = 0;
        for (JsonNode table : completed.path("tables")) {
            rows += table.path("rows").asInt();
        }
        return rows;
    }

    /// An identifier outside of the basic plane is refused by the server itself.
    @Test
    void progressIsSaidWithTheTablesNames() {
        SnapshotStream one =
                SnapshotStream.toTheEnd(
                        feed("`com,ma`").with("snapshot", "only").with("transactions", true));
        JsonNode table = one.control("snapshot_started").path("tables").path(0);

        assertThat(table.path("event_schema").asString()).isEqualTo(SCHEMA);
        assertThat(table.path("table").asString()).isEqualTo("com,ma");
        assertThat(table.path("key").path(0).asString()).isEqualTo("com,ma");
        assertThat(one.frames().stream().filter(Frame::isChange)).hasSize(1);
    }
}
