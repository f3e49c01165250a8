package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.condition.Conditions;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.schema.NameRule;
import io.fustor.source.mysql.schema.Scope;
import io.fustor.source.mysql.schema.Selection.TablePattern;
import io.fustor.source.mysql.schema.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which columns of a source are masked, and how. Equal masks give equal bytes.
///
/// @param rules the first one that matches a column holds
/// @param key hides the keys in places of a snapshot; null for none
public record Masks(List<Rule> rules, @Nullable MaskKey key) {

    public static final Masks NONE = new Masks(List.of(), null);

    /// The mask of one column, in each table that a pattern matches.
    ///
    /// @param column as [NameRule#column] gives it
    public record Rule(TablePattern table, String column, Mask mask) {

        /// Whether this masks a column.
        public boolean masks(TableId of, String name) {
            return column.equals(NameRule.column(name)) && table.matches(of);
        }

        /// Whether a condition may use what is masked here, as far as names tell.
        private boolean reaches(Conditions.TableCondition condition, String name, Scope scope) {
            return column.equals(NameRule.column(name))
                    && table.mayMeet(condition.table())
                    && (scope.isEverything() || isVisible(condition.table(), name, scope));
        }

        /// Where both names have wildcards, the tables themselves are to be looked at.
        private boolean isVisible(TablePattern of, String name, Scope scope) {
            TablePattern named = of.isName() ? of : table;
            return named.isName()
                    && scope.includes(new TableId(named.schema(), named.table()), name);
        }

        /// The column as it is configured, but for its case.
        @Override
        public String toString() {
            return table.schema() + "." + table.table() + "." + column;
        }
    }

    public Masks {
        rules = List.copyOf(rules);
    }

    /// Reads the masks of a source's configuration.
    ///
    /// @param configured masks by `schema.table.column`, `*` as wildcard in schema and table
    /// @throws RequestException `INVALID_REQUEST`, with the name that is wrong
    public static Masks parse(Map<String, String> configured, MaskKey key) {
        List<Rule> rules = new ArrayList<>();
        configured.forEach((name, mask) -> rules.add(rule(name, mask, key)));
        return new Masks(rules, key);
    }

    /// The same for callers who see all values in clear; they may hold a place of other callers.
    public Masks inClear() {
        return new Masks(List.of(), key);
    }

    private static Rule rule(String name, String mask, MaskKey key) {
        int dot = name.lastIndexOf('.');
        String column = dot < 0 ? "" : name.substring(dot + 1).replace("`", "");
        if (column.isBlank()) {
            throw RequestException.invalid("mask.column", name);
        }
        TablePattern table;
        try {
            table = TablePattern.parse(name.substring(0, dot));
        } catch (IllegalArgumentException _) {
            throw RequestException.invalid("mask.column", name);
        }
        try {
            return new Rule(table, NameRule.column(column), Mask.parse(mask, key));
        } catch (IllegalArgumentException _) {
            throw RequestException.invalid("mask.form", name, Mask.FORMS);
        }
    }

    /// The same by the names that a server stores.
    public Masks under(NameRule names) {
        return new Masks(
                rules.stream()
                        .map(rule -> new Rule(rule.table.under(names), rule.column, rule.mask))
                        .toList(),
                key);
    }

    /// A place in a snapshot whose key no client can read.
    SnapshotPlace sealed(SnapshotPlace place) {
        return key == null || place.key().length == 0
                ? place
                : withKey(place, key.seal(place.key()));
    }

    /// The place of what [FrameForm#sealed] gave, to this caller or another.
    public SnapshotPlace opened(SnapshotPlace place) {
        byte[] opened = key == null ? null : key.open(place.key());
        return opened == null ? place : withKey(place, opened);
    }

    private static SnapshotPlace withKey(SnapshotPlace place, byte[] rowKey) {
        return new SnapshotPlace(
                place.schema(), place.table(), place.shape(), rowKey, place.rows());
    }

    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /// The mask of a column; null where it is shown in clear.
    public @Nullable Mask of(TableId table, String column) {
        if (rules.isEmpty()) {
            return null;
        }
        for (Rule rule : rules) {
            if (rule.masks(table, column)) {
                return rule.mask;
            }
        }
        return null;
    }

    /// Makes sure that no condition of a request depends on what is masked: whether a row comes
    /// would tell its value. A grant's own may.
    ///
    /// @param scope what the caller sees; nothing is said of a mask on what it does not see
    /// @throws RequestException `INVALID_REQUEST`, with the column
    public void requireUnmasked(Conditions conditions, Scope scope) {
        for (Conditions.TableCondition condition : conditions.of()) {
            for (String column : condition.columns()) {
                if (!condition.isGranted()
                        && rules.stream()
                                .anyMatch(rule -> rule.reaches(condition, column, scope))) {
                    throw RequestException.invalid("condition.masked", column);
                }
            }
        }
    }

    /// The same for one table, which the wildcards of names cannot hide.
    ///
    /// @throws RequestException as [#requireUnmasked(Conditions, Scope)]
    public void requireUnmasked(Conditions conditions, TableId table) {
        for (Conditions.TableCondition condition : conditions.of()) {
            if (condition.isGranted() || !condition.table().matches(table)) {
                continue;
            }
            for (String column : condition.columns()) {
                if (of(table, column) != null) {
                    throw RequestException.invalid("condition.masked", column);
                }
            }
        }
    }
}
