package io.fustor.source.mysql.position;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// An immutable set of MySQL GTIDs, in the text form of `@@gtid_executed`.
///
/// Each origin (a server's uuid and a tag) has disjoint intervals in ascending order that do not
/// touch. A reader of the binlog adds the next number of an origin, which copies one array of
/// longs.
public final class MySqlGtidSet implements GtidSet {

    static final MySqlGtidSet EMPTY = new MySqlGtidSet(new TreeMap<>());

    private static final Pattern TAG = Pattern.compile("[a-z_][a-z0-9_]{0,31}");

    /// The origin of a transaction's number: a server's uuid and a tag, which is empty for plain
    /// GTIDs.
    public record Origin(UUID server, String tag) implements Comparable<Origin> {
        @Override
        public int compareTo(Origin other) {
            int byServer = server.toString().compareTo(other.server.toString());
            return byServer != 0 ? byServer : tag.compareTo(other.tag);
        }
    }

    /// Intervals as pairs: first, last, first, last; both ends are included.
    private final SortedMap<Origin, long[]> intervals;

    private MySqlGtidSet(SortedMap<Origin, long[]> intervals) {
        this.intervals = intervals;
    }

    /// Parses the server's text form. Line feeds and spaces between parts are allowed, since the
    /// server prints them.
    ///
    /// @throws IllegalArgumentException with a sentence that names the part that is not a GTID set
    public static MySqlGtidSet parse(String text) {
        SortedMap<Origin, long[]> parsed = new TreeMap<>();
        for (String part : text.split(",", -1)) {
            String member = part.strip();
            if (member.isEmpty()) {
                continue;
            }
            parseMember(member, parsed);
        }
        return parsed.isEmpty() ? EMPTY : new MySqlGtidSet(parsed);
    }

    private static void parseMember(String member, SortedMap<Origin, long[]> into) {
        String[] parts = member.split(":", -1);
        UUID server = parseServer(parts[0].strip(), member);
        String tag = "";
        boolean hasInterval = false;
        for (int i = 1; i < parts.length; i++) {
            String part = parts[i].strip().toLowerCase(Locale.ROOT);
            if (TAG.matcher(part).matches()) {
                tag = part;
            } else {
                long[] interval = parseInterval(part, member);
                into.merge(new Origin(server, tag), interval, MySqlGtidSet::union);
                hasInterval = true;
            }
        }
        if (!hasInterval) {
            throw notAGtidSet(member);
        }
    }

