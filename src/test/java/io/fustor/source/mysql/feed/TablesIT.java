package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.EventSchemas;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The tables of a source and the schemas of their changes, as each caller sees them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TablesIT {

    private static final String ADMIN = "an-administrators-secret";
    private static final String SOURCE = "described";

    private final TestMySql mysql = TestMySql.shared();
    private LocalService service;
    private ServiceApi api;
    private ServiceApi narrow;
    private ServiceApi conditional;

    @BeforeAll
    void start() {
        service =
                LocalService.start(
                        Map.of(
                                "fustor.security.tokens[0]",
                                "ops:admin:" + ADMIN,
                                "server.address",
                                "127.0.0.1"));
        ServiceApi anonymous = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
        api = anonymous.as(ADMIN);
        mysql.execute(
                "DROP DATABASE IF EXISTS described",
                "CREATE DATABASE described",
                """
                CREATE TABLE described.orders (id INT UNSIGNED PRIMARY KEY, total DECIMAL(20,2) NOT NULL,
                  status ENUM('new','paid') NOT NULL, note VARCHAR(40), email VARCHAR(80) NOT NULL)""",
                "CREATE TABLE described.`odd.name` (a INT, b INT, PRIMARY KEY (a, b))",
                "CREATE TABLE described.hidden (id INT PRIMARY KEY)",
                "CREATE VIEW described.seen AS SELECT id FROM described.orders",
                "INSERT INTO described.orders VALUES (1, 10, 'new', NULL, 'a@x')");
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("driver", "mysql");
        config.put("uri", mysql.uri());
        config.put(
                "credential",
                Map.of(
                        "user", TestMySql.CAPTURE.user(),
                        "passwd", TestMySql.CAPTURE.password()));
        config.put("masks", Map.of("described.orders.email", "hmac"));
        api.post("/api/configs/sources/" + SOURCE, Map.of("config", config)).expect(201);
        narrow =
                anonymous.as(
                        api.addReader(
                                "narrow",
                                Map.of(
                                        "tables", List.of("described.orders"),
                                        "without", List.of("described.orders.note"))));
        conditional =
                anonymous.as(
                        api.addReader(
                                "conditional",
                                Map.of(
                                        "tables", List.of("described.*"),
                                        "where", List.of("described.orders: id < 100"))));
    }

    @AfterAll
    void stop() {
        service.close();
    }

    private static JsonNode table(JsonNode tables, String name) {
        for (JsonNode table : tables) {
            if (table.path("event_schema").asString().equals("described")
                    && table.path("table").asString().equals(name)) {
                return table;
            }
        }
        throw new AssertionError("no table " + name + " in " + tables);
    }

    private static JsonNode tables(ServiceApi caller) {
        return caller.get("/api/sources/" + SOURCE + "/tables").expect(200).json();
    }

    @Test
    void listsTablesWithTheirColumnsAndKeys() {
        JsonNode orders = table(tables(api), "orders");

        assertThat(orders.path("kind").asString()).isEqualTo("table");
        assertThat(orders.path("primary_key").toString()).isEqualTo("[\"id\"]");
        assertThat(orders.path("estimated_rows").asLong()).isBetween(0L, 10L);
        assertThat(orders.path("columns").toString())
                .isEqualTo(
                        """
                        [{"name":"id","type":"int","unsigned":true,"nullable":false},\
                        {"name":"total","type":"decimal","unsigned":false,"nullable":false},\
                        {"name":"status","type":"enum","unsigned":false,"nullable":false},\
                        {"name":"note","type":"varchar","unsigned":false,"nullable":true},\
                        {"name":"email","type":"varchar","unsigned":false,"nullable":false}]""");
        assertThat(table(tables(api), "odd.name").path("primary_key").toString())
                .isEqualTo("[\"a\",\"b\"]");
        assertThat(tables(api).toString()).doesNotContain("seen").doesNotContain("\"mysql\"");
    }

    @Test
    void listsWhatAGrantShows() {
        JsonNode seen = tables(narrow);

        assertThat(seen).hasSize(1);
        assertThat(table(seen, "orders").path("columns").findValuesAsString("name"))
                .containsExactly("id", "total", "status", "email");
        assertThat(table(seen, "orders").path("columns").toString())
                .contains("{\"name\":\"email\",\"type\":\"string\"");
        assertThat(table(tables(conditional), "orders").path("estimated_rows").asLong()).isZero();
    }

    @Test
    void aHiddenTableIsAsAMissingOne() {
        List<Answer> answers = new ArrayList<>();
        for (String name : List.of("hidden", "missed")) {
            answers.add(narrow.get(path("described." + name)));
        }
        assertThat(answers).extracting(Answer::status).containsOnly(404);
        assertThat(answers.getFirst().body().replace("hidden", "missed"))
                .isEqualTo(answers.getLast().body());
        assertThat(narrow.get(path("described.orders")).expect(200).body()).doesNotContain("note");
        assertThat(api.get(path("described.seen")).status()).isEqualTo(409);
        assertThat(narrow.get(path("described.seen")).status()).isEqualTo(404);
    }

    @Test
    void takesNamesAsTheFeedDoes() {
        api.get(path("described.`odd.name`")).expect(200);
        for (String wrong : List.of("described", "described.*", "described.odd.name", "a.b,c.d")) {
            assertThat(api.get(path(wrong)).status()).as(wrong).isEqualTo(400);
        }
        assertThat(api.get(path("described.orders").replace("fustor", "avro")).status())
                .isEqualTo(400);
    }

    @Test
    void aSchemaIsReadOnceUntilItChanges() throws Exception {
        HttpResponse<String> first = get(path("described.hidden"), "");
        String tag = first.headers().firstValue("ETag").orElseThrow();
        assertThat(first.headers().firstValue("Content-Type")).contains("application/schema+json");
        assertThat(first.headers().firstValue("Cache-Control")).hasValue("no-cache, private");

        HttpResponse<String> same = get(path("described.hidden"), tag);
        assertThat(same.statusCode()).isEqualTo(304);
        assertThat(same.body()).isEmpty();
        assertThat(get(path("described.hidden").replace("fustor", "debezium"), tag).statusCode())
                .isEqualTo(200);
        mysql.execute("ALTER TABLE described.hidden ADD COLUMN more INT");
        HttpResponse<String> altered = get(path("described.hidden"), tag);
        assertThat(altered.statusCode()).isEqualTo(200);
        assertThat(altered.body()).contains("\"more\"");

        String clear = get(path("described.orders"), "").headers().firstValue("ETag").orElseThrow();
        assertThat(narrow.get(path("described.orders")).headers().firstValue("ETag"))
                .isPresent()
                .isNotEqualTo(Optional.of(clear));
    }

    private HttpResponse<String> get(String path, String tag)
            throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.port() + path))
                            .header("Authorization", "Bearer " + ADMIN);
            if (!tag.isEmpty()) {
                request.header("If-None-Match", tag);
            }
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String path(String table) {
        return EventSchemas.path(SOURCE, table, "fustor", "number");
    }

    /// What each caller receives is allowed by the schema that it is given: in both formats, with
    /// masks, conditions and marks, and of each kind of change.
    @Test
    void eventsOfEveryCallerAreAsTheirSchemasSay() {
        for (ServiceApi caller : List.of(api, narrow, conditional)) {
            for (String format : List.of("fustor", "debezium")) {
                List<String> changes = changes(caller, format);
                EventSchemas schemas = new EventSchemas(caller, SOURCE, format, "number");
                for (String change : changes) {
                    assertThat(schemas.errors(change)).as(change).isEmpty();
                }
                assertThat(changes).hasSizeGreaterThan(5);
            }
        }
    }

    private List<String> changes(ServiceApi caller, String format) {
        List<String> changes = new ArrayList<>();
        String start = api.tokenOfNow(SOURCE);
        mysql.execute(
                "USE described",
                "REPLACE INTO orders VALUES (2, 12345678901234567.89, 'paid', 'x', 'b@x')",
                "UPDATE orders SET id = 200 WHERE id = 2",
                "UPDATE orders SET id = 3 WHERE id = 200",
                "UPDATE orders SET note = NULL",
                "DELETE FROM orders WHERE id > 1");
        for (var feed :
                List.of(
                        caller.feed(SOURCE).with("until", "now").after(start),
                        caller.feed(SOURCE).with("snapshot", "initial").with("until", "now"))) {
            try (FeedClient client =
                    feed.with("tables", "described.orders").with("format", format).open()) {
                Frame frame = client.frame();
                while (!frame.isControl("end")) {
                    assertThat(frame.isControl("error")).as(frame.toString()).isFalse();
                    if (frame.isChange()) {
                        changes.add(String.valueOf(frame.data()));
                    }
                    frame = client.frame();
                }
            }
        }
        return changes;
    }

    @Test
    void schemasAllowNothingElse() {
        List<String> changes = changes(api, "fustor");
        EventSchemas schemas = new EventSchemas(api, SOURCE, "fustor", "number");
        String insert =
                changes.stream().filter(it -> it.contains("\"insert\"")).findFirst().orElseThrow();
        Map<String, String> wrong = new LinkedHashMap<>();
        wrong.put("\"id\":2", "\"id\":-2");
        wrong.put("\"status\":\"paid\"", "\"status\":\"lost\"");
        wrong.put("\"note\":\"x\"", "\"note\":7");
        wrong.put("\"email\":\"b@x\"", "\"email\":null");
        wrong.put("\"email\":", "\"mail\":");
        wrong.put("\"table\":\"orders\"", "\"table\":\"order\"");
        wrong.put("\"rows\":", "\"before_rows\":[],\"rows\":");
        wrong.put("\"event_type\":\"insert\"", "\"event_type\":\"update\"");
        wrong.put("\"metadata\":{", "\"metadata\":{\"more\":1,");
        wrong.put("\"primary_key\":[\"id\"]", "\"primary_key\":[]");
        assertThat(schemas.errors("described.orders", insert)).isEmpty();
        wrong.forEach(
                (right, other) -> {
                    assertThat(insert).contains(right);
                    assertThat(schemas.errors("described.orders", insert.replace(right, other)))
                            .as(other)
                            .isNotEmpty();
                });
        ObjectNode extra = (ObjectNode) ChangeEvent.JSON.readTree(insert);
        extra.put("more", true);
        assertThat(schemas.errors("described.orders", extra.toString())).isNotEmpty();
    }

    @Test
    void schemasOfDebeziumsFormatAllowNothingElse() {
        List<String> changes = changes(api, "debezium");
        EventSchemas schemas = new EventSchemas(api, SOURCE, "debezium", "number");
        String insert =
                changes.stream()
                        .filter(it -> it.contains("\"op\":\"c\""))
                        .findFirst()
                        .orElseThrow();
        assertThat(schemas.errors("described.orders", insert)).isEmpty();
        for (List<String> wrong :
                List.of(
                        List.of("\"op\":\"c\"", "\"op\":\"d\""),
                        List.of("\"before\":null", "\"before\":{}"),
                        List.of("\"total\":\"", "\"total\":\"x"),
                        List.of("\"connector\":\"mysql\"", "\"connector\":\"other\""))) {
            assertThat(insert).contains(wrong.getFirst());
            assertThat(
                            schemas.errors(
                                    "described.orders",
                                    insert.replace(wrong.getFirst(), wrong.getLast())))
                    .as(wrong.toString())
                    .isNotEmpty();
        }
    }

    /// With other row images than `FULL`, a row may lack columns.
    @Test
    void partsOfRowsAreAllowedWhereTheServerWritesThem() {
        try (TestMySql minimal = TestMySql.start("--binlog-row-image=MINIMAL")) {
            api.addSource("minimal", minimal);
            minimal.execute(
                    "CREATE DATABASE part",
                    "CREATE TABLE part.t (id INT PRIMARY KEY, v INT NOT NULL, w INT)");
            String start = api.tokenOfNow("minimal");
            minimal.execute(
                    "INSERT INTO part.t VALUES (1, 1, 1)",
                    "UPDATE part.t SET v = 2",
                    "DELETE FROM part.t");
            for (String format : List.of("fustor", "debezium")) {
                EventSchemas schemas = new EventSchemas(api, "minimal", format, "number");
                try (FeedClient client =
                        api.feed("minimal")
                                .with("tables", "part.t")
                                .with("format", format)
                                .after(start)
                                .open()) {
                    for (int i = 0; i < 3; i++) {
                        String change = change(client);
                        assertThat(schemas.errors(change)).as(change).isEmpty();
                    }
                }
            }
            api.delete("/api/configs/sources/minimal").expect(204);
        }
    }

    private static String change(FeedClient client) {
        Frame frame = client.frame();
        while (!frame.isChange()) {
            frame = client.frame();
        }
        return String.valueOf(frame.data());
    }
}
