package io.fustor.source.mysql.wizard;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// From an address and an administrator's password to a change, as the interface goes: and neither
/// password is found anywhere afterwards.
class WizardToFeedIT {

    private static final String AGENT = "agent 'of' \u7528\u6237";
    private static final String PASSWORD = "Agents-s3cret-Passw0rd";
    private static final String WRONG = "Wr0ng-but-secret-too";

    private final List<String> answers = new ArrayList<>();

    @Test
    void wizardEndsInASourceWhoseFeedDeliversAChange(@TempDir Path dataDir) throws IOException {
        try (var mysql = TestMySql.start();
                var service = ServiceProcess.start(dataDir, Map.of())) {
            mysql.execute(
                    "CREATE DATABASE shop",
                    "CREATE TABLE shop.orders (id INT PRIMARY KEY, total DECIMAL(9,2))");
            var api = new ServiceApi(service.uri("/"));
            var wizard = api.get("/api/drivers/sources/mysql/wizard").expect(200).json();
            Map<String, Object> form = new TreeMap<>();
            form.put("uri", mysql.uri());
            form.put("admin_creds", Map.of("user", mysql.user(), "passwd", mysql.password()));
            form.put("credential", Map.of("user", AGENT, "passwd", PASSWORD));

            JsonNode fields = null;
            for (var step : wizard.path("steps")) {
                for (var action : step.path("validations")) {
                    var answer = act(api, action.asString(), form);
                    assertThat(answer.path("success").asBoolean())
                            .as(action.asString() + ": " + answer)
                            .isTrue();
                    fields = answer.has("fields") ? answer.path("fields") : fields;
                }
            }
            save(api, form, fields);
            fail(api, form);
            assertThat(
                            api.get("/api/drivers/sources/shop/_actions/get_available_fields")
                                    .json()
                                    .path("properties")
                                    .propertyNames())
                    .containsExactlyInAnyOrder("shop.orders.id", "shop.orders.total");
            try (var client = api.feed("shop").open()) {
                client.hello();
                mysql.execute("INSERT INTO shop.orders VALUES (1, 12.30)");
                var change = client.change();
                assertThat(change.table()).endsWith("orders");
                assertThat(change.row(0).path("id").asInt()).isEqualTo(1);
                answers.add(String.valueOf(change.json()));
            }
            for (var path :
                    List.of(
                            "/api/configs/",
                            "/api/sources",
                            "/api/instances/status",
                            "/v3/api-docs",
                            "/openapi.json",
                            "/actuator/health",
                            "/actuator/prometheus",
                            "/actuator/info")) {
                answers.add(api.get(path).body());
            }
            service.terminate();
            answers.add(service.log());
            assertNoSecret(mysql, dataDir);
        }
    }

    private void save(ServiceApi api, Map<String, Object> form, JsonNode fields) {
        var config =
                Map.of(
                        "driver",
                        "mysql",
                        "uri",
                        form.get("uri"),
                        "credential",
                        form.get("credential"));
        var saved =
                api.post(
                        "/api/configs/sources/shop",
                        Map.of("config", config, "discovered_fields", fields));
        answers.add(saved.expect(201).body());
    }

    /// Failures say much; they are looked through too.
    private void fail(ServiceApi api, Map<String, Object> form) {
        var wrong = new TreeMap<>(form);
        wrong.put("admin_creds", Map.of("user", "root", "passwd", WRONG));
        wrong.put("credential", Map.of("user", AGENT, "passwd", WRONG));
        for (var action :
                List.of(
                        "test_connection",
                        "check_params",
                        "discover_fields_no_cache",
                        "create_agent_user",
                        "check_privileges")) {
            act(api, action, wrong);
        }
        wrong.put("admin_creds", form.get("admin_creds"));
        assertThat(act(api, "create_agent_user", wrong).path("success").asBoolean()).isFalse();
        wrong.put("credential", PASSWORD);
        act(api, "create_agent_user", wrong);
    }

    private JsonNode act(ServiceApi api, String action, Map<String, Object> form) {
        var answer = api.post("/api/drivers/sources/mysql/_actions/" + action, form);
        answers.add(answer.body());
        return answer.json();
    }

    private void assertNoSecret(TestMySql mysql, Path dataDir) throws IOException {
        try (var files = Files.walk(dataDir)) {
            files.filter(Files::isRegularFile).map(WizardToFeedIT::content).forEach(answers::add);
        }
        assertThat(answers).hasSizeGreaterThan(20);
        for (var secret : List.of(mysql.password(), PASSWORD, WRONG)) {
            assertThat(answers).noneMatch(text -> text.contains(secret));
        }
    }

    private static String content(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
