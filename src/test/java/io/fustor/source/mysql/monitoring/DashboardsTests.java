package io.fustor.source.mysql.monitoring;

import static io.fustor.source.mysql.monitoring.GrafanaDashboards.panels;
import static io.fustor.source.mysql.monitoring.GrafanaDashboards.targets;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// That the dashboards have the form that Grafana reads, as far as that shows without it.
class DashboardsTests {

    private static final int COLUMNS = 24;
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{?(\\w+)");
    private static final Set<String> OF_GRAFANA = Set.of("__rate_interval", "__range", "__all");
    private static final Set<String> KINDS = Set.of("timeseries", "stat", "state-timeline");

    private final TreeMap<String, JsonNode> dashboards = GrafanaDashboards.read();

    @Test
    void eachTopicHasOneWithANameOfItsOwn() {
        assertThat(dashboards.keySet())
                .containsExactly(
                        "absent-consumers.json",
                        "jvm.json",
                        "snapshots.json",
                        "sources.json",
                        "subscribers.json");
        assertThat(dashboards.values().stream().map(each -> each.path("uid").asString()))
                .doesNotHaveDuplicates()
                .allMatch(uid -> uid.matches("fustor-[a-z-]{1,33}"));
        assertThat(dashboards.values().stream().map(each -> each.path("title").asString()))
                .doesNotHaveDuplicates()
                .doesNotContain("");
    }

    @Test
    void aPanelHasATitleADescriptionAUnitAndExpressions() {
        var softly = new SoftAssertions();
        dashboards.forEach(
                (file, dashboard) -> {
                    softly.assertThat(dashboard.path("schemaVersion").asInt()).isGreaterThan(30);
                    var panels = panels(dashboard);
                    softly.assertThat(panels.stream().map(each -> each.path("id").asInt()))
                            .as(file)
                            .isNotEmpty()
                            .doesNotHaveDuplicates();
                    panels.forEach(panel -> checkPanel(softly, file, panel));
                });
        softly.assertAll();
    }

    private static void checkPanel(SoftAssertions softly, String file, JsonNode panel) {
        var name = file + ": " + panel.path("title").asString();
        softly.assertThat(panel.path("title").asString()).as(name).isNotBlank();
        softly.assertThat(panel.path("description").asString("")).as(name).isNotBlank();
        softly.assertThat(panel.path("type").asString()).as(name).isIn(KINDS);
        softly.assertThat(panel.at("/fieldConfig/defaults/unit").asString(""))
                .as(name)
                .isNotBlank();
        var targets = targets(panel);
        softly.assertThat(targets.stream().map(each -> each.path("refId").asString()))
                .as(name)
                .isNotEmpty()
                .doesNotHaveDuplicates();
        for (var target : targets) {
            softly.assertThat(target.path("expr").asString("")).as(name).isNotBlank();
            softly.assertThat(target.at("/datasource/uid").asString("")).isEqualTo("${datasource}");
        }
    }

    @Test
    void panelsDoNotOverlap() {
        var softly = new SoftAssertions();
        dashboards.forEach(
                (file, dashboard) -> {
                    Set<List<Integer>> taken = new HashSet<>();
                    for (var panel : panels(dashboard)) {
                        var place = panel.path("gridPos");
                        int right = place.path("x").asInt() + place.path("w").asInt();
                        int bottom = place.path("y").asInt() + place.path("h").asInt();
                        softly.assertThat(right).as(file).isBetween(1, COLUMNS);
                        for (int x = place.path("x").asInt(); x < right; x++) {
                            for (int y = place.path("y").asInt(); y < bottom; y++) {
                                softly.assertThat(taken.add(List.of(x, y)))
                                        .as("%s: %s", file, panel.path("title"))
                                        .isTrue();
                            }
                        }
                    }
                });
        softly.assertAll();
    }

    @Test
    void everyVariableIsDeclaredAndUsed() {
        dashboards.forEach(
                (file, dashboard) -> {
                    var declared =
                            dashboard
                                    .at("/templating/list")
                                    .valueStream()
                                    .map(each -> each.path("name").asString())
                                    .collect(Collectors.toSet());
                    var used =
                            VARIABLE.matcher(dashboard.toString())
                                    .results()
                                    .map(match -> match.group(1))
                                    .filter(name -> !OF_GRAFANA.contains(name))
                                    .collect(Collectors.toSet());
                    assertThat(used).as(file).isEqualTo(declared);
                });
    }

    @Test
    void composeMountsWhatTheProviderReads() throws IOException {
        var provider = Files.readString(Path.of("deploy/grafana/dashboards.yml"));
        var compose = Files.readString(Path.of("docker-compose.yml"));

        assertThat(provider).contains("path: /etc/grafana/dashboards\n");
        assertThat(compose)
                .contains("./deploy/grafana/dashboards:/etc/grafana/dashboards:ro")
                .contains("./deploy/grafana/dashboards.yml:/etc/grafana/provisioning/dashboards/");
    }
}
