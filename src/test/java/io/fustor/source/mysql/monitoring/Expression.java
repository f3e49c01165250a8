package io.fustor.source.mysql.monitoring;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The names in an expression of Prometheus. Its operators, functions and keywords are left to
/// Prometheus itself, which judges the whole.
///
/// @param selectors each meter with its conditions
/// @param labels those by which series are joined or summed up, and which legends name
record Expression(List<Selector> selectors, Set<String> labels) {

    /// @param values for each condition on a label, the values that it permits
    record Selector(String meter, List<Condition> conditions) {}

    /// @param operator `=`, `!=`, `=~` or `!~`
    record Condition(String label, String operator, String value) {}

    private static final Pattern JOINED =
            Pattern.compile(
                    "\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\(([^)]*)\\)");
    private static final Pattern METER =
            Pattern.compile("\\b([a-z_:][\\w:]*)\\b(?!\\s*\\()(?:\\{([^}]*)})?");
    private static final Pattern CONDITION =
            Pattern.compile("(\\w+)\\s*(=~|!~|!=|=)\\s*\"([^\"]*)\"");
    private static final Pattern DURATION = Pattern.compile("\\[[^\\]]*]");
    private static final Pattern LEGEND =
            Pattern.compile("\\{\\{\\s*(?:\\$labels\\.)?(\\w+)\\s*}}");

    private static final Set<String> KEYWORDS =
            Set.of("and", "or", "unless", "bool", "by", "without", "on", "ignoring", "offset");

    static Expression of(String text) {
        Set<String> labels = new LinkedHashSet<>();
        JOINED.matcher(text).results().flatMap(Expression::words).forEach(labels::add);
        var rest = JOINED.matcher(DURATION.matcher(text).replaceAll("")).replaceAll("");
        List<Selector> selectors = new ArrayList<>();
        METER.matcher(rest)
                .results()
                .filter(found -> !KEYWORDS.contains(found.group(1)))
                .forEach(
                        found ->
                                selectors.add(
                                        new Selector(found.group(1), conditions(found.group(2)))));
        return new Expression(List.copyOf(selectors), labels);
    }

    /// The labels that a text for people shows: `{{source}}` or `{{ $labels.source }}`.
    static List<String> shown(String text) {
        return LEGEND.matcher(text).results().map(found -> found.group(1)).toList();
    }

    private static Stream<String> words(MatchResult joined) {
        return Stream.of(joined.group(1).split(","))
                .map(String::strip)
                .filter(word -> !word.isEmpty());
    }

    private static List<Condition> conditions(String text) {
        return text == null
                ? List.of()
                : CONDITION
                        .matcher(text)
                        .results()
                        .map(each -> new Condition(each.group(1), each.group(2), each.group(3)))
                        .toList();
    }

    /// What a scrape lacks of it, in words; empty where it has all.
    List<String> missingIn(Scrape scrape) {
        List<String> missing = new ArrayList<>();
        for (var selector : selectors) {
            var meter = selector.meter();
            if (!scrape.series().containsKey(meter)) {
                missing.add("no meter " + meter);
            }
            for (var condition : selector.conditions()) {
                if (!isIn(scrape, meter, condition)) {
                    missing.add("no " + meter + " with " + condition);
                }
            }
        }
        missing.addAll(labelsMissingIn(scrape, labels));
        return missing;
    }

    /// Which of the labels no meter of this expression has.
    List<String> labelsMissingIn(Scrape scrape, Collection<String> wanted) {
        return wanted.stream()
                .filter(
                        label ->
                                selectors.stream()
                                        .noneMatch(each -> scrape.has(each.meter(), label)))
                .map(label -> "no label " + label)
                .toList();
    }

    /// Where a condition excludes values, its label has to exist. Where it asks for several ones,
    /// each.
    private static boolean isIn(Scrape scrape, String meter, Condition condition) {
        return switch (condition.operator()) {
            case "=" ->
                    scrape.has(
                            meter,
                            condition.label(),
                            Pattern.compile(Pattern.quote(condition.value())));
            case "=~" ->
                    Stream.of(condition.value().split("\\|"))
                            .allMatch(
                                    value ->
                                            scrape.has(
                                                    meter,
                                                    condition.label(),
                                                    Pattern.compile(value)));
            default -> scrape.has(meter, condition.label());
        };
    }
}
