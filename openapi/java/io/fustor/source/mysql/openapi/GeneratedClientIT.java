package io.fustor.source.mysql.openapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.fustor.client.ApiClient;
import io.fustor.client.ApiException;
import io.fustor.client.api.CheckpointsApi;
import io.fustor.client.api.ConfigurationsApi;
import io.fustor.client.api.DriversApi;
import io.fustor.client.api.InstancesApi;
import io.fustor.client.api.SessionApi;
import io.fustor.client.api.SourcesApi;
import io.fustor.client.api.TablesApi;
import io.fustor.client.model.Change;
import io.fustor.client.model.CheckpointPosition;
import io.fustor.client.model.DebeziumChange;
import io.fustor.client.model.EventBus;
import io.fustor.client.model.FieldsDiscovery;
import io.fustor.client.model.NewSource;
import io.fustor.client.model.PasswdCredential;
import io.fustor.client.model.Problem;
import io.fustor.client.model.ProblemCode;
import io.fustor.client.model.Session;
import io.fustor.client.model.SessionOpening;
import io.fustor.client.model.Source;
import io.fustor.client.model.SourceConfig;
import io.fustor.client.model.Subscriber;
import io.fustor.client.model.WizardRequest;
import io.fustor.client.model.WizardStep;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.net.URI;
import java.util.List;
import java.util.Map;

/// The service as a client drives it that a generator made of nothing but the served document. It
/// refuses fields of an answer that the document does not have.
class GeneratedClientIT {

    private static final String PASSWORD = "Agents-s3cret-Passw0rd";
    private static final ObjectMapper JSON =
            ApiClient.createDefaultObjectMapper()
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private static final TestMySql MYSQL = TestMySql.shared();
    private static LocalService service;
    private static ApiClient client;

