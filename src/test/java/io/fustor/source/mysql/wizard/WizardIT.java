package io.fustor.source.mysql.wizard;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.FakeMySql;
import io.fustor.source.mysql.support.FakeServer;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.TestMySql;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The wizard as the interface calls it.
class WizardIT {

    private static final String PASSWORD = "An-agents-Passw0rd";
    private static final TestMySql MYSQL = TestMySql.shared();

    private static LocalService service;

    @BeforeAll
    static void start() {
        MYSQL.execute(
                "DROP DATABASE IF EXISTS wizard_it",
                "CREATE DATABASE wizard_it",
                """
                CREATE TABLE wizard_it.orders (
                    id BIGINT UNSIGNED AUTO_INCREMENT,
                    region CHAR(2),
                    total DECIMAL(12,2) UNSIGNED NOT NULL COMMENT 'with "tax"',
                    twice DECIMAL(13,2) AS (total * 2) STORED,
                    hidden INT INVISIBLE,
                    PRIMARY KEY (region, id), KEY (id))
                """,
                "CREATE VIEW wizard_it.v AS SELECT id FROM wizard_it.orders",
                "DROP USER IF EXISTS 'wizard-agent'@'%'");
        service = LocalService.start(Map.of("fustor.mysql.connect-timeout", "2s"));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void definitionIsWhatTheInterfaceReads() {
        var wizard = service.get("/api/drivers/sources/mysql/wizard").json();

        var steps = wizard.path("steps");
        assertThat(steps.size()).isEqualTo(2);
        var connection = steps.get(0);
        assertThat(connection.path("step_id").asString()).isEqualTo("connection");
        assertThat(connection.path("title").asString()).isEqualTo("Connect to MySQL");
        assertThat(texts(connection.path("validations")))
                .containsExactly("test_connection", "check_params", "discover_fields_no_cache");
        var properties = connection.at("/schema/properties");
        assertThat(properties.propertyNames()).containsExactly("uri", "admin_creds");
        assertThat(texts(connection.at("/schema/required"))).containsExactly("uri", "admin_creds");
        assertThat("db.example.org:3306").matches(properties.at("/uri/pattern").asString());
        assertThat("[::1]:3306").matches(properties.at("/uri/pattern").asString());
        assertThat("db.example.org").doesNotMatch(properties.at("/uri/pattern").asString());
        assertThat(properties.at("/admin_creds/description").asString()).contains("Never saved");
        var agent = steps.get(1);
        assertThat(agent.path("step_id").asString()).isEqualTo("agent_setup");
        assertThat(texts(agent.path("validations")))
                .containsExactly("create_agent_user", "check_privileges");
        var credential = agent.at("/schema/properties/credential");
        assertThat(credential.path("$ref").asString())
                .isEqualTo(credential.at("/oneOf/0/$ref").asString())
                .isEqualTo("#/components/schemas/PasswdCredential");
        assertThat(credential.path("oneOf").size()).isEqualTo(1);
        var login = wizard.at("/components/schemas/PasswdCredential");
        assertThat(login.at("/properties/user/type").asString()).isEqualTo("string");
        assertThat(login.at("/properties/passwd/format").asString()).isEqualTo("password");
        assertThat(texts(login.path("required"))).containsExactly("user");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "zh-CN | 连接 MySQL",
                "zh | 连接 MySQL",
                "fr;q=1, zh-Hans-CN;q=0.8, en;q=0.5 | 连接 MySQL",
                "en-GB, zh;q=0.9 | Connect to MySQL",
                "fr | Connect to MySQL",
                "* | Connect to MySQL",
                "x;;=;q=a | Connect to MySQL"
            })
    void speaksTheCallersLanguage(String accepted, String title) {
        var answer = service.get("/api/drivers/sources/mysql/wizard", "Accept-Language", accepted);

        assertThat(answer.json().at("/steps/0/title").asString()).isEqualTo(title);
    }

