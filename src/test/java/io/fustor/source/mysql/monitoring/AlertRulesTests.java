package io.fustor.source.mysql.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.monitoring.AlertRules.Alert;
import io.fustor.source.mysql.monitoring.AlertRules.Expectation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/// That the alerts and the document say the same, and that each alert has a test either way.
class AlertRulesTests {

    /// A row: alert, severity, condition, what to do.
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `(Fustor\\w+)` \\| (\\w+) \\| ([^|]+) \\| ([^|]+) \\|$");

    private static final Path OPERATIONS = Path.of("docs/operations.md");

    @Test
    void operationsExplainEachAlertInItsOrder() throws IOException {
        var rows = ROW.matcher(Files.readString(OPERATIONS)).results().toList();

        assertThat(rows.stream().map(row -> row.group(1)))
                .containsExactlyElementsOf(AlertRules.read().stream().map(Alert::name).toList());
        assertThat(rows.stream().map(row -> row.group(2)))
                .containsExactlyElementsOf(
                        AlertRules.read().stream().map(Alert::severity).toList());
        var softly = new SoftAssertions();
        for (var alert : AlertRules.read()) {
            var condition =
                    rows.stream()
                            .filter(row -> row.group(1).equals(alert.name()))
                            .map(row -> row.group(3))
                            .collect(Collectors.joining());
            for (var selector : Expression.of(alert.expression()).selectors()) {
                softly.assertThat(condition)
                        .as(alert.name())
                        .contains("`" + selector.meter() + "`");
            }
        }
        softly.assertAll();
    }

    @Test
    void eachAlertHasATextAndASeverity() {
        assertThat(AlertRules.read())
                .isNotEmpty()
                .allMatch(alert -> alert.severity().matches("critical|warning"))
                .allMatch(
                        alert ->
                                alert.texts()
                                        .keySet()
                                        .equals(Map.of("summary", 1, "description", 2).keySet()))
                .extracting(Alert::name)
                .doesNotHaveDuplicates();
    }

    @Test
    void eachAlertIsTestedToFireAndToBeQuiet() {
        var expected = AlertRules.expectations();

        assertThat(expected)
                .containsAll(
                        AlertRules.read().stream()
                                .flatMap(
                                        alert ->
                                                Stream.of(true, false)
                                                        .map(
                                                                fires ->
                                                                        new Expectation(
                                                                                alert.name(),
                                                                                fires)))
                                .toList());
    }
}
