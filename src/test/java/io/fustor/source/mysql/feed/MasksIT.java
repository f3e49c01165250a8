package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// Sources with masks: no byte of an answer has a masked value, in either format, in changes as in
/// snapshots.
@RunningService
class MasksIT {

    private static final String CANARY = "canary-7f3a";

    private final TestMySql mysql = TestMySql.shared();

    @LocalServerPort private int port;

    private ServiceApi api;
    private ServiceApi reader;

    @BeforeAll
    void addSource() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.post(
                        "/api/configs/sources/masked",
                        config(
                                Map.of(
                                        "masks.*.email", "hmac",
                                        "masks.*.phone", "truncate:3",
                                        "masks.*.notes", "null",
                                        "masks.*.iban", "fixed:***")))
                .expect(201);
        reader = api.as(api.addReader("masked-reader", Map.of()));
        mysql.execute("CREATE DATABASE masks");
        table("people");
    }

    private Map<String, Object> config(Map<String, String> masks) {
        Map<String, String> credential =
                Map.of("user", TestMySql.CAPTURE.user(), "passwd", TestMySql.CAPTURE.password());
        return Map.of(
                "config", Map.of("uri", mysql.uri(), "credential", credential, "masks", masks));
    }

    private void table(String name) {
        mysql.execute(
                "CREATE TABLE masks."
                        + name
                        + " (email VARCHAR(40) PRIMARY KEY, phone BIGINT, notes TEXT,"
                        + " iban VARCHAR(40), n INT)");
    }

    private FeedRequest feed() {
        return reader.feed("masked").with("tables", "masks.*");
    }

    private void change(String table) {
        mysql.execute(
                "INSERT INTO masks.%s VALUES ('%s@a', 4477001, '%s', '%s', 1), ('b', NULL, NULL, NULL, 2)"
                        .formatted(table, CANARY, CANARY, CANARY),
                "UPDATE masks.%s SET notes = '%s-2', n = 3 WHERE n = 1".formatted(table, CANARY),
                "UPDATE masks.%s SET email = '%s@c' WHERE n = 3".formatted(table, CANARY),
                "DELETE FROM masks." + table);
    }

    @Test
    void changesHaveMaskedValues() {
        for (String format : List.of("fustor", "debezium")) {
            String start = api.tokenOfNow("masked");
            change("people");
            mysql.execute(
                    "INSERT INTO masks.people VALUES ('end', NULL, NULL, NULL, 99)",
                    "DELETE FROM masks.people");
            try (FeedClient client = feed().with("format", format).after(start).open()) {
                StringBuilder all = new StringBuilder();
                while (all.indexOf("\"n\":99") < 0) {
                    Frame frame = client.frame();
                    all.append(frame.data()).append('\n');
                }
                assertThat(all.toString())
                        .doesNotContain(CANARY, "4477001")
                        .contains("\"phone\":\"447\"", "\"notes\":null", "\"iban\":\"***\"")
                        .contains("\"phone\":null,\"notes\":null,\"iban\":null");
                assertThat(codes(all)).hasSize(4);
            }
        }
    }

    private static List<String> codes(CharSequence frames) {
        return java.util.regex.Pattern.compile("\"email\":\"([A-Za-z0-9_-]{43})\"")
                .matcher(frames)
                .results()
                .map(found -> found.group(1))
                .distinct()
                .toList();
    }

    @Test
    void snapshotsAndChangesHaveTheSameCodes() {
        table("both");
        FeedRequest both = reader.feed("masked").with("tables", "masks.both");
        String start = api.tokenOfNow("masked");
        mysql.execute(
                "INSERT INTO masks.both VALUES ('%s', 4477001, 'x', 'y', 1)".formatted(CANARY));
        String live;
        try (FeedClient client = both.after(start).open()) {
            live = client.change().rows().getFirst();
        }
        SnapshotStream snapshot = SnapshotStream.toTheEnd(both.with("snapshot", "only"));
        String all =
                snapshot.frames().stream().map(Frame::toString).collect(Collectors.joining("\n"));

        assertThat(all).contains(live).doesNotContain(CANARY, "4477001");
    }

    @Test
    void keysInTokensOfSnapshotsAreHidden() {
        table("keys");
        mysql.execute("INSERT INTO masks.keys VALUES ('%s', 1, 'x', 'y', 1)".formatted(CANARY));
        SnapshotStream snapshot =
                SnapshotStream.toTheEnd(
                        reader.feed("masked")
                                .with("tables", "masks.keys")
                                .with("snapshot", "only"));

        for (Frame frame : snapshot.frames()) {
            if (frame.id() != null) {
                byte[] token = java.util.Base64.getUrlDecoder().decode(frame.id());
                assertThat(new String(token, java.nio.charset.StandardCharsets.ISO_8859_1))
                        .doesNotContain(CANARY);
            }
        }
    }

    @Test
    void noticesSayThatMaskedColumnsAreStrings() {
        table("altered");
        String start = api.tokenOfNow("masked");
        mysql.execute(
                "INSERT INTO masks.altered VALUES ('a', 1, 'x', 'y', 1)",
                "ALTER TABLE masks.altered ADD more INT",
                "INSERT INTO masks.altered VALUES ('b', 1, 'x', 'y', 1, 2)",
                "ALTER TABLE masks.altered DROP notes",
                "INSERT INTO masks.altered VALUES ('c', 1, 'y', 1, 2)");
        try (FeedClient client =
                reader.feed("masked").with("tables", "masks.altered").after(start).open()) {
            JsonNode notice = client.control("schema_changed");

            assertThat(notice.path("columns").path(2).path("type").asString()).isEqualTo("string");
            assertThat(notice.path("columns").path(4).path("type").asString()).isEqualTo("int");
            client.control("schema_changed");
            assertThat(client.change().rows().getFirst()).contains("\"iban\":\"***\"");
        }
    }

    @Test
    void cachedFieldsHaveTheTypesThatAreDelivered() {
        table("typed");
        Map<String, String> root =
                Map.of("user", TestMySql.ROOT.user(), "passwd", TestMySql.ROOT.password());
        api.post(
                        "/api/configs/sources/masked/_actions/discover_and_cache_fields",
                        Map.of("admin_creds", root))
                .expect(200);
        ServiceApi clear = api.as(api.addReader("clear-fields", Map.of("unmasked", true)));

        assertThat(phone(reader)).isEqualTo("string string true");
        assertThat(phone(clear)).isEqualTo("integer bigint true");
        assertThat(phone(api)).isEqualTo("integer bigint true");
    }

    private static String phone(ServiceApi caller) {
        JsonNode phone =
                caller.get("/api/drivers/sources/masked/_actions/get_available_fields")
                        .expect(200)
                        .json()
                        .path("properties")
                        .path("masks.typed.phone");
        return String.join(
                " ",
                phone.path("type").asString(),
                phone.path("mysql_type").asString(),
                phone.path("nullable").asString());
    }

    @Test
    void conditionsOnMaskedColumnsAreRefused() {
        try (FeedClient client = feed().with("where", "masks.people: email = 'a'").send()) {
            assertThat(client.status()).isEqualTo(400);
            assertThat(client.problem().path("detail").asString()).contains("email", "masked");
        }
    }

    @Test
    void aGrantMayHaveConditionsOnMaskedColumnsAndShowThemInClear() {
        table("granted");
        String start = api.tokenOfNow("masked");
        mysql.execute(
                "INSERT INTO masks.granted VALUES ('a', 1, 'x', 'y', 1), ('b', 2, 'x', 'y', 2)");
        Map<String, Object> grant = Map.of("where", List.of("masks.granted: email = 'b'"));
        ServiceApi masked = api.as(api.addReader("masked-where", grant));
        ServiceApi clear =
                api.as(
                        api.addReader(
                                "clear-where",
                                Map.of("where", grant.get("where"), "unmasked", true)));
        FeedRequest own = masked.feed("masked").with("tables", "masks.granted").after(start);
        try (FeedClient client = own.open()) {
            ChangeEvent event = client.change();

            assertThat(event.rows()).hasSize(1);
            assertThat(event.row(0).path("n").asInt()).isEqualTo(2);
            assertThat(event.row(0).path("email").asString()).hasSize(43);
        }
        FeedRequest whole = clear.feed("masked").with("tables", "masks.granted").after(start);
        try (FeedClient client = whole.open()) {
            assertThat(client.change().rows())
                    .containsExactly(
                            "{\"email\":\"b\",\"phone\":2,\"notes\":\"x\",\"iban\":\"y\",\"n\":2}");
        }
    }

    @Test
    void configurationsShowTheirMasks() {
        JsonNode view = api.get("/api/configs/sources").expect(200).json().path("masked");

        assertThat(view.path("masks").path("masks.*.email").asString()).isEqualTo("hmac");
        api.post("/api/configs/sources/wrong", config(Map.of("a.b.c", "rot13"))).expect(400);
    }
}
