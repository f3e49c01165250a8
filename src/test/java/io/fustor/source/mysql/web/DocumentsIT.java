package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.LocalService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
        assertThat(document.path("paths").propertyNames())
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
                .doesNotContain("/error");
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
        assertThat(schema("SourceConfig").at("/properties/driver_params/type").asString())
                .isEqualTo("object");
        assertThat(schema("Status").at("/properties/event_buses/type").asString())
                .isEqualTo("object");
    }

    @Test
    void saysHowEveryOperationFails() {
        for (JsonNode path : document.path("paths")) {
            for (JsonNode operation : path) {
                assertThat(
                                operation
                                        .path("responses")
                                        .path("default")
                                        .path("content")
                                        .path("application/problem+json")
                                        .at("/schema/$ref")
                                        .asString())
                        .isEqualTo("#/components/schemas/Problem");
            }
        }
        assertThat(schema("Problem").path("properties").propertyNames())
                .containsExactlyInAnyOrder("type", "title", "status", "detail", "instance");
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
