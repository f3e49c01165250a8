package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.Codes;
import io.fustor.source.mysql.support.LocalService;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// The document of the interface.
class DocumentsIT {

    private static LocalService service;
    private static JsonNode document;

    @BeforeAll
    static void start() {
        service =
                LocalService.start(
                        Map.of(
                                "fustor.sources.shop.uri", "127.0.0.1:1",
                                "fustor.sources.shop.credential.user", "u",
                                "fustor.sources.shop.credential.passwd", "hush-hush"));
        document = service.get("/v3/api-docs").json();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void isTheSameWhereFustorLooksForIt() {
        var answer = service.get("/openapi.json");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).startsWith("application/json");
        assertThat(answer.json()).isEqualTo(document);
    }

    @Test
    void describesEveryPath() {
        assertThat(List.copyOf(document.path("paths").propertyNames()))
                .contains(
                        "/api/configs",
                        "/api/configs/sources",
                        "/api/configs/sources/{id}",
                        "/api/configs/sources/{id}/_actions/enable",
                        "/api/configs/sources/{id}/_actions/disable",
                        "/api/configs/sources/{id}/_actions/discover_and_cache_fields",
                        "/api/configs/sources/_actions/cleanup",
                        "/api/drivers",
                        "/api/drivers/sources/{id}/_actions/get_available_fields",
                        "/api/instances/status",
                        "/api/instances/sources/{id}/_actions/start",
                        "/api/instances/sources/{id}/_actions/stop",
                        "/api/session",
                        "/api/sources/{id}/events")
                .doesNotContain("/error")
                .isSorted()
                .noneMatch(path -> path.endsWith("/"))
                .noneMatch(path -> path.contains("sync") || path.contains("pushers"))
                .doesNotContain("/api/drivers/sources/{id}/_actions/discover_and_cache_fields");
    }

    @Test
    void namesFieldsAsAnswersDo() {
        var names = new ArrayList<String>();
        document.path("components")
                .path("schemas")
                .forEach(schema -> names.addAll(schema.path("properties").propertyNames()));

        assertThat(names)
                .contains("max_queue_size", "passwd_set", "event_buses", "admin_creds")
                .allMatch(name -> name.equals(name.toLowerCase(java.util.Locale.ROOT)));
    }

    @Test
    void describesMapsAsObjects() {
        for (String field :
                List.of(
                        "SourceConfig/driver_params",
                        "SourceConfigView/driver_params",
                        "WizardRequest/driver_params",
                        "WizardDefinition/components",
                        "WizardStep/schema",
                        "InstanceStatus/event_buses")) {
            var type = schema(field.split("/")[0]).at("/properties/" + field.split("/")[1]);
            assertThat(type.path("type").toString()).as(field).contains("object");
        }
    }

    @Test
    void saysWhatMayBeNull() {
        assertThat(schema("Checkpoint").at("/properties/available/type").toString())
                .isEqualTo("[\"boolean\",\"null\"]");
        assertThat(schema("Checkpoint").path("required").toString())
                .contains("consumer")
                .doesNotContain("available");
        assertThat(schema("Source").at("/properties/error/oneOf").toString())
                .contains("SourceError", "\"null\"");
    }

    @Test
    void namesEveryCode() {
        assertThat(schema("Problem").path("properties").propertyNames())
                .containsExactlyInAnyOrder("type", "title", "status", "detail", "instance", "code");
        assertThat(schema("Problem").at("/properties/code/$ref").asString())
                .isEqualTo("#/components/schemas/ProblemCode");
        assertThat(schema("Problem").path("required")).map(JsonNode::asString).contains("code");
        assertThat(schema("ProblemCode").path("enum"))
                .map(JsonNode::asString)
                .containsExactlyInAnyOrderElementsOf(Codes.all());
        assertThat(schema("FailureCode").path("enum"))
                .map(JsonNode::asString)
                .containsExactly(
                        Arrays.stream(FailureCode.values()).map(Enum::name).toArray(String[]::new));
        assertThat(description("/components/responses/Unavailable")).contains("TABLE_LOCKED");
        assertThat(description("/paths/~1api~1sources~1{id}~1events/get/responses/410"))
                .contains("POSITION_PURGED")
                .doesNotContain("TABLE_LOCKED", "INCIDENT");
        assertThat(description("/paths/~1api~1sources~1{id}~1events/get/responses/409"))
                .contains("BINLOG_DISABLED", "INCIDENT");
    }

    private static String description(String pointer) {
        return document.at(pointer).path("description").asString();
    }

    @Test
    void saysHowToShowAToken() {
        assertThat(document.at("/components/securitySchemes/bearer/scheme").asString())
                .isEqualTo("bearer");
        assertThat(document.at("/components/securitySchemes/session/in").asString())
                .isEqualTo("cookie");
    }