    @ParameterizedTest
    @ValueSource(strings = {"wizard", "_actions/test_connection"})
    void unknownDriverIsNotFound(String path) {
        var answer =
                service.send(
                        path.equals("wizard") ? "GET" : "POST",
                        "/api/drivers/sources/oracle/" + path,
                        path.equals("wizard") ? null : "{}");

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.detail()).contains("oracle");
    }

    @Test
    void connectionTestSaysWhoTheServerIs() {
        var answer = act("test_connection", body(MYSQL.uri(), "root", MYSQL.password()));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("success").asBoolean()).isTrue();
        assertThat(answer.json().path("message").asString())
                .startsWith("Connected to " + MYSQL.uri() + ": MySQL ")
                .contains("round trip");
    }

    @Test
    void connectionTestSaysWhoIsDenied() {
        var answer = act("test_connection", body(MYSQL.uri(), "root", "wrong-Passw0rd"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.detail())
                .contains("denied access", "'root'@'")
                .doesNotContain("wrong-Passw0rd");
        assertThat(
                        act(
                                        "test_connection",
                                        body(MYSQL.uri(), "root", "wrong-Passw0rd"),
                                        "Accept-Language",
                                        "zh-CN")
                                .detail())
                .startsWith("访问被拒绝：");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "no-such-host.invalid:3306 | is unknown",
                "127.0.0.1:1 | refused",
                "169.254.169.254:3306 | fustor.wizard.allowed-hosts",
                "[::ffff:169.254.169.254]:3306 | fustor.wizard.allowed-hosts"
            })
    void connectionTestSaysWhatHindersIt(String uri, String detail) {
        var answer = act("test_connection", body(uri, "root", "x"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.detail()).contains(detail);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | uri is missing",
                "{\"uri\": \"\"} | uri is missing",
                "{\"uri\": \"db\"} | uri must be host:port",
                "{\"uri\": \"db:99999\", \"admin_creds\": {\"user\": \"x\"}} | port",
                "{\"uri\": \"db:1?allowLoadLocalInfile=true\"} | uri must be host:port",
                "{\"uri\": \"db:3306\"} | admin_creds is missing",
                "{\"uri\": \"db:3306\", \"admin_creds\": {\"user\": \" \"}} | admin_creds.user",
                "{\"uri\": \"db:3306\", \"admin_creds\": \"x\"} | admin_creds",
                "{\"uri\": 5, | line 1"
            })
    void namesTheFieldThatIsWrong(String body, String detail) {
        var answer = act("test_connection", body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.detail()).contains(detail);
    }

    @Test
    void connectionTestEndsInTimeWhateverTheOtherEndDoes() {
        var endings =
                List.<FakeServer.Conversation>of(
                        (_, _) -> FakeMySql.stall(),
                        (_, out) -> {
                            out.write(FakeMySql.greeting());
                            FakeMySql.stall();
                        },
                        (in, out) -> {
                            FakeMySql.letIn(in, out);
                            FakeMySql.stall();
                        },
                        (in, out) -> {
                            FakeMySql.letIn(in, out);
                            while (true) {
                                FakeMySql.read(in);
                                out.write(FakeMySql.ok(1));
                            }
                        });
        for (var ending : endings) {
            try (var server = FakeServer.start(ending)) {
                long start = System.nanoTime();
                var answer = act("test_connection", body("127.0.0.1:" + server.port(), "a", "b"));

                assertThat(Duration.ofNanos(System.nanoTime() - start))
                        .isLessThan(Duration.ofSeconds(8));
                assertThat(answer.status()).isEqualTo(400);
            }
        }
    }

    @Test
    void serverThatAsksForALocalFileGetsNone(@TempDir Path folder) throws Exception {
        var file = Files.writeString(folder.resolve("secret"), "contents-of-a-local-file");
        var sent = new ConcurrentLinkedQueue<String>();
        try (var server =
                FakeServer.start(
                        (in, out) -> {
                            FakeMySql.letIn(in, out);
                            while (true) {
                                sent.add(
                                        new String(
                                                FakeMySql.read(in), StandardCharsets.ISO_8859_1));
                                out.write(FakeMySql.fileRequest(file.toString()));
                            }
                        })) {
            for (var action : List.of("test_connection", "check_params", "create_agent_user")) {
                act(action, body("127.0.0.1:" + server.port(), "a", "b"));
            }
        }
        assertThat(sent).isNotEmpty().noneMatch(text -> text.contains("contents-of-a-local-file"));
    }

    @Test
    void furtherCallsAreTurnedAway() throws Exception {
        var arrived = new Semaphore(0);
        var release = new CountDownLatch(1);
        try (var server =
                FakeServer.start(
                        (_, _) -> {
                            arrived.release();
                            release.await();
                        })) {
            var body = body("127.0.0.1:" + server.port(), "a", "b");
            var busy = new ArrayList<CompletableFuture<Answer>>();
            for (int i = 0; i < WizardGate.AT_A_TIME; i++) {
                busy.add(CompletableFuture.supplyAsync(() -> act("test_connection", body)));
                arrived.acquire();
            }
            var further = act("test_connection", body);
            release.countDown();

            assertThat(further.status()).isEqualTo(429);
            assertThat(further.header("Retry-After")).isEqualTo("2");
            for (var call : busy) {
                assertThat(call.get().status()).isEqualTo(400);
            }
        }
    }

    @Test
    void discoveryDescribesEveryColumn() {
        var answer = act("discover_fields_no_cache", body(MYSQL.uri(), "root", MYSQL.password()));

        assertThat(answer.status()).isEqualTo(200);
        var properties = answer.json().at("/fields/properties");
        assertThat(properties.propertyNames())
                .contains(
                        "wizard_it.orders.id", "wizard_it.orders.twice", "wizard_it.orders.hidden")
                .noneMatch(name -> name.startsWith("wizard_it.v."))
                .noneMatch(name -> name.startsWith("mysql."));
        var total = properties.path("wizard_it.orders.total");
        assertThat(total.path("type").asString()).isEqualTo("number");
        assertThat(total.path("mysql_type").asString()).isEqualTo("decimal(12,2) unsigned");
        assertThat(total.path("column_index").asInt()).isEqualTo(2);
        assertThat(total.path("nullable").asBoolean()).isFalse();
        assertThat(total.path("primary_key").isNull()).isTrue();
        assertThat(total.path("comment").asString()).isEqualTo("with \"tax\"");
        assertThat(properties.at("/wizard_it.orders.id/primary_key").asInt()).isEqualTo(2);
        assertThat(properties.at("/wizard_it.orders.region/primary_key").asInt()).isEqualTo(1);
    }

    @Test
    void discoverySaysWhatHindersIt() {
        assertThat(act("discover_fields_no_cache", body(MYSQL.uri(), "root", "wrong")).status())
                .isEqualTo(400);
    }

    @Test
    void otherActionsAnswerAFailureAsAnAnswer() {
        for (var action : List.of("check_params", "create_agent_user", "check_privileges")) {
            var answer = act(action, body("127.0.0.1:1", "root", "x"));

            assertThat(answer.status()).as(action).isEqualTo(200);
            assertThat(answer.json().path("success").asBoolean()).isFalse();
            assertThat(answer.json().path("message").asString()).contains("refused");
        }
    }

    @Test
    void hostThatTheRuleForbidsIsRefused() {
        try (var strict =
                LocalService.start(
                        Map.of("fustor.wizard.allowed-hosts", "*.example.org,10.0.0.0/8"))) {
            var answer =
                    strict.post(
                            "/api/drivers/sources/mysql/_actions/test_connection",
                            body(MYSQL.uri(), "root", MYSQL.password()));

            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.detail()).contains("fustor.wizard.allowed-hosts");
        }
    }

    /// Body of an action, with an agent that is not there yet.
    private static String body(String uri, String user, String password) {
        return JsonMapper.shared()
                .writeValueAsString(
                        Map.of(
                                "uri",
                                uri,
                                "admin_creds",
                                Map.of("user", user, "passwd", password),
                                "credential",
                                Map.of("user", "wizard-agent", "passwd", PASSWORD),
                                "driver_params",
                                Map.of("tables", "wizard_it.*"),
                                "unknown_field",
                                1));
    }

    private static Answer act(String action, String body, String... headers) {
        return service.post("/api/drivers/sources/mysql/_actions/" + action, body, headers);
    }

    private static List<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asString).collect(Collectors.toList());
    }
}
