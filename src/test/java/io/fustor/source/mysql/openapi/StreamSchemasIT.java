package io.fustor.source.mysql.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The items of real streams are as the OpenAPI and the AsyncAPI document describe them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StreamSchemasIT {

    private static final String SOURCE = "items";

    private final TestMySql mysql = TestMySql.shared();
    private final Map<String, Schema> schemas = new HashMap<>();
    private LocalService service;
    private ServiceApi api;
    private JsonNode asyncApi;
    private JsonNode openApi;

    @BeforeAll
    void start() {
        service = LocalService.start(Map.of());
        api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
        api.addSource(SOURCE, mysql);
        asyncApi = api.get("/v3/asyncapi").expect(200).json();
        openApi = api.get("/v3/api-docs").expect(200).json();
        mysql.execute(
                "DROP DATABASE IF EXISTS items",
                "CREATE DATABASE items",
                "CREATE TABLE items.t (id INT PRIMARY KEY, v INT)",
                "INSERT INTO items.t VALUES (1, 1)");
    }

    @AfterAll
    void stop() {
        service.close();
    }

    private Schema schema(String name) {
        return schemas.computeIfAbsent(
                name,
                _ -> {
                    JsonNode message = asyncApi.at("/channels/events/messages/" + name);
                    String component = last(message);
                    JsonNode payload =
                            asyncApi.at("/components/messages/" + component + "/payload");
                    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                            .getSchema(
                                    asyncApi.at("/components/schemas/" + last(payload)).toString(),
                                    InputFormat.JSON);
                });
    }

    private static String last(JsonNode reference) {
        String path = reference.path("$ref").asString();
        assertThat(path).isNotEmpty();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    @Test
    void everyItemOfAStreamIsAsItIsDescribed() {
        String start = api.tokenOfNow(SOURCE);
        mysql.execute(
                "USE items",
                "INSERT INTO t VALUES (2, 2)",
                "UPDATE t SET id = 3 WHERE id = 2",
                "ALTER TABLE t ADD COLUMN more INT",
                "DELETE FROM t WHERE id = 3",
                "TRUNCATE TABLE t",
                "INSERT INTO t VALUES (1, 1, NULL)");
        Set<String> seen = new LinkedHashSet<>();
        FeedRequest feed =
                api.feed(SOURCE)
                        .with("tables", "items.t")
                        .with("transactions", true)
                        .with("heartbeats", "ids");
        for (String format : new String[] {"fustor", "debezium"}) {
            FeedRequest formed = feed.with("format", format).with("until", "now");
            String change = format.equals("fustor") ? "change" : "debezium_change";
            check(formed.after(start), change, seen);
            check(formed.ndjson().after(start), change, seen);
            check(formed.with("snapshot", "initial"), change, seen);
            check(formed.ndjson().with("snapshot", "initial"), change, seen);
        }
        assertThat(seen)
                .contains(
                        "change",
                        "debezium_change",
                        "commit",
                        "truncate",
                        "schema_changed",
                        "snapshot_started",
                        "snapshot_completed",
                        "heartbeat",
                        "end");
    }

    private void check(FeedRequest feed, String change, Set<String> seen) {
        try (FeedClient client = feed.open()) {
            Frame frame;
            do {
                frame = client.frame();
                String data = frame.data();
                if (data != null) {
                    String name = frame.event().isEmpty() ? change : frame.event();
                    seen.add(name);
                    assertThat(schema(name).validate(data, InputFormat.JSON)).as(data).isEmpty();
                    ObjectNode more = (ObjectNode) ChangeEvent.JSON.readTree(data);
                    more.put("unknown", 1);
                    assertThat(schema(name).validate(more.toString(), InputFormat.JSON))
                            .isNotEmpty();
                }
            } while (!frame.isControl("end"));
        }
    }

    @Test
    void bothDocumentsHaveTheSameItems() {
        JsonNode of = asyncApi.at("/components/schemas");
        assertThat(of.size()).isEqualTo(12);
        for (String name : of.propertyNames()) {
            JsonNode same = openApi.at("/components/schemas/" + name);
            assertThat(same.path("required").valueStream().map(JsonNode::asString).sorted())
                    .as(name)
                    .isEqualTo(
                            of.path(name)
                                    .path("required")
                                    .valueStream()
                                    .map(JsonNode::asString)
                                    .sorted()
                                    .toList());
            assertThat(same.path("properties").propertyNames())
                    .as(name)
                    .containsExactlyInAnyOrderElementsOf(
                            of.path(name).path("properties").propertyNames());
        }
        JsonNode lines =
                openApi.at(
                        "/paths/~1api~1sources~1{id}~1events/get/responses/200/content/application~1x-ndjson/schema");
        assertThat(last(lines.path("contentSchema"))).isEqualTo("StreamItem");
        assertThat(openApi.at("/components/schemas/StreamItem/anyOf")).hasSize(12);
    }

    @Test
    void anyCallerMayReadTheDocument() {
        try (LocalService secured =
                LocalService.start(
                        Map.of(
                                "fustor.security.tokens[0]",
                                        "ops:admin:a-secret-of-an-administrator",
                                "server.address", "127.0.0.1"))) {
            Answer answer = secured.get("/v3/asyncapi");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.json()).isEqualTo(asyncApi);
        }
    }
}
