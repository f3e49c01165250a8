package io.fustor.source.mysql.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.FakeMySql;
import io.fustor.source.mysql.support.FakeServer;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.TestMySql;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Fustor's interface for configurations and instances.
class ConfigsIT {

    private static final String SECRET = "a-password-never-seen";
    private static final TestMySql MYSQL = TestMySql.shared();

    private static LocalService service;

    @BeforeAll
    static void start() {
        MYSQL.execute(
                "DROP DATABASE IF EXISTS configs_it",
                "CREATE DATABASE configs_it",
                "CREATE TABLE configs_it.orders (id BIGINT UNSIGNED PRIMARY KEY, name VARCHAR(9))");
        service =
                LocalService.start(
                        Map.of(
                                "fustor.agent-id", "agent-1",
                                "fustor.sources.declared.driver_type", "mysql",
                                "fustor.sources.declared.uri", MYSQL.uri(),
                                "fustor.sources.declared.credential.user", "a-user",
                                "fustor.sources.declared.credential.passwd", SECRET));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/configs", "/api/configs/"})
    void listsEverythingInBothSpellings(String path) {
        var answer = service.get(path);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().propertyNames())
                .containsExactlyInAnyOrder("sources", "pushers", "syncs");
        assertThat(answer.json().at("/sources/declared/uri").asString()).isEqualTo(MYSQL.uri());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/drivers", "/api/drivers/"})
    void listsTheDriversInBothSpellings(String path) {
        assertThat(service.get(path).body()).isEqualTo("{\"sources\":[\"mysql\"],\"pushers\":[]}");
    }

    @Test
    void storesASourceAndNeverShowsItsPassword() {
        var created = service.post("/api/configs/sources/created", config("created-user"));

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.json().path("id").asString()).isEqualTo("created");
        var config = created.json().path("config");
        assertThat(config.at("/credential/user").asString()).isEqualTo("created-user");
        assertThat(config.path("credential").has("passwd")).isFalse();
        assertThat(config.at("/credential/passwd_set").asBoolean()).isTrue();
        assertThat(config.path("driver").asString()).isEqualTo("mysql");
        assertThat(config.path("max_queue_size").asInt()).isEqualTo(1000);
        assertThat(config.path("max_retries").asInt()).isEqualTo(10);
        assertThat(config.path("retry_delay_sec").asInt()).isEqualTo(5);
        assertThat(config.path("disabled").asBoolean()).isFalse();
        assertThat(config.path("driver_params").isEmpty()).isTrue();
        assertThat(config.path("read_only").asBoolean()).isFalse();
        assertThat(service.get("/api/configs/sources").json().path("created")).isEqualTo(config);
        assertThat(created.body() + service.get("/api/configs").body()).doesNotContain(SECRET);
    }

    @Test
    void saysAtOnceWhetherASavedSourceCanBeCaptured() {
        var capture = TestMySql.CAPTURE;
        var saved = save("checked", MYSQL.uri(), capture.user(), capture.password());
        assertThat(saved.status()).isEqualTo(201);
        assertThat(saved.json().at("/check/success").asBoolean()).as(saved.body()).isTrue();
        assertThat(saved.json().at("/check/message").asString()).contains("checks passed");
        assertThat(saved.json().at("/check/checks/0/name").asString()).isEqualTo("log_bin");

        var denied = save("denied", MYSQL.uri(), "another-user", SECRET);
        assertThat(denied.status()).isEqualTo(201);
        assertThat(denied.json().at("/check/success").asBoolean(true)).isFalse();
        assertThat(denied.json().at("/check/message").asString()).contains("denied access");
        assertThat(denied.json().at("/check/checks").isArray()).isTrue();
        var changed = service.send("PUT", "/api/configs/sources/denied", change("127.0.0.1:1", 3));
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.json().at("/check/message").asString()).contains("refused");