    @BeforeAll
    static void start() {
        MYSQL.execute(
                "CREATE DATABASE IF NOT EXISTS client",
                "CREATE TABLE IF NOT EXISTS client.orders (id INT PRIMARY KEY, total"
                    + " DECIMAL(9,2))");
        service = LocalService.start(Map.of());
        client = client(service);
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    private static ApiClient client(LocalService of) {
        var made = new ApiClient().setObjectMapper(JSON);
        made.updateBaseUri("http://127.0.0.1:" + of.port());
        return made;
    }

    @Test
    void wizardEndsInASource() throws ApiException {
        var drivers = new DriversApi(client);
        var request =
                new WizardRequest()
                        .uri(MYSQL.uri())
                        .adminCreds(credential(MYSQL.user(), MYSQL.password()))
                        .credential(credential("client_agent", PASSWORD))
                        .driverParams(Map.of("tables", "client.*"));

        assertThat(drivers.listDrivers(null).getSources()).containsExactly("mysql");
        assertThat(drivers.getWizard("mysql", "zh").getSteps())
                .extracting(WizardStep::getStepId)
                .containsExactly("connection", "agent_setup");
        assertThat(drivers.testConnection("mysql", request, null).getSuccess()).isTrue();
        var checks = drivers.checkParams("mysql", request, null);
        assertThat(checks.getSuccess()).as(checks.getMessage()).isTrue();
        assertThat(checks.getChecks()).isNotEmpty();
        var found = drivers.discoverFields("mysql", request, null);
        var total = found.getFields().getProperties().get("client.orders.total");
        assertThat(total.getMysqlType()).isEqualTo("decimal(9,2)");
        assertThat(total.getColumnIndex()).isEqualTo(1);
        assertThat(drivers.createAgentUser("mysql", request, null).getSuccess()).isTrue();
        var privileges = drivers.checkPrivileges("mysql", request, null);
        assertThat(privileges.getSuccess()).as(privileges.getMessage()).isTrue();

        var stored =
                new ConfigurationsApi(client)
                        .createSource(
                                "wizard",
                                new NewSource()
                                        .config(
                                                new SourceConfig()
                                                        .uri(request.getUri())
                                                        .credential(request.getCredential())
                                                        .maxRetries(3))
                                        .discoveredFields(found.getFields()), null);
        assertThat(stored.getConfig().getMaxRetries()).isEqualTo(3);
        assertThat(stored.getConfig().getCredential().getPasswdSet()).isTrue();
        assertThat(drivers.getAvailableFields("wizard", null).getProperties().get("client.orders.id"))
                .isEqualTo(found.getFields().getProperties().get("client.orders.id"));
    }

    @Test
    void problemsSayWhatWentWrong() throws JsonProcessingException {
        var drivers = new DriversApi(client);
        var nowhere =
                new WizardRequest().uri("127.0.0.1:1").adminCreds(credential("root", "secret"));

        var refused = problem(400, () -> drivers.testConnection("mysql", nowhere, "en"));
        assertThat(refused.getCode()).isEqualTo(ProblemCode.CONNECTION_REFUSED);
        assertThat(refused.getStatus()).isEqualTo(400);
        assertThat(refused.getDetail()).contains("127.0.0.1:1");
        var unknown = problem(404, () -> drivers.getWizard("oracle", null));
        assertThat(unknown.getCode()).isEqualTo(ProblemCode.NOT_FOUND);
        assertThat(unknown.getInstance()).isEqualTo("/api/drivers/sources/oracle/wizard");
        var configs = new ConfigurationsApi(client);
        assertThat(problem(404, () -> configs.enableSource("none", null)).getDetail()).contains("none");
        assertThat(problem(400, () -> configs.createSource("a b", new NewSource(), null)).getDetail())
                .isNotBlank();
    }

    @Test
    void sourcesAreConfiguredStoppedAndRemoved() throws ApiException, JsonProcessingException {
        var configs = new ConfigurationsApi(client);
        var instances = new InstancesApi(client);
        var source = new NewSource().config(config());
        configs.createSource("managed", source, null);

        assertThat(problem(409, () -> configs.createSource("managed", source, null)).getDetail())
                .contains("taken");
        assertThat(configs.listConfigurations(null).getSources()).containsKey("managed");
        assertThat(configs.listSourceConfigurations(null)).containsKey("managed");
        source.getConfig().retryDelaySec(2).getCredential().passwd(null);
        assertThat(configs.updateSource("managed", source, null).getConfig().getRetryDelaySec())
                .isEqualTo(2);
        assertThat(
                        configs.discoverAndCacheFields(
                                        "managed",
                                        new FieldsDiscovery()
                                                .adminCreds(
                                                        credential(MYSQL.user(), MYSQL.password())), null)
                                .getMessage())
                .contains("fields");
        assertThat(instances.stopSource("managed", null).getMessage()).contains("stopped");
        assertThat(instances.getInstanceStatus(null).getEventBuses().get("managed").getState())
                .isEqualTo(EventBus.StateEnum.IDLE);
        assertThat(instances.startSource("managed", null).getMessage()).contains("started");
        assertThat(configs.disableSource("managed", null).getMessage()).contains("disabled");
        assertThat(problem(409, () -> instances.startSource("managed", null)).getDetail())
                .contains("disabled");
        assertThat(configs.enableSource("managed", null).getMessage()).contains("enabled");
        configs.deleteSource("managed", null);
        configs.createSource("left", new NewSource().config(config().disabled(true)), null);
        assertThat(configs.cleanUpSources(null).getDeletedIds()).contains("left");
        assertThat(configs.listSourceConfigurations(null)).doesNotContainKeys("managed", "left");
    }

    @Test
    void runningSourceIsSeen() throws ApiException, JsonProcessingException {
        new ConfigurationsApi(client).createSource("seen", new NewSource().config(config()), null);
        var sources = new SourcesApi(client);
        try (var feed = api().feed("seen").with("tables", "client.orders").open()) {
            var token = feed.hello();
            MYSQL.execute("REPLACE INTO client.orders VALUES (1, 12.30)");
            feed.change();

            var source = sources.getSource("seen", null);
            assertThat(source.getState()).isEqualTo(Source.StateEnum.STREAMING);
            assertThat(source.getError()).isNull();
            assertThat(source.getServer().getUuid()).isNotBlank();
            assertThat(source.getPosition().getFile()).startsWith("binlog.");
            assertThat(source.getSubscribers())
                    .extracting(Subscriber::getState)
                    .containsExactly(Subscriber.StateEnum.LIVE);
            assertThat(sources.listSources(null)).extracting(Source::getId).contains("seen");
            var position = sources.getPosition("seen", token, null);
            assertThat(position.getAvailable()).isTrue();
            assertThat(position.getLatest().getIndex())
                    .isGreaterThanOrEqualTo(position.getOldest().getIndex());
        }
        assertThat(problem(404, () -> sources.cancelSnapshot("seen", "none", null)).getDetail())
                .contains("none");
        assertThat(problem(400, () -> sources.getPosition("seen", "nonsense", null)).getDetail())
                .isNotBlank();
    }

    @Test
    void tablesAndTheirSchemasAreRead() throws ApiException, JsonProcessingException {
        new ConfigurationsApi(client)
                .createSource("described", new NewSource().config(config()), null);
        var tables = new TablesApi(client);

        var orders =
                tables.listTables("described", null).stream()
                        .filter(table -> table.getEventSchema().equals("client"))
                        .findFirst()
                        .orElseThrow();
        assertThat(orders.getTable()).isEqualTo("orders");
        assertThat(orders.getPrimaryKey()).containsExactly("id");
        assertThat(orders.getColumns()).hasSize(2);
        var schema =
                tables.getTableSchemaWithHttpInfo(
                        "described", "client.orders", null, null, null, null);
        assertThat(schema.getHeaders()).containsKey("etag");
        assertThat(JSON.valueToTree(schema.getData()).at("/$defs/row/properties").fieldNames())
                .toIterable()
                .containsExactly("id", "total");
        assertThat(
                        problem(
                                        404,
                                        () ->
                                                tables.getTableSchema(
                                                        "described",
                                                        "client.none",
                                                        null,
                                                        null,
                                                        null,
                                                        null))
                                .getDetail())
                .contains("none");
    }

    @Test
    void changesOfBothFormatsFitTheirModels() throws ApiException, JsonProcessingException {
        new ConfigurationsApi(client)
                .createSource("modelled", new NewSource().config(config()), null);
        var feed = api().feed("modelled").with("tables", "client.orders");
        try (var fustor = feed.open();
                var debezium = feed.with("format", "debezium").open()) {
            fustor.hello();
            debezium.hello();
            MYSQL.execute("REPLACE INTO client.orders VALUES (3, 3.30)");

            var change = JSON.readValue(data(fustor), Change.class);
            assertThat(change.getEventSchema()).isEqualTo("client");
            assertThat(change.getRows()).hasSize(1);
            assertThat(change.getMetadata().getPrimaryKey()).containsExactly("id");
            var envelope = JSON.readValue(data(debezium), DebeziumChange.class);
            assertThat(envelope.getAfter()).containsEntry("id", 3).containsEntry("total", "3.30");
            assertThat(envelope.getSource().getTable()).isEqualTo("orders");
            assertThat(envelope.getSource().getThread()).isNull();
            assertThat(envelope.getTransaction()).isNull();
        }
    }

    @Test
    void checkpointsMoveForward() throws ApiException, JsonProcessingException {
        new ConfigurationsApi(client).createSource("kept", new NewSource().config(config()), null);
        var checkpoints = new CheckpointsApi(client);
        var before = new CheckpointPosition().position(api().tokenOfNow("kept"));
        MYSQL.execute("REPLACE INTO client.orders VALUES (2, 1.00)");
        var after = new CheckpointPosition().position(api().tokenOfNow("kept"));

        assertThat(checkpoints.storeCheckpoint("kept", "a", before, null, null, null).getPosition())
                .isEqualTo(before.getPosition());
        checkpoints.storeCheckpoint("kept", "a", after, false, null, null);
        assertThat(
                        problem(409, () -> checkpoints.storeCheckpoint("kept", "a", before, null, null, null))
                                .getDetail())
                .contains("rewind");
        checkpoints.storeCheckpoint("kept", "a", before, true, null, null);
        checkpoints.storeCheckpoint("kept", "b", after, null, null, null);
        var stored = checkpoints.getCheckpoint("kept", "a", null, null);
        assertThat(stored.getAvailable()).isTrue();
        assertThat(stored.getLagBytes()).isPositive();
        assertThat(stored.getUpdated()).isNotNull();
        var page = checkpoints.listCheckpointsWithHttpInfo("kept", 1, null, null, null);
        assertThat(page.getData()).hasSize(1);
        assertThat(page.getHeaders()).containsKey("link");
        assertThat(checkpoints.listCheckpoints("kept", null, "a", null, null)).hasSize(1);
        checkpoints.deleteCheckpoint("kept", "a", null, null);
        assertThat(problem(404, () -> checkpoints.getCheckpoint("kept", "a", null, null)).getDetail())
                .contains("no checkpoint");
    }

    @Test
    void tokensOpenSessions() throws ApiException, JsonProcessingException {
        try (var guarded =
                LocalService.start(
                        Map.of(
                                "fustor.security.tokens[0]", "ops:admin:an-admin-secret",
                                "server.address", "127.0.0.1"))) {
            var caller = client(guarded);
            var session = new SessionApi(caller);
            var wrong = new SessionOpening().token("wrong");

            assertThat(problem(401, () -> session.getSession(null)).getDetail()).contains("token");
            assertThat(problem(401, () -> session.openSession(null, wrong)).getDetail())
                    .contains("token");
            var opened =
                    session.openSessionWithHttpInfo(
                            null, new SessionOpening().token("an-admin-secret"));
            assertThat(opened.getData().getRole()).isEqualTo(Session.RoleEnum.ADMIN);
            assertThat(opened.getHeaders()).containsKey("set-cookie");
            caller.setRequestInterceptor(
                    request -> request.header("Authorization", "Bearer an-admin-secret"));
            assertThat(new SessionApi(caller).getSession(null).getName()).isEqualTo("ops");
            new SessionApi(caller).closeSession(null);
        }
    }

    private static PasswdCredential credential(String user, String password) {
        return new PasswdCredential().user(user).passwd(password);
    }

    private static SourceConfig config() {
        return new SourceConfig()
                .uri(MYSQL.uri())
                .credential(credential(TestMySql.CAPTURE.user(), TestMySql.CAPTURE.password()));
    }

    private static ServiceApi api() {
        return new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
    }

    /// The next change as it was sent.
    private static String data(FeedClient feed) {
        Frame frame = feed.frame();
        while (!frame.isChange()) {
            frame = feed.frame();
        }
        return frame.data();
    }

    private static Problem problem(int status, ThrowingCallable call)
            throws JsonProcessingException {
        var refused = catchThrowableOfType(ApiException.class, call);
        assertThat(refused).as("status %d", status).isNotNull();
        assertThat(refused.getCode()).as(refused.getMessage()).isEqualTo(status);
        assertThat(refused.getResponseHeaders().allValues("content-type"))
                .isEqualTo(List.of("application/problem+json"));
        return JSON.readValue(refused.getResponseBody(), Problem.class);
    }
}
