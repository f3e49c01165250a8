package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// Readers whose grant has conditions on a column that they do not see and on one that they see
/// masked. Values of other rows, of the hidden column and of the masked one are canaries.
@RunningService
class GrantedConditionsIT {

    private static final String SOURCE = "granted-where";

    /// A row's hidden owner and masked address decide whether the reader gets it.
    private static final Map<String, Object> GRANT =
            Map.of(
                    "tables",
                    List.of("granted_where.*"),
                    "without",
                    List.of("*.*.canary_owner"),
                    "where",
                    List.of("granted_where.*: canary_owner = 7 and email like '%@canary-own'"));

    @LocalServerPort private int port;

    private final TestMySql mysql = TestMySql.shared();
    private ServiceApi api;
    private ServiceApi reader;
    private ServiceApi clear;

    @BeforeAll
    void makeReaders() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        Map<String, String> credential =
                Map.of("user", TestMySql.CAPTURE.user(), "passwd", TestMySql.CAPTURE.password());
        Map<String, String> masks = Map.of("granted_where.*.email", "hmac");
        Map<String, Object> config =
                Map.of("uri", mysql.uri(), "credential", credential, "masks", masks);
        api.post("/api/configs/sources/" + SOURCE, Map.of("config", config)).expect(201);
        mysql.execute("CREATE DATABASE granted_where");
        table("orders");
        reader = api.as(api.addReader("where-reader", GRANT));
        clear =
                api.as(
                        api.addReader(
                                "where-clear",
                                Map.of(
                                        "without",
                                        List.of("*.*.canary_owner"),
                                        "where",
                                        List.of("granted_where.*: canary_owner = 7"),
                                        "unmasked",
                                        true)));
    }

    private void table(String name) {
        mysql.execute(
                "CREATE TABLE granted_where."
                        + name
                        + " (id VARCHAR(40) PRIMARY KEY, total INT, canary_owner INT,"
                        + " email VARCHAR(60))");
    }

    private FeedRequest feed(ServiceApi caller, String table) {
        return caller.feed(SOURCE).with("tables", "granted_where." + table);
    }

    /// Everything that a client may read of some frames, also in their tokens.
    private static String bytes(List<Frame> frames) {
        return frames.stream()
                .map(
                        frame ->
                                frame
                                        + (frame.id() == null
                                                ? ""
                                                : new String(
                                                        Base64.getUrlDecoder().decode(frame.id()),
                                                        StandardCharsets.ISO_8859_1)))
                .collect(Collectors.joining("\n"));
    }

    private static List<Frame> upTo(FeedClient client, String id) {
        List<Frame> frames = new ArrayList<>();
        do {
            frames.add(client.frame());
        } while (!(frames.getLast().isChange() && frames.getLast().data().contains(id)));
        return frames;
    }

    /// What the changes among some frames do, and to which key.
    private static List<String> changes(List<Frame> frames) {
        return frames.stream()
                .filter(Frame::isChange)
                .map(Frame::change)
                .flatMap(
                        change ->
                                change.rows().stream()
                                        .map(row -> change.operation() + " " + key(row)))
                .toList();
    }

    private static String key(String row) {
        return ChangeEvent.JSON.readTree(row).path("id").asString();
    }

    private void change(String table) {
        mysql.execute(
                "BEGIN",
                """
                INSERT INTO granted_where.%s VALUES
                  ('canary-1', 1, 8, 'a@canary-own'), ('canary-2', 1, 7, 'a@canary-other'),
                  ('own-1', 1, 7, 'a@canary-own'), ('own-2', 2, 7, 'b@canary-own')"""
                        .formatted(table),
                "COMMIT",
                "UPDATE granted_where.%s SET canary_owner = 8 WHERE id = 'own-1'".formatted(table),
                "UPDATE granted_where.%s SET total = 70 WHERE id <> 'own-2'".formatted(table),
                "UPDATE granted_where.%s SET canary_owner = 7, id = 'own-3' WHERE id = 'own-1'"
                        .formatted(table),
                "DELETE FROM granted_where.%s".formatted(table),
                "INSERT INTO granted_where.%s VALUES ('own-end', 0, 7, 'c@canary-own')"
                        .formatted(table));
    }

    @Test
    void changesAreThoseOfGrantedRows() {
        table("live");
        for (String format : List.of("fustor", "debezium")) {
            mysql.execute("DELETE FROM granted_where.live");
            String start = api.tokenOfNow(SOURCE);
            FeedRequest request =
                    feed(reader, "live").with("transactions", true).with("format", format);
            List<Frame> live;
            try (FeedClient client = request.open()) {
                client.hello();
                change("live");
                live = upTo(client, "own-end");
            }
            List<Frame> later;
            try (FeedClient client = request.after(start).open()) {
                later = upTo(client, "own-end");
            }
            assertThat(bytes(live)).doesNotContain("canary");
            assertThat(bytes(later)).doesNotContain("canary");
            assertThat(committed(live)).containsExactlyElementsOf(committed(later));
            assertThat(committed(later)).containsExactly(2, 1, 0, 1, 2);
            if (format.equals("fustor")) {
                assertThat(changes(live)).isEqualTo(changes(later));
                assertThat(changes(later))
                        .containsExactly(
                                "insert own-1",
                                "insert own-2",
                                "delete own-1",
                                "insert own-3",
                                "delete own-2",
                                "delete own-3",
                                "insert own-end");
            }
        }
    }

    private static List<Integer> committed(List<Frame> frames) {
        return frames.stream()
                .filter(frame -> frame.isControl("commit"))
                .map(
                        frame ->
                                ChangeEvent.JSON
                                        .readTree(frame.data())
                                        .at("/transaction/rows")
                                        .asInt())
                .toList()
                .subList(0, 5);
    }

    @Test
    void conditionsOfTheRequestAreAddedToThoseOfTheGrant() {
        table("both");
        String start = api.tokenOfNow(SOURCE);
        change("both");
        FeedRequest request =
                feed(reader, "both").with("where", "granted_where.both: total <> 1").after(start);
        try (FeedClient client = request.open()) {
            assertThat(changes(upTo(client, "own-end")))
                    .containsExactly(
                            "insert own-2",
                            "insert own-3",
                            "delete own-2",
                            "delete own-3",
                            "insert own-end");
        }
    }

    /// An operator sees what decides about the rows of a stream, and the reader what it asked for.
    @Test
    void aStreamsConditionsAndMasksAreShownToThoseWhoSeeAll() {
        table("shown");
        FeedRequest request =
                feed(reader, "shown").with("where", "granted_where.shown: total IN (1,+2.50)");
        try (FeedClient client = request.open()) {
            client.hello();
            JsonNode whole = filter(api, "shown");
            JsonNode own = filter(reader, "shown");

            assertThat(whole.path("where").toString())
                    .isEqualTo("[\"granted_where.shown: total in (1, 2.50)\"]");
            assertThat(whole.path("granted_where").toString())
                    .isEqualTo(
                            "[\"granted_where.*: canary_owner = 7 and email like '%@canary-own'\"]");
            assertThat(whole.path("masks").toString())
                    .isEqualTo("{\"granted_where.*.email\":\"hmac\"}");
            assertThat(own.path("where")).isEqualTo(whole.path("where"));
            assertThat(own.path("granted_where").isNull()).isTrue();
            assertThat(own.path("masks").isNull()).isTrue();
            assertThat(reader.get("/api/sources/" + SOURCE).body()).doesNotContain("canary");
        }
        try (FeedClient client = feed(clear, "clear_*").open()) {
            client.hello();
            assertThat(filter(api, "clear_*").path("masks")).isEmpty();
        }
    }

    /// Of the stream of a table.
    private static JsonNode filter(ServiceApi caller, String table) {
        for (JsonNode subscriber : caller.source(SOURCE).path("subscribers")) {
            JsonNode filter = subscriber.path("filter");
            if (filter.path("tables").toString().contains("granted_where." + table)) {
                return filter;
            }
        }
        throw new AssertionError(caller.source(SOURCE).toString());
    }

    @Test
    void unmaskedShowsClearValues() {
        table("clear");
        String start = api.tokenOfNow(SOURCE);
        change("clear");
        FeedRequest request =
                feed(clear, "clear")
                        .with("where", "granted_where.clear: email = 'b@canary-own'")
                        .after(start);
        try (FeedClient client = request.open()) {
            assertThat(client.change().rows())
                    .containsExactly("{\"id\":\"own-2\",\"total\":2,\"email\":\"b@canary-own\"}");
        }
    }

    /// Many rows of others lie between the reader's.
    @Test
    void snapshotsHaveGrantedRowsOnly() {
        table("snapshots");
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            boolean isOwn = i % 100 == 50;
            rows.add(
                    "('%s-%04d', 1, %d, 'a@canary-own')"
                            .formatted(isOwn ? "own" : "canary", i, isOwn ? 7 : 8));
        }
        mysql.execute("INSERT INTO granted_where.snapshots VALUES " + String.join(",", rows));
        FeedRequest request = feed(reader, "snapshots").with("snapshot", "only").with("batch", 1);
        SnapshotStream whole = SnapshotStream.toTheEnd(request);
        SnapshotStream cut = SnapshotStream.until(request, Frame::isChange);
        SnapshotStream rest = SnapshotStream.toTheEnd(request.after(cut.token()));

        assertThat(whole.snapshotRows("granted_where.snapshots"))
                .hasSize(20)
                .isEqualTo(SnapshotStream.join(cut, rest).snapshotRows("granted_where.snapshots"));
        JsonNode completed = whole.control("snapshot_completed");
        assertThat(completed.path("rows").asInt()).isEqualTo(20);
        assertThat(completed.path("rows_read").asInt()).isEqualTo(20);
        assertThat(whole.control("snapshot_started").path("estimated_rows").asInt()).isZero();
        assertThat(bytes(whole.frames()) + bytes(rest.frames())).doesNotContain("canary");
    }

    @Test
    void keysInTokensOfSnapshotsCannotBeRead() {
        table("keys");
        mysql.execute("INSERT INTO granted_where.keys VALUES ('own-key', 1, 7, 'a@canary-own')");
        SnapshotStream stream =
                SnapshotStream.toTheEnd(feed(clear, "keys").with("snapshot", "only"));

        assertThat(stream.snapshotRows("granted_where.keys")).hasSize(1);
        for (Frame frame : stream.frames()) {
            byte[] token = Base64.getUrlDecoder().decode(frame.id() == null ? "" : frame.id());
            assertThat(new String(token, StandardCharsets.ISO_8859_1)).doesNotContain("own-key");
        }
        String masked =
                SnapshotStream.until(feed(reader, "keys").with("snapshot", "only"), Frame::isChange)
                        .token();
        assertThat(
                        SnapshotStream.toTheEnd(
                                        feed(clear, "keys").with("snapshot", "only").after(masked))
                                .snapshotRows("granted_where.keys"))
                .isEmpty();
    }

    @Test
    void hiddenColumnsInConditionsAnswerAsMissingOnes() {
        for (String condition :
                List.of("%s = 7", "%s like 'a'", "id = 'a' and %s is null", "nope = 1 or %s = 2")) {
            for (String table : List.of("granted_where.orders", "granted_where.*", "*.orders")) {
                String where = table + ": " + condition;
                try (FeedClient hidden = where(where, "canary_owner").send();
                        FeedClient missing = where(where, "canary_other").send()) {
                    assertThat(hidden.status()).isEqualTo(400).isEqualTo(missing.status());
                    assertThat(hidden.body().replace("canary_owner", "canary_other"))
                            .isEqualTo(missing.body());
                }
            }
        }
    }

    private FeedRequest where(String condition, String column) {
        return feed(reader, "orders").with("where", condition.formatted(column));
    }

    /// A resumed stream is checked at its first rows: it must not tell by which rows come.
    @Test
    void hiddenColumnsInConditionsEndResumedStreamsAsMissingOnes() {
        String start = api.tokenOfNow(SOURCE);
        change("orders");
        List<List<String>> ends = new ArrayList<>();
        for (String column : List.of("canary_owner", "canary_other")) {
            try (FeedClient client =
                    where("granted_where.orders: %s = 7", column).after(start).open()) {
                List<Frame> frames = new ArrayList<>();
                do {
                    frames.add(client.frame());
                } while (!frames.getLast().isControl("end"));
                ends.add(
                        frames.stream()
                                .filter(frame -> frame.data() != null)
                                .map(Frame::data)
                                .toList());
            }
        }
        assertThat(ends.getFirst()).isEqualTo(ends.getLast()).hasSize(2);
        assertThat(ends.getFirst().getFirst()).contains("CONDITION_UNFIT").doesNotContain("canary");
    }

    @Test
    void maskedColumnsInConditionsAreRefused() {
        for (FeedRequest request :
                List.of(
                        where("granted_where.orders: %s = 'a'", "email"),
                        where("granted_where.*: %s = 'a'", "email"),
                        where("granted_where.orders: %s = 'a'", "email")
                                .after(api.tokenOfNow(SOURCE)))) {
            try (FeedClient client = request.send()) {
                assertThat(client.status()).isEqualTo(400);
                assertThat(client.problem().path("detail").asString())
                        .contains("email", "masked")
                        .doesNotContain("canary");
            }
        }
    }

    @Test
    void conditionsOfAGrantThatDoNotFitShowNoRow() {
        ServiceApi unfit =
                api.as(
                        api.addReader(
                                "where-unfit",
                                Map.of("where", List.of("granted_where.orders: canary_x = 1"))));
        for (String query : List.of("", "&snapshot=only")) {
            Answer answer =
                    unfit.get(
                            "/api/sources/"
                                    + SOURCE
                                    + "/events?tables=granted_where.orders"
                                    + query);
            assertThat(answer.status()).isEqualTo(409);
            assertThat(answer.json().path("code").asString()).isEqualTo("CONDITION_UNFIT");
            assertThat(answer.body()).doesNotContain("canary");
        }
    }

    @Test
    void conditionsThatCannotBeReadMakeNoGrant() {
        for (String where : List.of("orders: id = 1", "a.b", "a.b: id =", "a.b: id = 1 and")) {
            api.post("/api/readers/where-wrong", Map.of("where", List.of(where))).expect(400);
        }
    }
}
