package io.fustor.source.mysql.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.read.ListAppender;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Issuer;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpMethod;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;

/// Every operation of the interface's document as every kind of caller sees it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GrantMatrixIT {

    private static final String ADMIN = "an-administrators-secret";

    /// Part of every name and value that is not granted to the narrow reader.
    private static final String CANARY = "canary";

    private static final String GRANTED = "matrix";
    private static final String HIDDEN = "matrix-canary";
    private static final String MISSING = "matrix-absent";

    /// Controller methods that any caller with a grant may call and that have no [Sight]: what they
    /// answer is the same in every installation, or is about the caller alone.
    private static final Set<String> WITHOUT_SIGHT =
            Set.of(
                    "AsyncApiController.document",
                    "ConsoleController.messages",
                    "DriversController.drivers",
                    "WizardController.wizard",
                    "OtherKindsController.logs",
                    "OtherKindsController.absent",
                    "ProblemController.problem",
                    "SessionController.open",
                    "SessionController.current",
                    "SessionController.close");

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    /// Alone: the wide reader reads all tables of the server.
    private final TestMySql mysql = TestMySql.start();

    private Issuer issuer;
    private LocalService service;
    private ServiceApi anonymous;
    private ServiceApi admin;
    private final Map<String, ServiceApi> refused = new LinkedHashMap<>();
    private final Map<String, ServiceApi> readers = new LinkedHashMap<>();
    private FeedClient watcher;

    private record Operation(HttpMethod method, String path) {
        Role role() {
            return AccessRule.roleFor(method, path);
        }

        String at(String source) {
            String filled =
                    path.replace("{id}", source)
                            .replace("{driver}", "mysql")
                            .replace("{table}", "matrix.orders")
                            .replaceAll("\\{[a-z]+}", "c1");
            return path.endsWith("/events")
                    ? filled + "?snapshot=only"
                    : path.endsWith("/places") ? filled + "?of=now" : filled;
        }

        /// What the operation takes, or nothing.
        Object body() {
            return Set.of("POST", "PUT").contains(method.name()) ? Map.of() : null;
        }
    }

    @BeforeAll
    void start() {
        issuer = new Issuer();
        service =
                LocalService.start(
                        Map.of(
                                "fustor.security.tokens[0]", "ops:admin:" + ADMIN,
                                "fustor.security.jwt.issuer-uri", issuer.uri(),
                                "fustor.security.readers.declared.secret", "a-declared-secret",
                                "fustor.security.readers.declared.tables", "matrix.orders",
                                "fustor.security.readers.declared.without", "*.*.canary*",
                                "fustor.security.readers.declared.sources", GRANTED,
                                "server.address", "127.0.0.1"));
        // The start makes the loggers anew.
        log.start();
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).addAppender(log);
        ((Logger) LoggerFactory.getLogger("io.fustor")).setLevel(Level.DEBUG);
        anonymous = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
        admin = anonymous.as(ADMIN);
        fill();
        makeCallers();
    }

    private void fill() {
        mysql.execute(
                "DROP DATABASE IF EXISTS matrix",
                "CREATE DATABASE matrix",
                "CREATE TABLE matrix.orders (id INT PRIMARY KEY, v INT, canary_c VARCHAR(40))",
                "CREATE TABLE matrix.canary_t (id INT PRIMARY KEY, v VARCHAR(40))",
                "INSERT INTO matrix.orders VALUES (1, 1, 'canary-value')",
                "INSERT INTO matrix.canary_t VALUES (1, 'canary-value')");
        admin.addSource(GRANTED, mysql);
        admin.addSource(HIDDEN, mysql);
        for (String source : List.of(GRANTED, HIDDEN)) {
            Map<String, Object> root =
                    Map.of("user", TestMySql.ROOT.user(), "passwd", TestMySql.ROOT.password());
            admin.post(
                            "/api/configs/sources/"
                                    + source
                                    + "/_actions/discover_and_cache_fields",
                            Map.of("admin_creds", root))
                    .expect(200);
            String token = admin.tokenOfNow(source);
            admin.put(
                            "/api/sources/" + source + "/checkpoints/canary-consumer",
                            Map.of("position", token))
                    .expect(200);
        }
        watcher = admin.feed(GRANTED).with("tables", "matrix.canary_t").open();
        watcher.hello();
    }

    private void makeCallers() {
        Map<String, Object> narrow =
                Map.of(
                        "sources",
                        List.of(GRANTED),
                        "tables",
                        List.of("matrix.orders"),
                        "without",
                        List.of("*.*.canary*"));
        readers.put("narrow reader", anonymous.as(admin.addReader("narrow", narrow)));
        // Good for all tests, however slow the machine is.
        Date end = Date.from(Instant.now().plusSeconds(1_800));
        String jwt = issuer.sign(issuer.claims("narrow", narrow).expirationTime(end).build());
        readers.put("narrow JWT", anonymous.as(jwt));
        readers.put("declared reader", anonymous.as("a-declared-secret"));
        readers.put("wide reader", anonymous.as(admin.addReader("wide", Map.of())));
        String revoked = admin.addReader("revoked", Map.of());
        admin.delete("/api/readers/revoked").expect(204);
        String past = Instant.now().minusSeconds(1).toString();
        refused.put("no token", anonymous);
        refused.put("revoked", anonymous.as(revoked));
        refused.put("expired", anonymous.as(admin.addReader("expired", Map.of("expires", past))));
        try (Issuer other = new Issuer()) {
            refused.put("another issuer", anonymous.as(other.token("x", narrow)));
        }
        var claims = issuer.claims("x", narrow).build();
        refused.put("alg none", anonymous.as(issuer.unsigned(claims)));
        refused.put("HS256", anonymous.as(issuer.signedWithThePublicKey(claims)));
    }

    @AfterAll
    void stop() {
        watcher.close();
        ((Logger) LoggerFactory.getLogger("io.fustor")).setLevel(null);
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).detachAppender(log);
        service.close();
        issuer.close();
        mysql.close();
    }

    private List<Operation> operations() {
        JsonNode paths = anonymous.get("/v3/api-docs").json().path("paths");
        List<Operation> operations = new ArrayList<>();
        for (String path : paths.propertyNames()) {
            for (String method : paths.path(path).propertyNames()) {
                operations.add(
                        new Operation(HttpMethod.valueOf(method.toUpperCase(Locale.ROOT)), path));
            }
        }
        assertThat(operations).hasSizeGreaterThan(30);
        return operations;
    }

    private static Answer call(ServiceApi caller, Operation operation, String source) {
        return caller.send(operation.method().name(), operation.at(source), operation.body());
    }

    @Test
    void refusesCallersWithoutAGrantThatStands() {
        for (Operation operation : operations()) {
            refused.forEach(
                    (name, caller) -> {
                        Answer answer = call(caller, operation, GRANTED);
                        if (operation.role() != null) {
                            assertThat(answer.status()).as(name + " " + operation).isEqualTo(401);
                        }
                        assertThat(answer.body()).as(name + " " + operation).doesNotContain(CANARY);
                    });
        }
    }

    @Test
    void letsReadersReadAndNothingElse() {
        for (Operation operation : operations()) {
            readers.forEach(
                    (name, caller) -> {
                        int status = call(caller, operation, GRANTED).status();
                        if (operation.role() == Role.ADMIN) {
                            assertThat(status).as(name + " " + operation).isEqualTo(403);
                        } else {
                            assertThat(status)
                                    .as(name + " " + operation)
                                    .isNotIn(401, 403)
                                    .isLessThan(500);
                        }
                    });
        }
    }

    @Test
    void letsAnAdministratorDoAll() {
        for (Operation operation : operations()) {
            // The wizard's actions may take long, and change a server.
            if (!operation.path().contains("_actions")) {
                assertThat(call(admin, operation, MISSING).status())
                        .as(operation.toString())
                        .isNotIn(401, 403)
                        .isLessThan(500);
            }
        }
    }

    @Test
    void showsNothingToNarrowReadersThatIsNotGranted() {
        for (Operation operation : operations()) {
            readers.forEach(
                    (name, caller) -> {
                        if (name.startsWith("wide")) {
                            return;
                        }
                        for (String source : List.of(GRANTED, MISSING)) {
                            Answer answer = call(caller, operation, source);
                            assertThat(answer.headers().map() + answer.body())
                                    .as(name + " " + operation)
                                    .doesNotContain(CANARY);
                        }
                    });
        }
    }

    @Test
    void hiddenSourceIsAMissingOne() {
        ServiceApi narrow = readers.get("narrow reader");
        for (Operation operation : operations()) {
            if (operation.path().contains("{id}")) {
                Answer hidden = call(narrow, operation, HIDDEN);
                Answer missing = call(narrow, operation, MISSING);

                assertThat(hidden.status()).as(operation.toString()).isEqualTo(missing.status());
                assertThat(hidden.body().replace(HIDDEN, MISSING))
                        .as(operation.toString())
                        .isEqualTo(missing.body());
                assertThat(hidden.headers().map().keySet())
                        .as(operation.toString())
                        .isEqualTo(missing.headers().map().keySet());
            }
        }
    }

    @Test
    void cachedFieldsAreThoseThatAreGranted() {
        JsonNode fields =
                readers.get("narrow reader")
                        .get("/api/drivers/sources/matrix/_actions/get_available_fields")
                        .expect(200)
                        .json()
                        .path("properties");

        assertThat(fields.propertyNames())
                .containsExactlyInAnyOrder("matrix.orders.id", "matrix.orders.v");
    }

    /// Meters name sources and consumers, for those who may scrape them; nothing of a table.
    @Test
    void aScrapeHoldsNoValueAndNoNameOfATable() {
        followHiddenRows("narrow reader");

        String scrape =
                await("the reader's meters")
                        .atMost(Duration.ofSeconds(30))
                        .until(
                                () -> admin.get("/actuator/prometheus").expect(200).body(),
                                body ->
                                        body.contains(
                                                "fustor_reader_rows_total{reader=\"narrow\"}"));

        assertThat(scrape)
                .contains("fustor_source_rows_total{source=\"" + GRANTED + "\"}")
                .contains("http_server_requests_seconds_count")
                .doesNotContain("canary_", "canary-value");
        for (String path :
                List.of("/actuator/prometheus", "/actuator/metrics", "/actuator/health")) {
            readers.forEach(
                    (name, caller) -> {
                        Answer answer = caller.get(path);
                        assertThat(answer.status())
                                .as(name + " " + path)
                                .isEqualTo(path.endsWith("health") ? 200 : 403);
                        assertThat(answer.body()).as(name + " " + path).doesNotContain(CANARY);
                    });
        }
        assertThat(admin.get("/actuator/metrics").expect(200).body()).doesNotContain(CANARY);
    }

    /// Debug lines and the messages of exceptions included.
    @Test
    void theLogHoldsNoValueAndNoName() {
        int before = log.list.size();
        readers.keySet().stream()
                .filter(name -> !name.startsWith("wide"))
                .forEach(this::followHiddenRows);

        assertThat(logged(before))
                .anyMatch(line -> line.contains("subscription begins"))
                .noneMatch(line -> line.contains("canary_") || line.contains("canary-value"));
    }

    /// A stream that ends at a row whose image lacks what the grant's condition needs. The log may
    /// name the table and the column, for operators.
    @Test
    void theLogHoldsNoValueOfARowThatEndsAStream() {
        int before = log.list.size();
        Map<String, Object> grant =
                Map.of("where", List.of("matrix.orders: canary_c = 'canary-value'"));
        ServiceApi failing = anonymous.as(admin.addReader("failing", grant));
        try (FeedClient client = failing.feed(GRANTED).with("tables", "matrix.orders").open()) {
            client.hello();
            mysql.execute(
                    "INSERT INTO matrix.orders VALUES (6, 6, 'canary-value')",
                    "SET SESSION binlog_row_image = MINIMAL",
                    "UPDATE matrix.orders SET v = 7 WHERE id = 6",
                    "DELETE FROM matrix.orders WHERE id = 6");
            client.change();
            assertThat(client.control("error").toString()).contains("ROW_IMAGE_INCOMPLETE");
        } finally {
            admin.delete("/api/readers/failing").expect(204);
        }

        assertThat(logged(before))
                .anyMatch(line -> line.contains("target=failing"))
                .noneMatch(line -> line.contains("canary-value"));
    }

    /// A caller's snapshot and changes, with rows that it does not see.
    private void followHiddenRows(String reader) {
        FeedRequest request = readers.get(reader).feed(GRANTED).with("snapshot", "initial");
        try (FeedClient client = request.open()) {
            SnapshotStream.until(client, frame -> frame.isControl("snapshot_completed"));
            mysql.execute(
                    "REPLACE INTO matrix.canary_t VALUES (5, 'canary-value')",
                    "DELETE FROM matrix.canary_t WHERE id = 5",
                    "REPLACE INTO matrix.orders VALUES (5, 5, 'canary-value')",
                    "DELETE FROM matrix.orders WHERE id = 5");
            client.change();
        }
    }

    /// The lines of the log from one on, each with the messages of its exceptions.
    private List<String> logged(int from) {
        List<String> lines = new ArrayList<>();
        for (ILoggingEvent event : List.copyOf(log.list).stream().skip(from).toList()) {
            StringBuilder line = new StringBuilder(event.getFormattedMessage());
            for (IThrowableProxy thrown = event.getThrowableProxy();
                    thrown != null;
                    thrown = thrown.getCause()) {
                line.append(' ').append(thrown.getMessage());
            }
            lines.add(line.toString());
        }
        return lines;
    }

    /// What shows data of sources goes by the caller's [Sight]: a controller that does not take one
    /// has to be named here.
    @Test
    void everyOperationOfReadersTakesASight() {
        Set<String> without = new TreeSet<>();
        service.bean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
                .getHandlerMethods()
                .forEach(
                        (info, handler) -> {
                            boolean isOurs =
                                    handler.getBeanType()
                                            .getName()
                                            .startsWith("io.fustor.source.mysql.");
                            boolean isForReaders =
                                    info.getPatternValues().stream()
                                            .anyMatch(
                                                    path ->
                                                            isForReaders(
                                                                    info.getMethodsCondition()
                                                                            .getMethods(),
                                                                    path));
                            if (isOurs && isForReaders && !takesSight(handler)) {
                                without.add(
                                        handler.getBeanType().getSimpleName()
                                                + "."
                                                + handler.getMethod().getName());
                            }
                        });

        assertThat(without).isEqualTo(new TreeSet<>(WITHOUT_SIGHT));
    }

    private static boolean isForReaders(Set<RequestMethod> methods, String path) {
        return methods.isEmpty()
                || methods.stream()
                        .anyMatch(
                                method ->
                                        AccessRule.roleFor(method.asHttpMethod(), path)
                                                != Role.ADMIN);
    }

    private static boolean takesSight(HandlerMethod handler) {
        return Arrays.stream(handler.getMethodParameters())
                .anyMatch(parameter -> parameter.getParameterType() == Sight.class);
    }
}