    private static UUID parseServer(String text, String member) {
        if (text.length() != 36) {
            throw notAGtidSet(member);
        }
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(notAGtidSet(member).getMessage(), e);
        }
    }

    private static long[] parseInterval(String text, String member) {
        int dash = text.indexOf('-');
        try {
            long first = Long.parseLong(dash < 0 ? text : text.substring(0, dash).strip());
            long last = dash < 0 ? first : Long.parseLong(text.substring(dash + 1).strip());
            if (first < 1 || last < first) {
                throw notAGtidSet(member);
            }
            return new long[] {first, last};
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(notAGtidSet(member).getMessage(), e);
        }
    }

    private static IllegalArgumentException notAGtidSet(String member) {
        return new IllegalArgumentException(
                "'"
                        + member
                        + "' is not a GTID set, which reads like"
                        + " 3E11FA47-71CA-11E1-9E33-C80AA9429562:1-5, or for MariaDB like"
                        + " 0-1-100,1-2-5");
    }

    @Override
    public boolean isEmpty() {
        return intervals.isEmpty();
    }

    @Override
    public boolean contains(Gtid gtid) {
        return gtid instanceof MySqlGtid one && contains(one);
    }

    private boolean contains(MySqlGtid gtid) {
        long[] of = intervals.get(new Origin(gtid.server(), gtid.tag()));
        return of != null && covers(of, gtid.number(), gtid.number());
    }

    @Override
    public boolean covers(Gtid gtid) {
        return contains(gtid);
    }

    @Override
    public boolean covers(GtidSet other) {
        return other.isSubsetOf(this);
    }

    @Override
    public boolean isSubsetOf(GtidSet set) {
        if (!(set instanceof MySqlGtidSet other)) {
            return isEmpty();
        }
        for (Map.Entry<Origin, long[]> entry : intervals.entrySet()) {
            long[] theirs = other.intervals.get(entry.getKey());
            long[] ours = entry.getValue();
            for (int i = 0; i < ours.length; i += 2) {
                if (theirs == null || !covers(theirs, ours[i], ours[i + 1])) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean covers(long[] pairs, long first, long last) {
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i] <= first && last <= pairs[i + 1]) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean intersects(GtidSet set) {
        if (!(set instanceof MySqlGtidSet other)) {
            return false;
        }
        for (Map.Entry<Origin, long[]> entry : intervals.entrySet()) {
            long[] theirs = other.intervals.get(entry.getKey());
            long[] ours = entry.getValue();
            if (theirs != null && count(union(ours, theirs)) < count(ours) + count(theirs)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public GtidSet ofOrigins(GtidSet set) {
        if (!(set instanceof MySqlGtidSet other)) {
            return EMPTY;
        }
        SortedMap<Origin, long[]> kept = new TreeMap<>(intervals);
        kept.keySet().retainAll(other.intervals.keySet());
        return of(kept);
    }

    @Override
    public GtidSet plus(Gtid gtid) {
        return switch (gtid) {
            case MySqlGtid one -> plus(one);
            case MariaDbGtid one -> {
                requireEmpty();
                yield MariaDbGtidSet.of(one);
            }
        };
    }

    private void requireEmpty() {
        if (!isEmpty()) {
            throw new IllegalArgumentException("GTIDs of MySQL and of MariaDB in one set");
        }
    }

    private MySqlGtidSet plus(MySqlGtid gtid) {
        if (contains(gtid)) {
            return this;
        }
        SortedMap<Origin, long[]> copy = new TreeMap<>(intervals);
        copy.merge(
                new Origin(gtid.server(), gtid.tag()),
                new long[] {gtid.number(), gtid.number()},
                MySqlGtidSet::union);
        return new MySqlGtidSet(copy);
    }

    /// This set without one GTID.
    public MySqlGtidSet minus(MySqlGtid gtid) {
        if (!contains(gtid)) {
            return this;
        }
        SortedMap<Origin, long[]> copy = new TreeMap<>(intervals);
        copy.computeIfPresent(
                new Origin(gtid.server(), gtid.tag()), (_, pairs) -> without(pairs, gtid.number()));
        return of(copy);
    }

    /// This set without the transactions that a GTID's origin numbered after it.
    public MySqlGtidSet upTo(MySqlGtid gtid) {
        SortedMap<Origin, long[]> copy = new TreeMap<>(intervals);
        copy.computeIfPresent(
                new Origin(gtid.server(), gtid.tag()), (_, pairs) -> upTo(pairs, gtid.number()));
        return of(copy);
    }

    /// @return null if nothing remains
    private static long @Nullable [] upTo(long[] pairs, long number) {
        long[] left = pairs.clone();
        int length = 0;
        while (length < pairs.length && pairs[length] <= number) {
            left[length + 1] = Math.min(pairs[length + 1], number);
            length += 2;
        }
        return length == 0 ? null : Arrays.copyOf(left, length);
    }

    /// @return null if nothing remains
    private static long @Nullable [] without(long[] pairs, long number) {
        long[] left = new long[pairs.length + 2];
        int length = 0;
        for (int i = 0; i < pairs.length; i += 2) {
            boolean isIn = pairs[i] <= number && number <= pairs[i + 1];
            if (!isIn || pairs[i] < number) {
                left[length++] = pairs[i];
                left[length++] = isIn ? number - 1 : pairs[i + 1];
            }
            if (isIn && number < pairs[i + 1]) {
                left[length++] = number + 1;
                left[length++] = pairs[i + 1];
            }
        }
        return length == 0 ? null : Arrays.copyOf(left, length);
    }

    @Override
    public GtidSet plus(GtidSet set) {
        if (!(set instanceof MySqlGtidSet other)) {
            requireEmpty();
            return set;
        }
        SortedMap<Origin, long[]> copy = new TreeMap<>(intervals);
        other.intervals.forEach(
                (origin, theirs) -> copy.merge(origin, theirs, MySqlGtidSet::union));
        return new MySqlGtidSet(copy);
    }

    @Override
    public long countMissingIn(GtidSet set) {
        SortedMap<Origin, long[]> other =
                set instanceof MySqlGtidSet mine ? mine.intervals : EMPTY.intervals;
        long[] missing = {0};
        intervals.forEach(
                (origin, ours) -> {
                    long[] theirs = other.getOrDefault(origin, new long[0]);
                    missing[0] += count(union(ours, theirs)) - count(theirs);
                });
        return missing[0];
    }

    private static long count(long[] pairs) {
        long count = 0;
        for (int i = 0; i < pairs.length; i += 2) {
            count += pairs[i + 1] - pairs[i] + 1;
        }
        return count;
    }

    private static long[] union(long[] left, long[] right) {
        long[] merged = new long[left.length + right.length];
        int length = 0;
        int l = 0;
        int r = 0;
        while (l < left.length || r < right.length) {
            boolean takeLeft = r >= right.length || (l < left.length && left[l] <= right[r]);
            long first = takeLeft ? left[l] : right[r];
            long last = takeLeft ? left[l + 1] : right[r + 1];
            if (takeLeft) {
                l += 2;
            } else {
                r += 2;
            }
            if (length > 0 && first <= merged[length - 1] + 1) {
                merged[length - 1] = Math.max(merged[length - 1], last);
            } else {
                merged[length++] = first;
                merged[length++] = last;
            }
        }
        return length == merged.length ? merged : Arrays.copyOf(merged, length);
    }

    /// Visits each origin in order with its intervals as pairs (first, last, both included). The
    /// array belongs to the set; do not change it.
    public void forEach(BiConsumer<Origin, long[]> visitor) {
        intervals.forEach(visitor);
    }

    static MySqlGtidSet of(SortedMap<Origin, long[]> intervals) {
        return intervals.isEmpty() ? EMPTY : new MySqlGtidSet(intervals);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MySqlGtidSet that
                && intervals.keySet().equals(that.intervals.keySet())
                && intervals.entrySet().stream()
                        .allMatch(e -> Arrays.equals(e.getValue(), that.intervals.get(e.getKey())));
    }

    @Override
    public int hashCode() {
        int hash = 0;
        for (Map.Entry<Origin, long[]> entry : intervals.entrySet()) {
            hash += Objects.hash(entry.getKey(), Arrays.hashCode(entry.getValue()));
        }
        return hash;
    }

    /// The text form of `@@gtid_executed`, without line feeds.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        UUID previous = null;
        for (Map.Entry<Origin, long[]> entry : intervals.entrySet()) {
            Origin origin = entry.getKey();
            if (!origin.server().equals(previous)) {
                text.append(text.isEmpty() ? "" : ",").append(origin.server());
                previous = origin.server();
            }
            if (!origin.tag().isEmpty()) {
                text.append(':').append(origin.tag());
            }
            long[] pairs = entry.getValue();
            for (int i = 0; i < pairs.length; i += 2) {
                text.append(':').append(pairs[i]);
                if (pairs[i + 1] != pairs[i]) {
                    text.append('-').append(pairs[i + 1]);
                }
            }
        }
        return text.toString();
    }
}
