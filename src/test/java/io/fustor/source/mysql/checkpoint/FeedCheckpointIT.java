package io.fustor.source.mysql.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// What a consumer can store about how far it is.
@RunningService
class FeedCheckpointIT {

    private static final String ALL = "/api/sources/checkpoint/checkpoints";

    @LocalServerPort private int port;

    private final TestMySql mysql = TestMySql.shared();
    private ServiceApi api;

    @BeforeAll
    void addSources() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("checkpoint", mysql);
        api.addSource("checkpoint-other", mysql);
        mysql.execute("CREATE DATABASE checkpoint", "CREATE TABLE checkpoint.t (id INT)");
    }

    private String nextToken() {
        String start = api.tokenOfNow("checkpoint");
        mysql.execute("INSERT INTO checkpoint.t VALUES (1)");
        try (FeedClient client = api.feed("checkpoint").after(start).open()) {
            return client.change().token();
        }
    }

    private Answer put(String consumer, String token) {
        return api.put(ALL + "/" + consumer, Map.of("position", token));
    }

    @Test
    void isReadListedAndForgotten() {
        String token = nextToken();
        put("reader", token).expect(200);
        JsonNode stored = api.get(ALL + "/reader").expect(200).json();
        JsonNode listed = entry(api.get(ALL).expect(200).json(), "reader");

        assertThat(stored.path("position").asString()).isEqualTo(token);
        assertThat(listed.path("position").asString()).isEqualTo(token);
        assertThat(listed.path("available").asBoolean()).isTrue();
        assertThat(listed.toString()).contains("lag");
        api.delete(ALL + "/reader").expect(204);
        api.get(ALL + "/reader").expect(404);
        assertThat(api.get(ALL).expect(200).body()).doesNotContain("\"reader\"");
    }

    private static JsonNode entry(JsonNode list, String consumer) {
        JsonNode entries = list.isArray() ? list : list.path("checkpoints");
        for (JsonNode entry : entries) {
            if (entry.path("consumer").asString().equals(consumer)) {
                return entry;
            }
        }
        throw new AssertionError(consumer + " is not in " + list);
    }

    @Test
    void movesBackOnlyWhereAsked() {
        String earlier = nextToken();
        String later = nextToken();
        put("rewinder", earlier).expect(200);
        put("rewinder", later).expect(200);
        put("rewinder", later).expect(200);

        assertThat(put("rewinder", earlier).expect(409).detail()).contains("rewind");
        assertThat(api.get(ALL + "/rewinder").json().path("position").asString()).isEqualTo(later);
        put("rewinder?rewind=true", earlier).expect(200);
        assertThat(api.get(ALL + "/rewinder").json().path("position").asString())
                .isEqualTo(earlier);
    }

    @Test
    void refusesWhatIsNoTokenOfTheSource() {
        String foreign = api.tokenOfNow("checkpoint-other");

        assertThat(put("wrong", "nonsense").expect(400).detail()).contains("position");
        assertThat(put("wrong", foreign).expect(400).detail()).contains("source");
        assertThat(api.put(ALL + "/wrong", Map.of()).expect(400).detail()).contains("position");
        api.put(ALL + "/wrong", "{").expect(400);
        api.get(ALL + "/wrong").expect(404);
    }

    @Test
    void belongsToASource() {
        String token = nextToken();

        api.put("/api/sources/nowhere/checkpoints/c", Map.of("position", token)).expect(404);
        api.get("/api/sources/nowhere/checkpoints").expect(404);
        api.delete(ALL + "/absent").expect(404);
    }

    @Test
    void goesWithItsSource() {
        api.addSource("checkpoint-deleted", mysql);
        String path = "/api/sources/checkpoint-deleted/checkpoints/c";
        api.put(path, Map.of("position", api.tokenOfNow("checkpoint-deleted"))).expect(200);
        api.delete("/api/configs/sources/checkpoint-deleted").expect(204);
        api.addSource("checkpoint-deleted", mysql);

        api.get(path).expect(404);
        api.delete("/api/configs/sources/checkpoint-deleted").expect(204);
    }
}
