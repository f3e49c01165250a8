package io.fustor.source.mysql.monitoring;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.Yaml;

/// The alerts of `deploy/prometheus`, and their tests.
final class AlertRules {

    static final Path FOLDER = Path.of("deploy/prometheus");
    static final Path RULES = FOLDER.resolve("rules.yml");
    static final Path TESTS = FOLDER.resolve("rules-tests.yml");

    private AlertRules() {}

    /// @param texts for people
    record Alert(String name, String expression, String severity, Map<String, String> texts) {

        String allTexts() {
            return texts.values().stream().collect(joining("\n"));
        }
    }

    /// What a test expects of an alert at a time.
    record Expectation(String alert, boolean fires) {}

    static List<Alert> read() {
        return maps(maps(yaml(RULES), "groups").getFirst(), "rules").stream()
                .map(AlertRules::alert)
                .toList();
    }

    @SuppressWarnings("unchecked")
    private static Alert alert(Map<String, Object> rule) {
        var labels = (Map<String, String>) rule.getOrDefault("labels", Map.of());
        return new Alert(
                rule.get("alert").toString(),
                rule.get("expr").toString(),
                labels.getOrDefault("severity", ""),
                (Map<String, String>) rule.getOrDefault("annotations", Map.of()));
    }

    static List<Expectation> expectations() {
        return maps(yaml(TESTS), "tests").stream()
                .flatMap(test -> maps(test, "alert_rule_test").stream())
                .map(
                        each ->
                                new Expectation(
                                        each.get("alertname").toString(),
                                        !maps(each, "exp_alerts").isEmpty()))
                .toList();
    }

    private static Map<String, Object> yaml(Path file) {
        try (var reader = Files.newBufferedReader(file)) {
            return new Yaml().load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> maps(Map<String, Object> parent, String key) {
        return (List<Map<String, Object>>) parent.getOrDefault(key, List.of());
    }
}