        var unfit =
                service.post(
                        "/api/configs/sources/unfit",
                        config("u").replace("}}", "},\"driver_params\":{\"tables\":5}}"));
        assertThat(unfit.status()).isEqualTo(201);
        assertThat(unfit.json().at("/check/message").asString()).contains("driver_params");
    }

    /// The service's own patience with a server is longer.
    @Test
    void saysWithinSecondsThatAServerDoesNotAnswer() throws Exception {
        try (var server = FakeServer.start((_, _) -> FakeMySql.stall())) {
            long start = System.nanoTime();
            var saved = save("stalled", "127.0.0.1:" + server.port(), "u", "p");

            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofSeconds(4), Duration.ofSeconds(8));
            assertThat(saved.status()).isEqualTo(201);
            assertThat(saved.json().at("/check/success").asBoolean(true)).isFalse();
            assertThat(saved.json().at("/check/message").asString())
                    .contains("did not answer", "5 s");
            assertThat(service.delete("/api/configs/sources/stalled").status()).isEqualTo(204);
        }
    }

    @Test
    void saysAllPrivilegesThatAreMissingWithOneStatementAndNeverSuper() {
        MYSQL.execute(
                "DROP USER IF EXISTS 'bare'@'%'",
                "CREATE USER 'bare'@'%' IDENTIFIED BY '" + SECRET + "'");
        var grant = "GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'bare'@'%'";

        var saved = save("bare", MYSQL.uri(), "bare", SECRET);

        assertThat(saved.status()).isEqualTo(201);
        assertThat(saved.json().at("/check/message").asString())
                .containsOnlyOnce(grant)
                .doesNotContain("SUPER");
        await().untilAsserted(
                        () ->
                                assertThat(
                                                service.get("/api/sources/bare")
                                                        .json()
                                                        .at("/error/detail")
                                                        .asString())
                                        .endsWith(": " + grant));
        var refused = service.get("/api/sources/bare/events");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.detail()).endsWith(": " + grant).doesNotContain("SUPER");
        MYSQL.execute(grant);
        assertThat(
                        service.send("PUT", "/api/configs/sources/bare", config("bare"))
                                .json()
                                .at("/check/success")
                                .asBoolean())
                .isTrue();
        service.delete("/api/configs/sources/bare");
    }

    private static Answer save(String id, String uri, String user, String password) {
        return service.post(
                "/api/configs/sources/" + id,
                """
                {"config": {"uri": "%s", "credential": {"user": "%s", "passwd": "%s"}}}
                """
                        .formatted(uri, user, password));
    }

    @Test
    void changesASourceAndKeepsItsPasswordOnlyForTheSameServerAndUser() {
        service.post("/api/configs/sources/changed", config("changed-user"));
        String uri = MYSQL.uri();

        var kept = service.send("PUT", "/api/configs/sources/changed", change(uri, 3));
        assertThat(kept.status()).isEqualTo(200);
        assertThat(kept.json().at("/config/max_retries").asInt()).isEqualTo(3);
        assertThat(kept.json().at("/config/credential/passwd_set").asBoolean()).isTrue();
        var moved = service.send("PUT", "/api/configs/sources/changed", change("[::1]:3307", 3));
        assertThat(moved.json().at("/config/uri").asString()).isEqualTo("[::1]:3307");
        assertThat(moved.json().at("/config/credential/passwd_set").asBoolean()).isFalse();
        assertThat(service.send("PUT", "/api/configs/sources/changed", "{}").status())
                .isEqualTo(400);
        assertThat(service.send("PUT", "/api/configs/sources/absent", change(uri, 3)).status())
                .isEqualTo(404);
        service.delete("/api/configs/sources/changed");
    }

    private static String change(String uri, int retries) {
        return """
                {"config": {"uri": "%s", "credential": {"user": "changed-user"},
                            "max_retries": %d}}
                """
                .formatted(uri, retries);
    }

    @Test
    void keepsWhatTheConfigSays() {
        var created =
                service.post(
                        "/api/configs/sources/full",
                        """
                        {"config": {"driver": "mysql", "uri": "[::1]:3307",
                                    "credential": {"user": "u", "passwd": null},
                                    "max_queue_size": 5, "max_retries": 0, "retry_delay_sec": 1,
                                    "disabled": true, "unknown_field": [1],
                                    "driver_params": {"allow_brief_lock": true, "ratio": 0.5}}}
                        """);

        assertThat(created.status()).isEqualTo(201);
        var config = service.get("/api/configs/sources").json().path("full");
        assertThat(config.path("uri").asString()).isEqualTo("[::1]:3307");
        assertThat(config.at("/credential/passwd_set").asBoolean()).isFalse();
        assertThat(config.path("max_retries").asInt()).isZero();
        assertThat(config.path("disabled").asBoolean()).isTrue();
        assertThat(config.at("/driver_params/allow_brief_lock").asBoolean()).isTrue();
        assertThat(config.at("/driver_params/ratio").asDouble()).isEqualTo(0.5);
    }

    @Test
    void refusesATakenId() {
        service.post("/api/configs/sources/taken", config("u"));

        expect(409, "taken", service.post("/api/configs/sources/taken", config("u")));
        expect(409, "declared", service.post("/api/configs/sources/declared", config("u")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-a", ".a", "a%20b", "a@b", "%C3%A4"})
    void refusesAnIdOfAnotherForm(String id) {
        expect(400, "id", service.post("/api/configs/sources/" + id, config("u")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | config",
                "{\"config\": null} | config",
                "{\"config\": {\"credential\": {\"user\": \"u\"}}} | uri",
                "{\"config\": {\"uri\": \"db\", \"credential\": {\"user\": \"u\"}}} | uri",
                "{\"config\": {\"uri\": \"db:0\", \"credential\": {\"user\": \"u\"}}} | 65535",
                "{\"config\": {\"uri\": \"db:65536\", \"credential\": {\"user\": \"u\"}}} | 65535",
                "{\"config\": {\"uri\": \"db:1/x?a=b\", \"credential\": {\"user\": \"u\"}}} | uri",
                "{\"config\": {\"uri\": \"db:1\"}} | credential",
                "{\"config\": {\"uri\": \"db:1\", \"credential\": {}}} | credential.user",
                "{\"config\": {\"uri\": \"db:1\", \"credential\": {\"user\": \" \"}}} | credential.user",
                "{\"config\": {\"uri\": \"db:1\", \"credential\": {\"user\": \"u\"}, \"driver\": \"pg\"}} | driver",
                "{\"config\": {\"uri\": \"db:1\", \"credential\": {\"user\": \"u\"}, \"max_retries\": -1}} | max_retries",
                "{\"config\": {\"uri\": \"db:1\", \"credential\": {\"user\": \"u\"}, \"max_queue_size\": 0}} | max_queue_size",
                "{\"config\": {\"uri\": \"db:1\", \"credential\": {\"user\": \"u\"}, \"retry_delay_sec\": 0}} | retry_delay_sec",
                "{\"config\": {\"uri\": \"db:1\", \"credential\": {\"user\": \"u\"}, \"admin_creds\": {\"user\": \"root\"}}} | admin_creds",
                "{\"config\": {\"uri\": \"db:1\", \"credential\": {\"user\": \"u\"}, \"driver_params\": 5}} | driver_params"
            })
    void namesTheFieldThatIsWrong(String body, String named) {
        expect(400, named, service.post("/api/configs/sources/wrong", body));
        expect(404, "wrong", service.delete("/api/configs/sources/wrong"));
    }

    @Test
    void deletesASource() {
        service.post("/api/configs/sources/gone", config("u"));

        assertThat(service.delete("/api/configs/sources/gone").status()).isEqualTo(204);
        expect(404, "gone", service.delete("/api/configs/sources/gone"));
        assertThat(service.get("/api/configs/sources").json().has("gone")).isFalse();
    }

    @Test
    void disablesAndEnablesASource() {
        service.post("/api/configs/sources/switched", config("u"));

        assertThat(action("configs", "switched", "disable").json().path("message").asString())
                .contains("switched");
        assertThat(disabled("switched")).isTrue();
        expect(409, "enable", action("instances", "switched", "start"));
        assertThat(action("configs", "switched", "enable/").status()).isEqualTo(200);
        assertThat(disabled("switched")).isFalse();
        expect(404, "nothing", action("configs", "nothing", "enable"));
        expect(404, "nothing", action("configs", "nothing", "disable"));
    }

    @Test
    void startsAndStopsASource() {
        service.post("/api/configs/sources/stopped", config("u"));

        assertThat(action("instances", "stopped", "stop").status()).isEqualTo(200);
        assertThat(action("instances", "stopped", "stop").status()).isEqualTo(200);
        assertThat(bus("stopped").path("info").asString()).contains("stopped");
        expect(409, "_actions/start", service.get("/api/sources/stopped/events"));
        assertThat(action("instances", "stopped", "start").status()).isEqualTo(200);
        assertThat(bus("stopped").path("info").asString()).doesNotContain("stopped");
        expect(404, "nothing", action("instances", "nothing", "start"));
        expect(404, "nothing", action("instances", "nothing", "stop"));
    }

    @Test
    void showsWhatRuns() {
        var status = service.get("/api/instances/status").json();

        assertThat(status.path("agent_id").asString()).isEqualTo("agent-1");
        assertThat(status.path("sync_tasks").isObject()).isTrue();
        var bus = status.at("/event_buses/declared");
        assertThat(bus.path("id").asString()).isEqualTo("declared");
        assertThat(bus.path("source_name").asString()).isEqualTo("declared");
        assertThat(bus.path("info").isString()).isTrue();
        assertThat(bus.path("statistics").isObject()).isTrue();
        // Its user is none of the server's, which the first look finds within seconds.
        await().untilAsserted(
                        () -> {
                            assertThat(bus("declared").path("state").asString()).isEqualTo("ERROR");
                            assertThat(bus("declared").path("info").asString()).contains("denied");
                        });
    }

    @Test
    void showsAPipelineForEachSource() {
        service.post("/api/configs/sources/piped", config("u"));
        var status = service.get("/api/instances/status").json();

        assertThat(status.path("pipelines").size()).isEqualTo(status.path("event_buses").size());
        var pipeline = pipeline("piped");
        assertThat(pipeline.path("source_id").asString()).isEqualTo("piped");
        assertThat(pipeline.has("pusher_id")).isTrue();
        assertThat(pipeline.path("pusher_id").isNull()).isTrue();
        assertThat(pipeline.at("/bus_info/state").isString()).isTrue();
        assertThat(pipeline.at("/bus_info/statistics/events_produced").asInt(-1)).isZero();
        assertThat(pipeline.at("/bus_info/statistics/buffer_size").asInt(-1)).isZero();
        assertThat(pipeline.at("/sync_info/info").isString()).isTrue();
        assertThat(pipeline.at("/sync_info/statistics/events_pushed").asInt(-1)).isZero();
        // Its user is none of the server's, which the first look finds within seconds.
        await().until(() -> pipeline("piped").path("overall_status").asString().equals("ERROR"));
        assertThat(pipeline("piped").at("/sync_info/info").asString()).contains("denied");
        assertThat(summary("error_pipelines")).isPositive();
        assertThat(summary("outdated_pipelines")).isZero();
    }

    @Test
    void stopsAndStartsAPipelineAsItsSource() {
        service.post("/api/configs/sources/synced", config("u"));

        var stopped = service.post("/api/instances/syncs/synced/_actions/stop", null);
        assertThat(stopped.status()).isEqualTo(200);
        assertThat(stopped.json().path("message").asString()).contains("stopped");
        assertThat(pipeline("synced").path("overall_status").asString()).isEqualTo("STOPPED");
        assertThat(bus("synced").path("info").asString()).contains("stopped");
        expectSummaryOfPipelines();
        var started = service.post("/api/instances/syncs/synced/_actions/start", null);
        assertThat(started.status()).isEqualTo(200);
        assertThat(pipeline("synced").path("overall_status").asString())
                .isIn("MESSAGE_SYNC", "ERROR");
        expectSummaryOfPipelines();
        expect(404, "nothing", service.post("/api/instances/syncs/nothing/_actions/start", null));
    }

    @Test
    void speaksTheCallersLanguage() {
        service.post("/api/configs/sources/spoken", config("u"));
        String[] chinese = {"Accept-Language", "zh-CN"};

        assertThat(
                        service.post("/api/configs/sources/spoken/_actions/disable", null, chinese)
                                .json()
                                .path("message")
                                .asString())
                .isEqualTo("数据源 spoken 已禁用。");
        var refused = service.get("/api/sources/spoken/events", chinese);
        assertThat(refused.json().path("title").asString()).isEqualTo("冲突");
        assertThat(refused.detail()).startsWith("数据源 spoken 已禁用；");
        service.post("/api/configs/sources/spoken/_actions/enable", null);
        await().untilAsserted(
                        () -> {
                            var source = service.get("/api/sources/spoken", chinese).json();
                            assertThat(source.at("/error/detail").asString())
                                    .startsWith("访问被拒绝：")
                                    .contains("（" + MYSQL.uri() + " denied access");
                            assertThat(source.path("warnings").toString()).contains("无法提供服务");
                        });
    }

    @Test
    void answersWhatTheInterfaceAsksForBesidesSources() {
        assertThat(service.get("/api/logs").body()).isEqualTo("[]");
        var cleanup = service.post("/api/configs/pushers/_actions/cleanup", null).json();
        assertThat(cleanup.path("deleted_count").asInt()).isZero();
        assertThat(cleanup.path("deleted_ids").size()).isZero();
        for (var path :
                List.of(
                        "/api/configs/syncs/wizard",
                        "/api/configs/pushers",
                        "/api/drivers/pushers/http/wizard",
                        "/api/instances/pushers/x")) {
            expect(404, "/api/sources/{id}/events", service.get(path));
        }
    }

    @Test
    void showsADeclaredSourceAndChangesItNot() {
        var config = service.get("/api/configs/sources").json().path("declared");

        assertThat(config.path("read_only").asBoolean()).isTrue();
        assertThat(config.at("/credential/passwd_set").asBoolean()).isTrue();
        expect(409, "fustor.sources.declared", service.delete("/api/configs/sources/declared"));
        expect(409, "fustor.sources.declared", action("configs", "declared", "disable"));
        expect(409, "fustor.sources.declared", action("configs", "declared", "enable"));
        assertThat(action("instances", "declared", "stop").status()).isEqualTo(200);
        assertThat(action("instances", "declared", "start").status()).isEqualTo(200);
    }

    @Test
    void cleansUpDisabledSourcesWithoutConsumers() {
        service.post("/api/configs/sources/unused", config("u"));
        service.post("/api/configs/sources/used", config("u"));
        action("configs", "unused", "disable");

        var answer = service.post("/api/configs/sources/_actions/cleanup", null).json();

        assertThat(answer.path("deleted_ids").toString()).contains("unused");
        assertThat(answer.path("deleted_count").asInt())
                .isEqualTo(answer.path("deleted_ids").size());
        assertThat(answer.path("message").asString()).contains("unused");
        var left = service.get("/api/configs/sources").json();
        assertThat(left.has("unused")).isFalse();
        assertThat(left.has("used")).isTrue();
        assertThat(left.has("declared")).isTrue();
    }

    @Test
    void cachesTheFieldsThatComeWithASource() {
        var fields = "{\"properties\":{\"a.b.c\":{\"type\":\"integer\",\"comment\":\"Größe 价\"}}}";
        service.post(
                "/api/configs/sources/cached",
                config("u").replaceFirst("}$", ",\"discovered_fields\":" + fields + "}"));

        assertThat(fields("cached").body()).isEqualTo(fields);
        service.delete("/api/configs/sources/cached");
        service.post("/api/configs/sources/cached", config("u"));
        assertThat(fields("cached").body()).isEqualTo("{\"properties\":{}}");
        expect(404, "nothing", fields("nothing"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"configs", "drivers"})
    void asksTheServerForFieldsAndCachesThem(String area) {
        service.post("/api/configs/sources/asked-" + area, config("u"));
        var admin =
                "{\"admin_creds\": {\"user\": \"%s\", \"passwd\": \"%s\"}}"
                        .formatted(MYSQL.user(), MYSQL.password());

        var answer = discover(area, "asked-" + area, admin);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("message").asString()).contains("fields");
        var id = fields("asked-" + area).json().path("properties").path("configs_it.orders.id");
        assertThat(id.path("type").asString()).isEqualTo("integer");
        assertThat(id.path("mysql_type").asString()).isEqualTo("bigint unsigned");
    }

    @Test
    void asksTheServerAsOlderCallersSayIt() {
        var admin =
                "{\"admin_user\": \"%s\", \"admin_password\": \"%s\"}"
                        .formatted(MYSQL.user(), MYSQL.password());

        assertThat(discover("configs", "declared", admin).status()).isEqualTo(200);
    }

    @Test
    void saysWhyTheServerDidNotAnswer() {
        expect(400, "admin_creds", discover("configs", "declared", "{}"));
        var denied =
                discover(
                        "configs",
                        "declared",
                        "{\"admin_creds\": {\"user\": \"root\", \"passwd\": \"" + SECRET + "\"}}");
        expect(400, "denied", denied);
        assertThat(denied.body()).doesNotContain(SECRET);
        expect(
                404,
                "nothing",
                discover("configs", "nothing", "{\"admin_creds\": {\"user\": \"u\"}}"));
    }

    @Test
    void readsTheSameServerOnceForSourcesThatShareIt() {
        var sources = service.bean(Sources.class);
        service.post("/api/configs/sources/twin1", config("shared"));
        service.post("/api/configs/sources/twin2", config("shared"));
        service.post("/api/configs/sources/other", config("another-user"));

        var capture = sources.run("twin1").capture();
        assertThat(sources.run("twin2").capture()).isSameAs(capture);
        assertThat(sources.run("other").capture()).isNotSameAs(capture);

        action("instances", "twin1", "stop");
        assertThat(sources.run("twin2").capture()).isSameAs(capture);
        action("instances", "twin1", "start");
        assertThat(sources.run("twin1").capture()).isSameAs(capture);
    }

    private static String config(String user) {
        return "{\"config\":{\"driver\":\"mysql\",\"uri\":\"%s\",\"credential\":{\"user\":\"%s\",\"passwd\":\"%s\"}}}"
                .formatted(MYSQL.uri(), user, SECRET);
    }

    private static Answer action(String area, String id, String action) {
        return service.post("/api/" + area + "/sources/" + id + "/_actions/" + action, null);
    }

    private static Answer discover(String area, String id, String body) {
        return service.post(
                "/api/" + area + "/sources/" + id + "/_actions/discover_and_cache_fields", body);
    }

    private static Answer fields(String id) {
        return service.get("/api/drivers/sources/" + id + "/_actions/get_available_fields");
    }

    private static boolean disabled(String id) {
        return service.get("/api/configs/sources").json().path(id).path("disabled").asBoolean();
    }

    private static tools.jackson.databind.JsonNode bus(String id) {
        return service.get("/api/instances/status").json().path("event_buses").path(id);
    }

    private static tools.jackson.databind.JsonNode pipeline(String id) {
        for (var pipeline : service.get("/api/instances/status").json().path("pipelines")) {
            if (pipeline.path("id").asString().equals(id)) {
                return pipeline;
            }
        }
        throw new AssertionError("no pipeline " + id);
    }

    private static int summary(String name) {
        return service.get("/api/instances/status").json().at("/global_summary/" + name).asInt(-1);
    }

    /// By one answer, since the sources of other tests change between two.
    private static void expectSummaryOfPipelines() {
        var status = service.get("/api/instances/status").json();
        Map<String, Integer> counted = new HashMap<>();
        for (var pipeline : status.path("pipelines")) {
            counted.merge(pipeline.path("overall_status").asString(), 1, Integer::sum);
        }
        var summary = status.path("global_summary");
        assertThat(summary.path("running_pipelines").asInt(-1))
                .isEqualTo(counted.getOrDefault("MESSAGE_SYNC", 0));
        assertThat(summary.path("error_pipelines").asInt(-1))
                .isEqualTo(counted.getOrDefault("ERROR", 0));
    }

    private static void expect(int status, String named, Answer answer) {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        assertThat(answer.detail()).contains(named);
    }
}
