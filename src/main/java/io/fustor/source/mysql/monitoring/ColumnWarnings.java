package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.encode.Masks;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.feed.SubscriptionStatus;
import io.fustor.source.mysql.monitoring.SourceWarnings.Kind;
import io.fustor.source.mysql.monitoring.SourceWarnings.Warning;
import io.fustor.source.mysql.schema.Scope;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.source.SourceRun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Warnings about columns of one source that masks and conditions of grants name and that are not
/// there: masks that have met no column since the service started, and tables that are hidden from
/// callers since they lack what a condition with a wildcard needs. For one thread at a time.
final class ColumnWarnings {

    /// Some servers open every table to answer.
    private static final Duration PAUSE = Duration.ofMinutes(5);

    private static final int MOST_TABLES = 20;
    private static final int MOST_OWNERS = 3;

    private static final Logger log = LoggerFactory.getLogger(ColumnWarnings.class);

    private final Set<Masks.Rule> met = new HashSet<>();
    private Asked asked = new Asked(List.of(), Set.of());
    private List<Warning> found = List.of();
    private long next = System.nanoTime();

    /// What the answer depends on.
    ///
    /// @param scopes of the streams with conditions that need columns
    private record Asked(List<Masks.Rule> masks, Set<Scope> scopes) {}

    /// Asks the server every five minutes, and when masks or grants have changed; after a failure
    /// the last answer stays.
    ///
    /// @param isDue whether to ask in any case
    List<Warning> of(SourceRun run, List<SubscriptionStatus> streams, boolean isDue) {
        Map<Scope, Set<String>> owners = owners(streams);
        Asked now = new Asked(run.masks().rules(), owners.keySet());
        if (!isDue && now.equals(asked) && System.nanoTime() - next < 0) {
            return found;
        }
        try {
            MySqlServer server = run.capture().server();
            List<Warning> warnings = masks(run.masks(), server);
            warnings.addAll(conditions(owners, server));
            found = warnings;
            asked = now;
            next = System.nanoTime() + PAUSE.toNanos();
        } catch (SourceException e) {
            log.debug("source={} columns were not looked for: {}", run.id(), e.getMessage());
        }
        return found;
    }

    /// The owners of streams with conditions that need columns, by what they may see.
    private static Map<Scope, Set<String>> owners(List<SubscriptionStatus> streams) {
        Map<Scope, Set<String>> owners = new LinkedHashMap<>();
        for (SubscriptionStatus stream : streams) {
            Scope scope = stream.form().selection().scope();
            if (!scope.needs().isEmpty()) {
                owners.computeIfAbsent(scope, _ -> new TreeSet<>()).add(stream.owner());
            }
        }
        return owners;
    }

    private List<Warning> masks(Masks configured, MySqlServer server) {
        if (configured.isEmpty()) {
            return new ArrayList<>();
        }
        List<Masks.Rule> rules = configured.under(server.identity().names()).rules();
        met.retainAll(rules);
        List<Masks.Rule> open = rules.stream().filter(rule -> !met.contains(rule)).toList();
        if (!open.isEmpty()) {
            meet(open, server);
        }
        return open.stream()
                .filter(rule -> !met.contains(rule))
                .map(
                        rule ->
                                new Warning(
                                        Kind.MASK,
                                        Sentence.of("subject.mask", rule),
                                        null,
                                        "hides nothing: no table that it selects, and that the"
                                                + " source's user may see, has had such a column"
                                                + " since the service started"))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private void meet(List<Masks.Rule> rules, MySqlServer server) {
        server.visitColumns(
                rules.stream().map(Masks.Rule::column).collect(Collectors.toSet()),
                (table, column) -> {
                    for (Masks.Rule rule : rules) {
                        if (rule.masks(table, column)) {
                            met.add(rule);
                        }
                    }
                });
    }

    /// What a table lacks, and for whom.
    private record Lacking(Set<String> columns, Set<String> owners) {}

    private static List<Warning> conditions(Map<Scope, Set<String>> owners, MySqlServer server) {
        if (owners.isEmpty()) {
            return List.of();
        }
        Set<String> needed =
                owners.keySet().stream()
                        .flatMap(scope -> scope.needs().stream())
                        .flatMap(need -> need.columns().stream())
                        .collect(Collectors.toSet());
        Map<String, Lacking> tables = new TreeMap<>();
        server.columnsOf(id -> isNeeding(id, owners.keySet()), needed)
                .forEach(
                        (id, columns) ->
                                owners.forEach(
                                        (scope, names) -> {
                                            Set<String> lacking = scope.lacking(id, columns);
                                            if (scope.includes(id) && !lacking.isEmpty()) {
                                                Lacking all =
                                                        tables.computeIfAbsent(
                                                                id.toString(),
                                                                _ ->
                                                                        new Lacking(
                                                                                new TreeSet<>(),
                                                                                new TreeSet<>()));
                                                all.columns.addAll(lacking);
                                                all.owners.addAll(names);
                                            }
                                        }));
        return tables.entrySet().stream()
                .limit(MOST_TABLES)
                .map(entry -> warning(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static boolean isNeeding(TableId table, Set<Scope> scopes) {
        return scopes.stream()
                .anyMatch(
                        scope ->
                                scope.includes(table) && !scope.lacking(table, Set.of()).isEmpty());
    }

    private static Warning warning(String table, Lacking lacking) {
        int more = lacking.owners.size() - MOST_OWNERS;
        return new Warning(
                Kind.CONDITION,
                Sentence.of("subject.table", table),
                null,
                "is hidden from "
                        + lacking.owners.stream()
                                .limit(MOST_OWNERS)
                                .collect(Collectors.joining(", "))
                        + (more > 0 ? " and " + more + " more" : "")
                        + ": a condition of the grant needs the columns "
                        + String.join(", ", lacking.columns)
                        + ", which it lacks");
    }
}
