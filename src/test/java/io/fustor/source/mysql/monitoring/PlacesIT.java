package io.fustor.source.mysql.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// Every name of a place leads to the same next change.
@RunningService
class PlacesIT {

    @LocalServerPort private int port;

    private final TestMySql mysql = TestMySql.shared();
    private ServiceApi api;
    private String start;
    private ChangeEvent first;

    @BeforeAll
    void makeChanges() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("places", mysql);
        mysql.execute(
                "DROP DATABASE IF EXISTS places",
                "CREATE DATABASE places",
                "CREATE TABLE places.t (id INT PRIMARY KEY)");
        start = api.tokenOfNow("places");
        mysql.execute(
                "INSERT INTO places.t VALUES (1)",
                "INSERT INTO places.t VALUES (2)",
                "INSERT INTO places.t VALUES (3)");
        try (FeedClient client =
                api.feed("places").with("tables", "places.t").after(start).open()) {
            first = client.change();
        }
    }

    private JsonNode place(String of) {
        return api.get(path(of)).expect(200).json();
    }

    private static String path(String of) {
        return "/api/sources/places/places?of=" + URLEncoder.encode(of, StandardCharsets.UTF_8);
    }

    private int next(JsonNode place) {
        try (FeedClient client =
                api.feed("places")
                        .with("tables", "places.t")
                        .with("from", place.path("event_id").asString())
                        .open()) {
            return client.change().json().path("rows").get(0).path("id").asInt();
        }
    }

    private void expect(String of, String kind, int next) {
        JsonNode place = place(of);
        assertThat(place.path("kind").asString()).as(of).isEqualTo(kind);
        assertThat(place.path("available").asBoolean()).as(of).isTrue();
        assertThat(place.path("error").isNull()).as(of).isTrue();
        assertThat(place.path("lag_bytes").asLong()).as(of).isPositive();
        assertThat(place.path("kept_seconds").asLong()).as(of).isPositive();
        assertThat(place.path("file").asString()).as(of).startsWith("binlog.");
        assertThat(next(place)).as(of).isEqualTo(next);
    }

    @Test
    void everyNameOfAPlaceLeadsToWhatFollowsIt() {
        JsonNode metadata = first.json().path("metadata");
        String gtid = metadata.path("gtid").asString();

        expect(start, "event_id", 1);
        expect(first.token(), "event_id", 2);
        expect(gtid, "gtid", 2);
        expect(" " + gtid.toUpperCase() + "\n", "gtid", 2);
        expect("gtid:" + gtid, "gtid", 2);
        expect(
                metadata.path("file").asString() + ":" + metadata.path("position").asLong(),
                "position",
                2);
        expect(Long.toString(first.index()), "index", 2);
        String before = place(start).path("gtid_set").asString();
        expect(before, "gtid_set", 1);
        expect("gtid:" + before, "gtid_set", 1);
    }

    @Test
    void theEndsAreExplainedToo() {
        JsonNode now = place("now");
        JsonNode earliest = place("earliest");

        assertThat(now.path("kind").asString()).isEqualTo("now");
        assertThat(now.path("lag_bytes").asLong()).isLessThan(earliest.path("lag_bytes").asLong());
        assertThat(earliest.path("file").asString())
                .isEqualTo(earliest.path("oldest").path("file").asString());
    }

    @Test
    void aPlaceThatIsGoneOrNotYetThereSaysWhy() {
        JsonNode future = place(UUID.nameUUIDFromBytes(new byte[] {1}) + ":1");
        assertThat(future.path("available").asBoolean()).isFalse();
        assertThat(future.path("error").path("code").asString()).isEqualTo("POSITION_AHEAD");
        assertThat(future.path("event_id").isNull()).isTrue();

        assertThat(place("2999-01-01T00:00:00Z").path("error").path("code").asString())
                .isEqualTo("POSITION_AHEAD");
    }

    @ParameterizedTest
    @CsvSource({
        "nonsense, POSITION_INVALID",
        "other.000001:4, INVALID_REQUEST",
        "<img src=x>, POSITION_INVALID"
    })
    void whatIsNoPlaceIsRefused(String of, String code) {
        assertThat(api.get(path(of)).expect(400).json().path("code").asString()).isEqualTo(code);
    }

    @Test
    void aCheckpointTakesThePlaceOfATime() {
        String then = place(first.token()).path("event_id").asString();
        api.put("/api/sources/places/checkpoints/rewound", Map.of("position", then)).expect(200);

        assertThat(
                        api.get("/api/sources/places/checkpoints/rewound")
                                .json()
                                .path("position")
                                .asString())
                .isEqualTo(then);
    }

    @Test
    void randomTextNeverFailsTheService() {
        long seed = Seeds.of("places.seed", PlacesIT.class);
        System.out.println("PlacesIT seed=" + seed);
        Random random = new Random(seed);
        List<String> parts =
                List.of("gtid:", ":", "-", "1", "a", ".", ",", " ", first.token(), "0000");
        for (int i = 0; i < 200; i++) {
            StringBuilder text = new StringBuilder("x".repeat(random.nextInt(2)));
            for (int j = 0; j < 1 + random.nextInt(8); j++) {
                text.append(parts.get(random.nextInt(parts.size())));
            }
            assertThat(api.get(path(text.toString())).status()).as("%s", text).isIn(200, 400, 410);
        }
    }
}
