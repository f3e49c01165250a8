package io.fustor.source.mysql.monitoring;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toMap;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// What one scrape holds: the labels of every series, by the name of its meter.
record Scrape(Map<String, List<Map<String, String>>> series) {

    /// What Prometheus itself adds to each series.
    static final List<String> OF_THE_TARGET = List.of("job", "instance");

    private static final Pattern LINE = Pattern.compile("(?m)^(\\w+)(?:\\{(.*)})? \\S+$");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    /// @param text in Prometheus's format
    static Scrape of(String text) {
        return new Scrape(
                LINE.matcher(text)
                        .results()
                        .collect(
                                groupingBy(
                                        line -> line.group(1),
                                        mapping(line -> labels(line.group(2)), toList()))));
    }

    private static Map<String, String> labels(String text) {
        return text == null
                ? Map.of()
                : LABEL.matcher(text)
                        .results()
                        .collect(toMap(label -> label.group(1), label -> label.group(2)));
    }

    /// Whether a series of the meter has the label.
    boolean has(String meter, String label) {
        return OF_THE_TARGET.contains(label)
                || series.getOrDefault(meter, List.of()).stream()
                        .anyMatch(labels -> labels.containsKey(label));
    }

    /// Whether a series of the meter has the label with a value that the pattern matches in full.
    boolean has(String meter, String label, Pattern value) {
        return OF_THE_TARGET.contains(label)
                || series.getOrDefault(meter, List.of()).stream()
                        .map(labels -> labels.get(label))
                        .anyMatch(found -> found != null && value.matcher(found).matches());
    }
}
