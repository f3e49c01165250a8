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

/// An immutable set of MySQL GTIDs, in the text form of `@@gtid_executed`.
///
/// Each origin (a server's uuid and a tag) has disjoint intervals in ascending order that do not
/// touch. Adding the next number of an origin, which is what following a binlog does, copies one
/// array of longs.
public final class GtidSet {

    public static final GtidSet EMPTY = new GtidSet(new TreeMap<>());

    private static final Pattern TAG = Pattern.compile("[a-z_][a-z0-9_]{0,31}");

    /// Who numbered the transactions: a server's uuid and a tag, which is empty for plain GTIDs.
    public record Origin(UUID server, String tag) implements Comparable<Origin> {
        @Override
        public int compareTo(Origin other) {
            int byServer = server.toString().compareTo(other.server.toString());
            return byServer != 0 ? byServer : tag.compareTo(other.tag);
        }
    }

    /// Intervals as pairs: first, last, first, last; both ends belong to the set.
    private final SortedMap<Origin, long[]> intervals;

    private GtidSet(SortedMap<Origin, long[]> intervals) {
        this.intervals = intervals;
    }

    /// Reads the server's text form; line feeds and spaces between parts are allowed, as the server
    /// prints them.
    ///
    /// @throws IllegalArgumentException with a sentence that names the part that is not a GTID set
    public static GtidSet parse(String text) {
        SortedMap<Origin, long[]> parsed = new TreeMap<>();
        for (String part : text.split(",", -1)) {
            String member = part.strip();
            if (member.isEmpty()) {
                continue;
            }
            parseMember(member, parsed);
        }
        return parsed.isEmpty() ? EMPTY : new GtidSet(parsed);
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
                into.merge(new Origin(server, tag), interval, GtidSet::union);
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
                        + " 3E11FA47-71CA-11E1-9E33-C80AA9429562:1-5");
    }

    public boolean isEmpty() {
        return intervals.isEmpty();
    }

    public boolean contains(Gtid gtid) {
        long[] of = intervals.get(new Origin(gtid.server(), gtid.tag()));
        return of != null && covers(of, gtid.number(), gtid.number());
    }

    /// Whether every GTID of this set is in `other` too.
    public boolean isSubsetOf(GtidSet other) {
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

    /// Whether there is a GTID in both sets.
    public boolean intersects(GtidSet other) {
        for (Map.Entry<Origin, long[]> entry : intervals.entrySet()) {
            long[] theirs = other.intervals.get(entry.getKey());
            long[] ours = entry.getValue();
            if (theirs != null && count(union(ours, theirs)) < count(ours) + count(theirs)) {
                return true;
            }
        }
        return false;
    }

    /// What of this set has origins that another set knows.
    public GtidSet ofOrigins(GtidSet other) {
        SortedMap<Origin, long[]> kept = new TreeMap<>(intervals);
        kept.keySet().retainAll(other.intervals.keySet());
        return of(kept);
    }

    public GtidSet plus(Gtid gtid) {
        if (contains(gtid)) {
            return this;
        }
        SortedMap<Origin, long[]> copy = new TreeMap<>(intervals);
        copy.merge(
                new Origin(gtid.server(), gtid.tag()),
                new long[] {gtid.number(), gtid.number()},
                GtidSet::union);
        return new GtidSet(copy);
    }

    /// The GTIDs that are in this set, in `other`, or in both.
    public GtidSet plus(GtidSet other) {
        SortedMap<Origin, long[]> copy = new TreeMap<>(intervals);
        other.intervals.forEach((origin, theirs) -> copy.merge(origin, theirs, GtidSet::union));
        return new GtidSet(copy);
    }

    /// How many GTIDs of this set `other` lacks.
    public long countMissingIn(GtidSet other) {
        long[] missing = {0};
        intervals.forEach(
                (origin, ours) -> {
                    long[] theirs = other.intervals.getOrDefault(origin, new long[0]);
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
    /// array is the set's own: read it only.
    public void forEach(BiConsumer<Origin, long[]> visitor) {
        intervals.forEach(visitor);
    }

    static GtidSet of(SortedMap<Origin, long[]> intervals) {
        return intervals.isEmpty() ? EMPTY : new GtidSet(intervals);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GtidSet that
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
