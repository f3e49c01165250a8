package io.fustor.source.mysql.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.checkpoint.ConsumerLooks;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.Promtool;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What a scrape shows, as the documents say it and as Prometheus likes it.
class MetersIT {

    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final Path OPERATIONS = Path.of("docs/operations.md");

    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\w+) ");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(fustor_\\w+)` \\|");
    private static final Pattern NAME = Pattern.compile("`(fustor_\\w+)[`{]");

    private static TestMySql mysql;
    private static LocalService service;
    private static ServiceApi api;

    @BeforeAll
    static void start() {
        mysql = TestMySql.start();
        mysql.execute("CREATE DATABASE m", "CREATE TABLE m.t (id INT PRIMARY KEY)");
        service = LocalService.start(Map.of("fustor.feed.metered-consumers", "2"));
        api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
        api.addSource("metered", mysql);
    }

    @AfterAll
    static void stop() {
        service.close();
        mysql.close();
    }

    private static String scrape() {
        return api.get("/actuator/prometheus").expect(200).body();
    }

    private static void store(String consumer, String token) {
        api.put("/api/sources/metered/checkpoints/" + consumer, Map.of("position", token))
                .expect(200);
    }

    private static String value(String meter, String consumer) {
        var labels = "{consumer=\"" + consumer + "\",source=\"metered\"} ";
        return scrape().lines()
                .filter(line -> line.startsWith(meter + labels))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .findFirst()
                .orElse("none");
    }

    private static void awaitValue(String meter, String consumer, String value) {
        await().atMost(LONGEST)
                .untilAsserted(
                        () -> {
                            ConsumerLooks.lookAt(service, "metered");
                            assertThat(value(meter, consumer)).as(meter).isEqualTo(value);
                        });
    }

    @Test
    void anAbsentConsumersCheckpointIsMeteredUntilItIsGone() {
        var before = api.tokenOfNow("metered");
        mysql.execute("INSERT INTO m.t VALUES (1)");
        store("absent", before);
        store("at-end", api.tokenOfNow("metered"));
        store("beyond", before);

        awaitValue("fustor_checkpoint_available", "absent", "1.0");
        assertThat(Double.parseDouble(value("fustor_checkpoint_lag_bytes", "absent")))
                .isGreaterThan(Double.parseDouble(value("fustor_checkpoint_lag_bytes", "at-end")));
        assertThat(Double.parseDouble(value("fustor_checkpoint_age_seconds", "absent")))
                .isBetween(0.0, 60.0);
        assertThat(value("fustor_checkpoint_available", "beyond")).isEqualTo("none");
        assertThat(scrape()).contains("fustor_checkpoints{source=\"metered\"} 3.0");

        mysql.execute("FLUSH BINARY LOGS");
        store("at-end", api.tokenOfNow("metered"));
        await().atMost(LONGEST)
                .untilAsserted(
                        () -> {
                            // A file that a reader still has open stays.
                            mysql.execute("PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 DAY");
                            ConsumerLooks.lookAt(service, "metered");
                            assertThat(value("fustor_checkpoint_available", "absent"))
                                    .isEqualTo("0.0");
                        });
        assertThat(value("fustor_checkpoint_lag_bytes", "absent")).isEqualTo("NaN");
        assertThat(value("fustor_checkpoint_available", "at-end")).isEqualTo("1.0");
        assertThat(scrape()).contains("fustor_checkpoints_lost{source=\"metered\"} 2.0");

        Stream.of("absent", "at-end", "beyond")
                .forEach(
                        each -> api.delete("/api/sources/metered/checkpoints/" + each).expect(204));
        awaitValue("fustor_checkpoint_available", "absent", "none");
    }

    /// With everything at work that has meters.
    private static String fullScrape() {
        store("someone", api.tokenOfNow("metered"));
        try (FeedClient client = api.feed("metered").with("tables", "m.t").open()) {
            client.hello();
            awaitValue("fustor_checkpoint_available", "someone", "1.0");
            return scrape();
        } finally {
            api.delete("/api/sources/metered/checkpoints/someone").expect(204);
        }
    }

    private static Set<String> found(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void operationsListEachMeterAsAScrapeShowsIt() throws IOException {
        var document = Files.readString(OPERATIONS);
        var shown = found(TYPE, fullScrape());
        shown.removeIf(name -> !name.startsWith("fustor_"));

        assertThat(found(ROW, document)).isEqualTo(shown);
        assertThat(shown).containsAll(found(NAME, document));
    }

    /// Libraries' own names, which dashboards know.
    @Test
    void prometheusObjectsToNoMeterOfOurs() {
        assertThat(Promtool.objections(fullScrape()))
                .filteredOn(line -> !line.endsWith("should not contain abbreviated units"))
                .filteredOn(line -> !line.startsWith("system_cpu_count "))
                .isEmpty();
    }

    @Test
    void aScrapeHoldsNoMeterForEachFilterOfALibrary() {
        assertThat(found(TYPE, fullScrape()))
                .contains("http_server_requests_seconds", "jvm_memory_used_bytes")
                .noneMatch(name -> name.contains("filter") || name.contains("security"))
                .hasSizeLessThan(130);
    }
}
