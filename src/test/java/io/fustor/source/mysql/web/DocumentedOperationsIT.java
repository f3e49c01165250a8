package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.LocalService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;

/// That the document of the interface says of every operation what the code does: which parameters
/// it reads, what it takes for them, and how it answers.
class DocumentedOperationsIT {

    private static final String READER = "a-reader-secret";
    private static final String ADMIN = "an-admin-secret";

    private static final String FEED = "/api/sources/{id}/events";
    private static final String PAGES = "/api/sources/{id}/stream";

    /// Other spellings of documented parameters, by operation.
    private static final Map<String, Set<String>> ALIASES =
            Map.of("GET " + FEED, Set.of("lastEventId"));

    private static final Pattern VARIABLE = Pattern.compile("\\{(\\w+)}");

    private static LocalService service;
    private static JsonNode document;

    /// An operation of the document.
    private record Operation(String method, String path, JsonNode json) {

        Set<String> parameters(String in) {
            var names = new TreeSet<String>();
            for (JsonNode parameter : json.path("parameters")) {
                if (parameter.path("in").asString().equals(in)) {
                    names.add(parameter.path("name").asString());
                }
            }
            return names;
        }

        JsonNode response(String status) {
            return resolved(json.path("responses").path(status));
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    @BeforeAll
    static void start() {
        service =
                LocalService.start(
                        Map.of(
                                "fustor.security.tokens[0]", "dash:reader:" + READER,
                                "fustor.security.tokens[1]", "ops:admin:" + ADMIN,
                                "server.address", "127.0.0.1",
                                "fustor.sources.declared.uri", "127.0.0.1:1",
                                "fustor.sources.declared.credential.user", "u",
                                "fustor.sources.declared.disabled", "true"));
        document = service.get("/v3/api-docs", bearer(READER)).json();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    static Stream<Operation> operations() {
        var operations = new ArrayList<Operation>();
        var paths = document.path("paths");
        for (String path : paths.propertyNames()) {
            for (String method : paths.path(path).propertyNames()) {
                operations.add(
                        new Operation(
                                method.toUpperCase(Locale.ROOT),
                                path,
                                paths.path(path).path(method)));
            }
        }
        return operations.stream();
    }

    /// By `METHOD path`; those of the document are all among them.
    private static Map<String, HandlerMethod> handlers() {
        var handlers = new HashMap<String, HandlerMethod>();
        service.bean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
                .getHandlerMethods()
                .forEach(
                        (info, handler) -> {
                            for (var method : info.getMethodsCondition().getMethods()) {
                                for (String path : info.getPatternValues()) {
                                    handlers.put(method + " " + path, handler);
                                }
                            }
                        });
        return handlers;
    }

    @Test
    void namesOperationsOnceAndForAll() {
        assertThat(operations().map(one -> one.json().path("operationId").asString()))
                .hasSizeGreaterThan(30)
                .doesNotHaveDuplicates()
                .allMatch(name -> name.matches("[a-z][A-Za-z]+"))
                .contains("subscribe", "listSources", "getSource", "createSource", "testConnection")
                .contains("storeCheckpoint", "getCheckpoint", "getInstanceStatus", "openSession");
    }

    @ParameterizedTest
    @MethodSource("operations")
    void documentsExactlyTheParametersThatTheCodeReads(Operation operation) {
        var handler = handlers().get(operation.toString());
        var read = new TreeSet<>(QueryParameters.declaredBy(handler.getMethod()));
        read.removeAll(ALIASES.getOrDefault(operation.toString(), Set.of()));
        var variables = new TreeSet<String>();
        VARIABLE.matcher(operation.path())
                .results()
                .forEach(match -> variables.add(match.group(1)));

        assertThat(operation.parameters("query")).isEqualTo(read);
        assertThat(operation.parameters("path")).isEqualTo(variables);
        assertThat(operation.parameters("cookie")).isEmpty();
    }

    @Test
    void aliasesAreParametersThatTheCodeReads() {
        ALIASES.forEach(
                (operation, names) ->
                        assertThat(
                                        QueryParameters.declaredBy(
                                                handlers().get(operation).getMethod()))
                                .containsAll(names));
    }

    /// Which headers the code reads is held by [ReadHeadersTests].
    @Test
    void documentsTheHeadersOfEveryOperation() {
        assertThat(operations())
                .allSatisfy(
                        one ->
                                assertThat(one.parameters("header"))
                                        .isEqualTo(headersOf(one.path())));
    }

    private static Set<String> headersOf(String path) {
        return switch (path) {
            case FEED -> Set.of("Accept-Encoding", "Accept-Language", "Last-Event-ID");
            case PAGES -> Set.of("Accept-Encoding", "Accept-Language", "If-None-Match");
            default -> Set.of("Accept-Language");
        };
    }

    @ParameterizedTest
    @MethodSource("operations")
    void describesEveryOperationAndItsParameters(Operation operation) {
        var tags = new TreeSet<String>();
        document.path("tags")
                .forEach(
                        tag -> {
                            assertThat(tag.path("description").asString()).isNotBlank();
                            tags.add(tag.path("name").asString());
                        });

        assertThat(operation.json().path("summary").asString()).isNotBlank();
        assertThat(operation.json().path("description").asString()).isNotBlank();
        assertThat(operation.json().path("tags")).hasSize(1);
        assertThat(tags).contains(operation.json().at("/tags/0").asString());
        for (JsonNode parameter : operation.json().path("parameters")) {
            assertThat(parameter.path("description").asString()).as("%s", parameter).isNotBlank();
            assertThat(parameter.at("/schema/type").asString()).as("%s", parameter).isNotBlank();
            assertThat(parameter.has("example")).as("%s", parameter).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("operations")
    void describesEveryAnswer(Operation operation) {
        var statuses = List.copyOf(operation.json().path("responses").propertyNames());

        assertThat(statuses).anyMatch(status -> status.startsWith("2")).contains("400", "default");
        for (String status : statuses) {
            var response = operation.response(status);
            assertThat(response.path("description").asString())
                    .as(status)
                    .isNotBlank()
                    .isNotEqualTo("OK");
            var types = List.copyOf(response.path("content").propertyNames());
            if (status.equals("304")) {
                assertThat(types).isEmpty();
            } else if (!status.startsWith("2")) {
                assertThat(types).as(status).containsExactly("application/problem+json");
                assertThat(
                                response.path("content")
                                        .path("application/problem+json")
                                        .at("/schema/$ref")
                                        .asString())
                        .isEqualTo("#/components/schemas/Problem");
            } else if (operation.path().equals(FEED)) {
                assertThat(types)
                        .containsExactlyInAnyOrder("text/event-stream", "application/x-ndjson");
            } else if (operation.path().endsWith("/schema")) {
                assertThat(types).containsExactly("application/schema+json");
            } else if (status.equals("204")) {
                assertThat(types).isEmpty();
            } else if (operation.path().equals(PAGES)) {
                assertThat(types)
                        .containsExactlyInAnyOrder("text/event-stream", "application/json");
            } else {
                assertThat(types).containsExactly("application/json");
            }
        }
        assertThat(operation.json().path("requestBody").path("content").propertyNames())
                .isSubsetOf("application/json");
    }

    /// Statuses, types and fields of what is answered without a server, most of it problems.
    @ParameterizedTest
    @MethodSource("operations")
    void answersAsItIsDocumented(Operation operation) {
        for (String source : List.of("none", "declared", "not an id")) {
            for (String body : List.of("{}", "[", "{\"position\": \"x\", \"token\": \"x\"}")) {
                var path = path(operation, source);
                expectDocumented(operation, service.send(operation.method(), path, body));
                for (String token : List.of(READER, ADMIN, "wrong")) {
                    var caller = bearer(token);
                    expectDocumented(
                            operation, service.send(operation.method(), path, body, caller));
                    expectDocumented(
                            operation,
                            service.send(operation.method(), path + "?x=1", body, caller));
                }
            }
        }
    }

    private static String path(Operation operation, String source) {
        return operation
                .path()
                .replace("{id}", source.replace(" ", "%20"))
                .replace("{driver}", source.equals("declared") ? "mysql" : "none")
                .replace("{position}", "1")
                .replaceAll("\\{\\w+}", "x");
    }

    private static void expectDocumented(Operation operation, Answer answer) {
        var status = Integer.toString(answer.status());
        assertThat(operation.json().path("responses").propertyNames())
                .as("%s %s", operation, answer.body())
                .contains(status);
        if (answer.status() != 204) {
            var type = answer.header("Content-Type").replaceAll(";.*", "");
            var content = operation.response(status).path("content");
            assertThat(content.propertyNames()).as("%s %s", operation, status).contains(type);
            var schema = content.path(type).path("schema");
            assertThat(new DocumentedSchema(document).differences(answer.json(), schema))
                    .as("%s %s", operation, answer.body())
                    .isEmpty();
        }
    }

    @Test
    void describesEverySchemaAndItsFields() {
        var schemas = document.path("components").path("schemas");
        var bare = new ArrayList<String>();
        for (String name : schemas.propertyNames()) {
            if (schemas.path(name).path("description").asString("").isBlank()) {
                bare.add(name);
            }
            var fields = schemas.path(name).path("properties");
            for (String field : fields.propertyNames()) {
                if (resolved(fields.path(field)).path("description").asString("").isBlank()) {
                    bare.add(name + "." + field);
                }
                assertThat(fields.path(field).has("type") || fields.path(field).has("$ref"))
                        .as(name + "." + field)
                        .isNotEqualTo(fields.path(field).has("oneOf"));
            }
        }

        assertThat(bare).isEmpty();
    }

    private static JsonNode resolved(JsonNode node) {
        var reference = node.path("$ref").asString("");
        return reference.isEmpty() || node.has("description")
                ? node
                : document.at(reference.substring(1));
    }

    private static String[] bearer(String secret) {
        return new String[] {"Authorization", "Bearer " + secret};
    }
}
