package io.fustor.source.mysql.grant;

import io.fustor.source.mysql.condition.Conditions;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.schema.Scope;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a caller may see, and how much of it at a time. A grant is a selection: a subscription sees
/// the intersection of its request and its grant.
///
/// @param sources ids of sources, `*` as wildcard; empty for all
/// @param tables as in the feed's parameter, one name an element; empty for all but the system
///   schemas
/// @param fields the only visible columns, `*` allowed in each part; empty for all
/// @param without columns that are not visible
/// @param where conditions that rows must meet, as text
/// @param unmasked whether masked columns are shown in clear
/// @param snapshots whether the caller may take snapshots
/// @param maxStreams how many streams the caller may have open, over all instances
/// @param sharedCache whether caches that callers share may keep pages of the caller
/// @param expires when the grant ends; null for never
public record Grant(
        List<String> sources,
        List<String> tables,
        List<String> fields,
        List<String> without,
        List<String> where,
        boolean unmasked,
        boolean snapshots,
        int maxStreams,
        boolean sharedCache,
        @Nullable Instant expires) {

    public static final int DEFAULT_STREAMS = 100;

    /// Everything, without an end.
    public static final Grant EVERYTHING =
            new Grant(
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    true,
                    true,
                    Integer.MAX_VALUE,
                    false,
                    null);

    /// Everything with masked values, without an end.
    static final Grant MASKED =
            new Grant(
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    false,
                    true,
                    Integer.MAX_VALUE,
                    false,
                    null);

    private static final Pattern SOURCE = Pattern.compile("[A-Za-z0-9*][A-Za-z0-9*._-]{0,127}");
    private static final int MOST_ELEMENTS = 1_000;
    private static final int LONGEST_ELEMENT = 4_000;

    /// @throws RequestException `INVALID_REQUEST` with the key and what it takes
    public Grant {
        sources = checked("sources", sources);
        tables = checked("tables", tables);
        fields = checked("fields", fields);
        without = checked("without", without);
        where = checked("where", where);
        for (String source : sources) {
            if (!SOURCE.matcher(source).matches()) {
                throw RequestException.invalid("grant.source");
            }
        }
        if (maxStreams < 1) {
            throw RequestException.invalid("grant.max-streams");
        }
        parse(tables, fields, without);
        Conditions.granted(where);
    }

    private static List<String> checked(String key, List<String> elements) {
        if (elements.size() > MOST_ELEMENTS) {
            throw RequestException.invalid("grant.many", key, MOST_ELEMENTS);
        }
        for (String element : elements) {
            if (element == null || element.isBlank() || element.length() > LONGEST_ELEMENT) {
                throw RequestException.invalid("grant.element", key, LONGEST_ELEMENT);
            }
        }
        return List.copyOf(elements);
    }

    private static Scope parse(List<String> tables, List<String> fields, List<String> without) {
        try {
            return Scope.parse(tables, fields, without);
        } catch (IllegalArgumentException e) {
            throw new RequestException(
                    RequestCode.INVALID_REQUEST,
                    Sentence.quoting("grant.names", String.valueOf(e.getMessage())),
                    e);
        }
    }

    /// The tables and columns that are visible. A table that a condition with a wildcard selects is
    /// visible where it has the condition's columns.
    Scope scope() {
        return parse(tables, fields, without).needing(conditions().needs());
    }

    /// The conditions that visible rows meet. They may use columns that are not visible.
    public Conditions conditions() {
        return Conditions.granted(where);
    }

    /// Whether another grant shows the same, so that open streams may go on under it.
    public boolean showsTheSameAs(Grant other) {
        return sources.equals(other.sources)
                && tables.equals(other.tables)
                && fields.equals(other.fields)
                && without.equals(other.without)
                && where.equals(other.where)
                && unmasked == other.unmasked
                && snapshots == other.snapshots;
    }

    /// Whether the grant is over at a moment.
    public boolean isOver(Instant now) {
        return expires != null && !now.isBefore(expires);
    }

    /// The same with an end that is not later than a moment.
    public Grant until(Instant end) {
        Instant sooner = expires == null || end.isBefore(expires) ? end : expires;
        return new Grant(
                sources,
                tables,
                fields,
                without,
                where,
                unmasked,
                snapshots,
                maxStreams,
                sharedCache,
                sooner);
    }
}
