package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.support.ChangeEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// The dashboards of `deploy/grafana`.
final class GrafanaDashboards {

    private static final Path FOLDER = Path.of("deploy/grafana/dashboards");

    private GrafanaDashboards() {}

    /// Each by the name of its file.
    static TreeMap<String, JsonNode> read() {
        var dashboards = new TreeMap<String, JsonNode>();
        try (var files = Files.newDirectoryStream(FOLDER, "*.json")) {
            for (var file : files) {
                dashboards.put(
                        file.getFileName().toString(),
                        ChangeEvent.JSON.readTree(Files.readString(file)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return dashboards;
    }

    static List<JsonNode> panels(JsonNode dashboard) {
        return dashboard.path("panels").valueStream().toList();
    }

    static List<JsonNode> targets(JsonNode panel) {
        return panel.path("targets").valueStream().toList();
    }

    /// What Grafana sends where all sources and instances are chosen.
    static String chosen(String expression) {
        return expression
                .replace("$source", ".*")
                .replace("$instance", ".*")
                .replace("$__rate_interval", "1m")
                .replace("$__range", "1h");
    }
}
