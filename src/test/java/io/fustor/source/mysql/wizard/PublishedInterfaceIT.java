package io.fustor.source.mysql.wizard;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Fustor's published interface: `published-interface.json` has its calls with their bodies, in the
/// order of a person who sets a source up, looks at it, clones it and cleans up, and what it reads
/// of each answer. [LargeSchemaIT] saves as many fields as it may send, [AgentSetupIT] has all the
/// passwords with which no account is made.
class PublishedInterfaceIT {

    private static final TestMySql MYSQL = TestMySql.shared();

    /// @param shape what stands at a JSON pointer: `=` and a text, or a type
    private record Call(String call, JsonNode body, int status, Map<String, String> shape) {

        Answer to(LocalService service) {
            var words = call.split(" ", 2);
            var sent = body == null || body.isNull() ? null : filled(body.toString());
            return service.send(words[0], words[1], sent);
        }

        private static String filled(String text) {
            return text.replace("${uri}", MYSQL.uri())
                    .replace("${admin}", MYSQL.user())
                    .replace("${password}", MYSQL.password());
        }
    }

    @Test
    void everyCallIsAnsweredInTheShapeThatTheInterfaceReads() throws IOException, SQLException {
        MYSQL.execute(
                "DROP DATABASE IF EXISTS published",
                "CREATE DATABASE published",
                "CREATE TABLE published.orders (id INT PRIMARY KEY)",
                "DROP USER IF EXISTS 'published-agent'@'%'");
        try (var service = LocalService.start(Map.of())) {
            for (var call : calls()) {
                check(call, call.to(service));
                if (call.call().endsWith("create_agent_user")) {
                    boolean isTyped = call.body().toString().contains("Typed-by-1-person");
                    assertThat(accounts()).as(call.toString()).isEqualTo(isTyped ? "1" : "0");
                }
            }
        }
    }

    private static void check(Call call, Answer answer) {
        var what = call + " was answered with " + answer.status() + ": " + answer.body();
        assertThat(answer.status()).as(what).isEqualTo(call.status());
        assertThat(answer.body()).as(what).doesNotContain("Typed-by-1-person");
        call.shape()
                .forEach(
                        (pointer, expected) -> {
                            var node = answer.json().at(pointer);
                            assertThat(
                                            expected.startsWith("=")
                                                    ? "=" + node.asString()
                                                    : node.getNodeType().name())
                                    .as(pointer + " of " + what)
                                    .isEqualTo(expected.equals("ABSENT") ? "MISSING" : expected);
                        });
    }

    private static String accounts() throws SQLException {
        var count = "SELECT COUNT(*) FROM mysql.user WHERE User = 'published-agent'";
        try (var connection = MYSQL.jdbc();
                var statement = connection.createStatement();
                var row = statement.executeQuery(count)) {
            row.next();
            return row.getString(1);
        }
    }

    private static Call[] calls() throws IOException {
        try (var file =
                PublishedInterfaceIT.class.getResourceAsStream("/published-interface.json")) {
            return JsonMapper.shared().readValue(file, Call[].class);
        }
    }
}