    @Test
    void saysWhichRoleAnOperationWants() {
        assertThat(security("get", "/api/sources/{id}/events"))
                .isEqualTo("[{\"bearer\":[\"reader\"]},{\"session\":[\"reader\"]}]");
        assertThat(security("put", "/api/sources/{id}/checkpoints/{consumer}")).contains("reader");
        assertThat(security("post", "/api/configs/sources/{id}"))
                .isEqualTo("[{\"bearer\":[\"admin\"]},{\"session\":[\"admin\"]}]");
        assertThat(security("post", "/api/session")).isEqualTo("[{}]");
    }

    @Test
    void documentsExactlyTheValuesThatAFeedTakes() {
        for (JsonNode parameter : parametersOf("/api/sources/{id}/events")) {
            var name = parameter.path("name").asString();
            var values = new ArrayList<String>();
            parameter.at("/schema/enum").forEach(value -> values.add(value.asString()));
            if (!values.isEmpty()) {
                assertThat(refusal(name, "nonsense"))
                        .isEqualTo(name + " takes " + String.join(", ", new TreeSet<>(values)));
                assertThat(values)
                        .contains(parameter.at("/schema/default").asString())
                        .allMatch(isTaken(name));
            }
        }
        assertThat(parameter("ops").at("/schema/items/enum"))
                .map(JsonNode::asString)
                .containsExactly("insert", "update", "delete")
                .allMatch(isTaken("ops"));
        assertThat(refusal("ops", "truncate")).contains("insert, update and delete");
        assertThat(parameter("transactions").at("/schema/type").asString()).isEqualTo("boolean");
        assertThat(List.of("true", "false")).allMatch(isTaken("transactions"));
        assertThat(refusal("transactions", "1")).contains("false, true");
    }

    @Test
    void documentsTheBoundsOfNumbers() {
        int least = parameter("batch").at("/schema/minimum").asInt();
        int most = parameter("batch").at("/schema/maximum").asInt();

        assertThat(List.of("" + least, "" + most)).allMatch(isTaken("batch"));
        assertThat(refusal("batch", "" + (least - 1))).contains("from " + least + " to " + most);
        assertThat(refusal("batch", "" + (most + 1))).contains("from " + least + " to " + most);
        var limit = parameter("/api/sources/{id}/checkpoints", "limit").path("schema");
        assertThat(page(limit.path("minimum").asInt()).status()).isEqualTo(200);
        assertThat(page(limit.path("maximum").asInt()).status()).isEqualTo(200);
        assertThat(page(limit.path("minimum").asInt() - 1).status()).isEqualTo(400);
        assertThat(page(limit.path("maximum").asInt() + 1).status()).isEqualTo(400);
    }

    private static Answer page(int limit) {
        return service.get("/api/sources/shop/checkpoints?limit=" + limit);
    }

    /// The source is looked for after the parameters were read.
    private static Predicate<String> isTaken(String parameter) {
        return value -> feed(parameter, value).status() == 404;
    }

    private static String refusal(String parameter, String value) {
        var answer = feed(parameter, value);
        assertThat(answer.status()).as("%s=%s", parameter, value).isEqualTo(400);
        return answer.detail();
    }

    private static Answer feed(String parameter, String value) {
        return service.get("/api/sources/none/events?" + parameter + "=" + value);
    }

    private static JsonNode parametersOf(String path) {
        return document.path("paths").path(path).path("get").path("parameters");
    }

    private static JsonNode parameter(String name) {
        return parameter("/api/sources/{id}/events", name);
    }

    private static JsonNode parameter(String path, String name) {
        for (JsonNode parameter : parametersOf(path)) {
            if (parameter.path("name").asString().equals(name)) {
                return parameter;
            }
        }
        throw new AssertionError("no parameter " + name);
    }

    @Test
    void holdsNoSecrets() {
        assertThat(document.toString()).doesNotContain("hush-hush");
    }

    @Test
    void isShownBySwaggerUi() {
        assertThat(service.get("/swagger-ui.html").header("Location"))
                .isEqualTo("/swagger-ui/index.html");
        for (var file : List.of("index.html", "swagger-ui-bundle.js", "swagger-initializer.js")) {
            assertThat(service.get("/swagger-ui/" + file).status()).isEqualTo(200);
        }
        assertThat(service.get("/v3/api-docs/swagger-config").json().path("url").asString())
                .isEqualTo("/v3/api-docs");
    }

    private static String security(String method, String path) {
        return document.path("paths").path(path).path(method).path("security").toString();
    }

    private static JsonNode schema(String name) {
        return document.path("components").path("schemas").path(name);
    }
}
