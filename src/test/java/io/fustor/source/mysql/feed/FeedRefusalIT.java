package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// What a feed answers, before any stream, to requests that it cannot serve.
@RunningService
class FeedRefusalIT {

    @LocalServerPort private int port;

    private final TestMySql mysql = TestMySql.shared();
    private ServiceApi api;

    @BeforeAll
    void addSources() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("refusal", mysql);
        api.addSource("refusal-other", mysql);
        mysql.execute(
                "CREATE DATABASE refusal", "CREATE TABLE refusal.t (id INT PRIMARY KEY, v INT)");
    }

    private FeedRequest feed() {
        return api.feed("refusal");
    }

    private static String detail(FeedRequest request, int status) {
        try (FeedClient client = request.send()) {
            assertThat(client.status()).as(request.toString()).isEqualTo(status);
            assertThat(client.header("content-type")).startsWith("application/problem+json");
            JsonNode problem = client.problem();
            assertThat(problem.path("status").asInt()).isEqualTo(status);
            return problem.path("detail").asString();
        }
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    from          | yesterday                  | now
                    from          | -5                         | index
                    from          | 2024-13-01T00:00:00Z       | 3339
                    from          | 2024-01-01                 | 3339
                    from          | gtid:nonsense              | GTID
                    batch         | 0                          | 10000
                    batch         | 10001                      | 10000
                    batch         | -1                         | 10000
                    batch         | x                          | 10000
                    batch         | 1.5                        | 10000
                    format        | xml                        | fustor
                    snapshot      | maybe                      | none
                    ops           | upsert                     | insert
                    ops           | insert,upsert              | delete
                    tables        | orders                     | schema.table
                    tables        | refusal.t,orders           | schema.table
                    tables        | refusal.                   | schema.table
                    fields        | refusal.t                  | schema.table.column
                    fields        | v                          | schema.table.column
                    on_lost       | ignore                     | latest
                    transactions  | maybe                      | true
                    big_numbers   | text                       | string
                    last_event_id | nonsense                   | event id
                    """)
    void refusesABadValueByTheNameOfItsParameter(String name, String value, String takes) {
        assertThat(detail(feed().with(name, value), 400)).contains(name).contains(takes);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    initial | from | earliest
                    only    | from | 2024-01-01T00:00:00Z
                    initial | ops  | update,delete
                    """)
    void refusesWhatDoesNotGoWithASnapshot(String snapshot, String name, String value) {
        assertThat(detail(feed().with("snapshot", snapshot).with(name, value), 400))
                .contains(name + ":", "snapshot");
    }

    @Test
    void refusesATokenThatWasCutOrChanged() {
        String token = api.tokenOfNow("refusal");
        char last = token.charAt(token.length() - 1);
        List<String> broken =
                List.of(
                        token.substring(0, token.length() - 1),
                        token.substring(1),
                        token + "A",
                        token.substring(0, token.length() - 1) + (last == 'A' ? 'B' : 'A'));

        assertThat(broken)
                .allSatisfy(
                        text -> {
                            assertThat(detail(feed().after(text), 400))
                                    .containsPattern("(?i)last.event.id");
                            assertThat(detail(feed().with("last_event_id", text), 400))
                                    .contains("last_event_id");
                            assertThat(detail(feed().with("from", text), 400)).contains("from");
                        });
    }

    @Test
    void takesATokenOfAnotherSourceOfTheSameServer() {
        String token = api.tokenOfNow("refusal-other");

        try (FeedClient client = feed().after(token).open()) {
            assertThat(FeedToken.parse(client.hello()).isOf("refusal")).isTrue();
        }
    }

    @Test
    void refusesATokenOfASourceOfAnotherServer() {
        Place here = FeedToken.parse(api.tokenOfNow("refusal-other")).position();
        Place elsewhere =
                new Place(
                        here.server() + 1,
                        here.fileNumber(),
                        here.offset(),
                        here.evidence(),
                        0,
                        here.executed(),
                        null);
        String token = FeedToken.of("refusal-other", elsewhere).toString();

        assertThat(detail(feed().after(token), 400)).contains("source");
        assertThat(detail(feed().with("from", token), 400)).contains("source");
    }

    @ParameterizedTest
    @ValueSource(strings = {"refusal.nowhere", "nowhere.t", "refusal.t,refusal.nowhere"})
    void refusesAnUnknownTableByItsName(String tables) {
        assertThat(detail(feed().with("tables", tables), 400))
                .contains("tables")
                .contains("nowhere");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"refusal.t.nowhere", "refusal.nowhere.v", "refusal.t.id,refusal.t.nowhere"})
    void refusesAnUnknownColumnByItsName(String fields) {
        assertThat(detail(feed().with("fields", fields), 400))
                .contains("fields")
                .contains("nowhere");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"nowhere.*", "*.nowhere", "refusal.nowhere*", "*.*", "nowhere.*,refusal.t"})
    void takesAWildcardThatMatchesNothingYet(String tables) {
        try (FeedClient client = feed().with("tables", tables).open()) {
            assertThat(client.hello()).isNotEmpty();
        }
    }

    @Test
    void knowsATableThatIsGoneButStandsInTheBinlog() {
        String start = api.tokenOfNow("refusal");
        mysql.execute(
                "CREATE TABLE refusal.gone (id INT PRIMARY KEY)",
                "INSERT INTO refusal.gone VALUES (7)");
        try (FeedClient client = feed().with("tables", "refusal.gone").after(start).open()) {
            assertThat(client.change().row(0).path("id").asInt()).isEqualTo(7);
        }
        mysql.execute("DROP TABLE refusal.gone");
        try (FeedClient client = feed().with("tables", "refusal.gone").after(start).open()) {
            assertThat(client.change().row(0).path("id").asInt()).isEqualTo(7);
        }
    }

    @Test
    void knowsNoOtherSource() {
        assertThat(detail(api.feed("nowhere"), 404)).contains("nowhere");
    }

    @Test
    void refusesASourceThatIsDisabledOrStopped() {
        api.addSource("refusal-off", mysql);
        api.post("/api/configs/sources/refusal-off/_actions/disable", Map.of()).expect(200);
        assertThat(detail(api.feed("refusal-off"), 409)).contains("refusal-off");
        api.post("/api/configs/sources/refusal-off/_actions/enable", Map.of()).expect(200);
        assertThat(api.tokenOfNow("refusal-off")).isNotEmpty();
        api.post("/api/instances/sources/refusal-off/_actions/stop", Map.of()).expect(200);
        assertThat(detail(api.feed("refusal-off"), 409)).contains("refusal-off");
        api.post("/api/instances/sources/refusal-off/_actions/start", Map.of()).expect(200);
        assertThat(api.tokenOfNow("refusal-off")).isNotEmpty();
        api.delete("/api/configs/sources/refusal-off").expect(204);
        assertThat(detail(api.feed("refusal-off"), 404)).contains("refusal-off");
    }

    @Test
    void endsTheStreamsOfASourceThatIsDeletedOrDisabled() {
        api.addSource("refusal-ends", mysql);
        try (FeedClient client = api.feed("refusal-ends").open()) {
            client.hello();
            api.post("/api/configs/sources/refusal-ends/_actions/disable", Map.of()).expect(200);
            assertThat(client.control("end")).isNotNull();
            assertThat(client.frameOrEnd()).isEmpty();
        }
        api.post("/api/configs/sources/refusal-ends/_actions/enable", Map.of()).expect(200);
        try (FeedClient client = api.feed("refusal-ends").open()) {
            client.hello();
            api.delete("/api/configs/sources/refusal-ends").expect(204);
            assertThat(client.control("end")).isNotNull();
            assertThat(client.frameOrEnd()).isEmpty();
        }
    }
}
