package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.encode.Masks;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.monitoring.SourceViews.FilterView;
import io.fustor.source.mysql.schema.ColumnPattern;
import io.fustor.source.mysql.schema.Selection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// What a stream selects, as a caller sees it.
final class StreamFilters {

    /// How much of a condition is shown, in characters.
    static final int LONGEST_CONDITION = 1_000;

    private StreamFilters() {}

    /// A caller with a grant sees what it asked for itself: the conditions of its grant and the
    /// masks may name what it does not see.
    static FilterView of(FrameForm form, Sight sight) {
        Selection selection = form.selection();
        List<String> tables =
                selection.tables().stream().map(Selection.TablePattern::text).toList();
        List<String> fields =
                selection.columns().entrySet().stream()
                        .flatMap(
                                entry ->
                                        entry.getValue().stream()
                                                .map(column -> entry.getKey() + "." + column))
                        .sorted()
                        .toList();
        Set<String> operations = new TreeSet<>();
        form.operations().forEach(operation -> operations.add(operation.text()));
        return new FilterView(
                tables,
                fields,
                selection.without().stream().map(ColumnPattern::toString).toList(),
                operations,
                where(form, false),
                sight.isLimited() ? null : where(form, true),
                sight.isLimited() ? null : masks(form.masks()));
    }

    private static List<String> where(FrameForm form, boolean isGranted) {
        return form.conditions().of().stream()
                .filter(condition -> condition.isGranted() == isGranted)
                .map(condition -> shortened(condition.text()))
                .toList();
    }

    private static String shortened(String condition) {
        return condition.length() <= LONGEST_CONDITION
                ? condition
                : condition.substring(0, LONGEST_CONDITION - 1) + "…";
    }

    private static Map<String, String> masks(Masks masks) {
        Map<String, String> texts = new LinkedHashMap<>();
        masks.rules().forEach(rule -> texts.putIfAbsent(rule.toString(), rule.mask().text()));
        return texts;
    }
}
