package io.fustor.source.mysql.monitoring;

import static io.fustor.source.mysql.monitoring.GrafanaDashboards.panels;
import static io.fustor.source.mysql.monitoring.GrafanaDashboards.targets;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.checkpoint.ConsumerLooks;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.Prometheus;
import io.fustor.source.mysql.support.Promtool;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// The alerts and dashboards of `deploy/`, as a real Prometheus sees them that scrapes the service
/// with everything at work that has meters.
class DashboardsIT {

    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final String ADMIN = "the-token-of-an-administrator";
    private static final String METRICS = "the-token-of-prometheus";

    private static final List<AutoCloseable> OPEN = new ArrayList<>();

    private static LocalService service;
    private static ServiceApi api;
    private static Prometheus prometheus;

    @BeforeAll
    static void start() {
        var mysql = TestMySql.shared();
        mysql.execute("CREATE DATABASE boards", "CREATE TABLE boards.t (id INT PRIMARY KEY)");
        mysql.execute("INSERT INTO boards.t VALUES (1), (2)");
        service =
                LocalService.start(
                        Map.of(
                                "server.address",
                                "127.0.0.1",
                                "fustor.security.tokens",
                                "ops:admin:" + ADMIN + ",prometheus:metrics:" + METRICS));
        OPEN.add(service);
        api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port())).as(ADMIN);
        api.addSource("boards", mysql);
        var snapshot = api.feed("boards").with("tables", "boards.t").with("snapshot", "only");
        try (var client = snapshot.open()) {
            client.rows(2);
            while (client.frameOrEnd().isPresent()) {}
        }
        // The meter of pauses comes with the first one.
        Runtime.getRuntime().gc();
        await().until(
                        () ->
                                api.as(METRICS)
                                        .get("/actuator/prometheus")
                                        .body()
                                        .contains("jvm_gc_pause_seconds_sum"));
        prometheus = Prometheus.start(DashboardsIT::configure);
        OPEN.add(prometheus);
        workGoesOn(mysql);
    }

    /// A subscriber, a reader with a grant, and a consumer that is absent.
    private static void workGoesOn(TestMySql mysql) {
        FeedClient live = api.feed("boards").with("tables", "boards.t").open();
        OPEN.add(live);
        api.put("/api/sources/boards/checkpoints/absent", Map.of("position", live.hello()))
                .expect(200);
        var secret = api.addReader("partner", Map.of("sources", List.of("boards")));
        FeedClient partners = api.as(secret).feed("boards").with("tables", "boards.t").open();
        OPEN.add(partners);
        partners.hello();
        mysql.execute("INSERT INTO boards.t VALUES (3)");
        partners.change();
        ConsumerLooks.lookAt(service, "boards");
        // The service makes the meters of what is new every two seconds.
        await().atMost(LONGEST)
                .until(
                        () -> {
                            var scrape = scrape();
                            return scrape.has("fustor_source_state", "source")
                                    && scrape.has("fustor_checkpoint_lag_bytes", "consumer")
                                    && scrape.has("fustor_reader_streams", "reader");
                        });
    }

    /// The files of `deploy/`, at the address of this service.
    private static void configure(Path folder) throws IOException {
        var token = folder.resolve("token");
        Files.writeString(token, METRICS);
        Files.copy(AlertRules.RULES, folder.resolve("rules.yml"));
        Files.writeString(
                folder.resolve("prometheus.yml"),
                Files.readString(AlertRules.FOLDER.resolve("prometheus.yml"))
                        .replace("/run/secrets/fustor-token", token.toString())
                        .replace("fustor:8080", "127.0.0.1:" + service.port())
                        .replaceAll("_interval: \\d+s", "_interval: 1s"));
    }

    @AfterAll
    static void stop() throws Exception {
        for (var each : OPEN.reversed()) {
            each.close();
        }
        TestMySql.shared().execute("DROP DATABASE boards");
    }

    private static Scrape scrape() {
        return Scrape.of(api.as(METRICS).get("/actuator/prometheus").expect(200).body());
    }

    @Test
    void everyMeterAndLabelOfAnAlertIsInAScrape() {
        var scrape = scrape();
        var softly = new SoftAssertions();
        for (var alert : AlertRules.read()) {
            var expression =
                    Expression.of(alert.expression().replace("up{", "process_uptime_seconds{"));
            softly.assertThat(expression.selectors()).as(alert.name()).isNotEmpty();
            softly.assertThat(expression.missingIn(scrape)).as(alert.name()).isEmpty();
            softly.assertThat(
                            expression.labelsMissingIn(scrape, Expression.shown(alert.allTexts())))
                    .as(alert.name())
                    .isEmpty();
        }
        softly.assertAll();
    }

    @Test
    void everyMeterAndLabelOfADashboardIsInAScrape() {
        var scrape = scrape();
        var softly = new SoftAssertions();
        GrafanaDashboards.read()
                .forEach(
                        (file, dashboard) -> {
                            for (var panel : panels(dashboard)) {
                                var name = file + ": " + panel.path("title").asString();
                                targets(panel).forEach(each -> check(softly, name, each, scrape));
                            }
                        });
        softly.assertAll();
    }

    private static void check(SoftAssertions softly, String name, JsonNode target, Scrape scrape) {
        var expression = Expression.of(GrafanaDashboards.chosen(target.path("expr").asString()));
        softly.assertThat(expression.selectors()).as(name).isNotEmpty();
        softly.assertThat(expression.missingIn(scrape)).as(name).isEmpty();
        var legend = target.path("legendFormat").asString();
        softly.assertThat(expression.labelsMissingIn(scrape, Expression.shown(legend)))
                .as(name)
                .isEmpty();
    }

    @Test
    void anExpressionWithAnUnknownMeterLabelOrValueIsFound() {
        var scrape = scrape();

        assertThat(
                        List.of(
                                "sum(fustor_feed_rows)",
                                "sum by (sauce) (fustor_feed_subscribers)",
                                "fustor_feed_subscribers{sauce=~\".*\"}",
                                "fustor_source_state{state=\"FALLEN\"}",
                                "fustor_source_state{state=~\"FAILED|FALLEN\"}"))
                .allSatisfy(each -> assertThat(Expression.of(each).missingIn(scrape)).hasSize(1));
    }

    @Test
    void prometheusLoadsTheAlertsAndEvaluatesThem() {
        await().atMost(LONGEST)
                .untilAsserted(
                        () ->
                                assertThat(prometheus.alertRules())
                                        .hasSameSizeAs(AlertRules.read())
                                        .allMatch(
                                                each ->
                                                        each.path("health")
                                                                .asString()
                                                                .equals("ok")));
        assertThat(Promtool.checkRules(AlertRules.RULES))
                .contains(AlertRules.read().size() + " rules found");
    }

    /// Two scrapes are necessary for a rate.
    @Test
    void prometheusHasDataForEveryPanel() {
        var softly = new SoftAssertions();
        GrafanaDashboards.read()
                .forEach(
                        (file, dashboard) ->
                                panels(dashboard).stream()
                                        .flatMap(panel -> targets(panel).stream())
                                        .map(target -> target.path("expr").asString())
                                        .forEach(each -> awaitData(softly, file, each)));
        softly.assertAll();
    }

    private static void awaitData(SoftAssertions softly, String file, String expression) {
        softly.assertThatCode(
                        () ->
                                await().atMost(LONGEST)
                                        .until(
                                                () ->
                                                        !prometheus
                                                                .query(
                                                                        GrafanaDashboards.chosen(
                                                                                expression))
                                                                .isEmpty()))
                .as("%s: %s", file, expression)
                .doesNotThrowAnyException();
    }

    @Test
    void eachAlertFiresAndIsQuietAsItsTestsSay() {
        Promtool.testRules(AlertRules.TESTS);
    }
}
