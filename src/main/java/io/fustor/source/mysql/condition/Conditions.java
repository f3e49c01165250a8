package io.fustor.source.mysql.condition;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.NameRule;
import io.fustor.source.mysql.schema.Scope;
import io.fustor.source.mysql.schema.Selection.TablePattern;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The row conditions of a subscription. A table has to meet all whose pattern it matches; a table
/// that matches none is wanted with all its rows. Equal conditions want the same rows.
///
/// @param of in the order in which they were given
public record Conditions(List<TableCondition> of) {

    public static final Conditions NONE = new Conditions(List.of());

    /// How long one condition may be, in characters.
    public static final int LONGEST = 16_384;

    /// How many there may be.
    public static final int MOST = 100;

    /// What the rows of some tables have to meet.
    ///
    /// @param isGranted whether a grant has it, which may use what its caller does not see; else a
    ///   request has it
    public record TableCondition(TablePattern table, Condition condition, boolean isGranted) {

        /// The names of the columns that the condition is about, as it writes them.
        public List<String> columns() {
            return ConditionBinder.names(condition).distinct().toList();
        }

        /// The condition as [Conditions#parse(List)] reads it. It may be as long as what was read.
        public String text() {
            return table.text() + ": " + ConditionText.of(condition);
        }

        private void requireVisible(TableSchema of, Scope scope) {
            Set<String> visible =
                    of.columns().stream()
                            .map(Column::name)
                            .filter(name -> scope.includes(of.id(), name))
                            .map(NameRule::column)
                            .collect(Collectors.toSet());
            for (String name : columns()) {
                if (!visible.contains(NameRule.column(name))) {
                    throw RequestException.invalid("condition.no-column", of.id(), name);
                }
            }
        }

        private void requireFitting(TableSchema of, Scope scope) {
            if (!isGranted) {
                requireVisible(of, scope);
                BoundCondition.of(condition, of);
                return;
            }
            try {
                BoundCondition.of(condition, of);
            } catch (RequestException e) {
                throw new SourceException(
                        FailureCode.CONDITION_UNFIT,
                        "a condition of the grant does not fit " + of.id() + ": " + e.getMessage(),
                        e);
            }
        }
    }

    public Conditions {
        of = List.copyOf(of);
    }

    /// Reads the conditions of a request, each as `schema.table: condition`.
    ///
    /// @throws RequestException `INVALID_REQUEST`, with the place of what is wrong
    public static Conditions parse(List<String> texts) {
        return parse(texts, false);
    }

    /// Reads the conditions of a grant.
    ///
    /// @throws RequestException as [#parse(List)]
    public static Conditions granted(List<String> texts) {
        return parse(texts, true);
    }

    private static Conditions parse(List<String> texts, boolean isGranted) {
        if (texts.size() > MOST) {
            throw RequestException.invalid("condition.many", MOST);
        }
        return texts.isEmpty()
                ? NONE
                : new Conditions(texts.stream().map(text -> parse(text, isGranted)).toList());
    }

    private static TableCondition parse(String text, boolean isGranted) {
        if (text.length() > LONGEST) {
            throw RequestException.invalid("condition.long", LONGEST);
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw RequestException.invalid("condition.character");
        }
        int colon = colon(text);
        if (colon < 0) {
            throw RequestException.invalid("condition.table");
        }
        try {
            return new TableCondition(
                    TablePattern.parse(text.substring(0, colon)),
                    ConditionParser.parse(text, colon + 1),
                    isGranted);
        } catch (IllegalArgumentException _) {
            throw RequestException.invalid("condition.table");
        }
    }

    /// The first colon that is in no backquotes; -1 where there is none.
    private static int colon(String text) {
        boolean isQuoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            isQuoted ^= c == '`';
            if (c == ':' && !isQuoted) {
                return i;
            }
        }
        return -1;
    }

    /// The rows that meet these and the other conditions.
    public Conditions and(Conditions other) {
        if (other.isEmpty()) {
            return this;
        }
        return isEmpty()
                ? other
                : new Conditions(Stream.concat(of.stream(), other.of.stream()).toList());
    }

    /// The same by the names that a server stores.
    public Conditions under(NameRule names) {
        return new Conditions(
                of.stream()
                        .map(
                                one ->
                                        new TableCondition(
                                                one.table.under(names),
                                                one.condition,
                                                one.isGranted))
                        .toList());
    }

    public boolean isEmpty() {
        return of.isEmpty();
    }

    /// Whether a grant has some: the caller may not know of rows that do not meet them.
    public boolean hasGranted() {
        return of.stream().anyMatch(TableCondition::isGranted);
    }

    /// What the wildcards of a grant need: a table that one selects, and that lacks a column of its
    /// condition, has no row that meets it. A table that is named in full has to fit.
    public List<Scope.Need> needs() {
        return of.stream()
                .filter(one -> one.isGranted && !one.table.isName())
                .map(
                        one ->
                                new Scope.Need(
                                        one.table,
                                        one.columns().stream()
                                                .map(NameRule::column)
                                                .collect(Collectors.toSet())))
                .distinct()
                .toList();
    }

    /// Makes sure that the conditions of the request use no column of a table that the caller does
    /// not see: whether a row comes would tell its value.
    ///
    /// @throws RequestException `INVALID_REQUEST`, as for a column that the table does not have
    public void requireVisible(TableSchema table, Scope scope) {
        for (TableCondition one : of) {
            if (!one.isGranted && one.table.matches(table.id())) {
                one.requireVisible(table, scope);
            }
        }
    }

    /// Makes sure that the conditions fit a table.
    ///
    /// @throws RequestException `INVALID_REQUEST` where one of the request does not, with the
    ///   column, its type and what is possible
    /// @throws SourceException `CONDITION_UNFIT` where one of the grant does not
    public void requireFitting(TableSchema table, Scope scope) {
        for (TableCondition one : of) {
            if (one.table.matches(table.id())) {
                one.requireFitting(table, scope);
            }
        }
    }

    /// What the rows of a table have to meet; null where nothing is said of it.
    public @Nullable Condition of(TableId table) {
        List<Condition> all = new ArrayList<>();
        for (TableCondition one : of) {
            if (one.table.matches(table)) {
                all.add(one.condition);
            }
        }
        if (all.isEmpty()) {
            return null;
        }
        return all.size() == 1 ? all.getFirst() : new Condition.And(all);
    }
}
