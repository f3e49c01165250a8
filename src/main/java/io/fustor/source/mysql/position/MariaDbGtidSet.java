package io.fustor.source.mysql.position;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// An immutable set of MariaDB GTIDs, in the form of `@@gtid_binlog_state`: the last number for
/// each domain and each server that wrote into it. It includes all earlier numbers of that server,
/// since a server's numbers increase.
///
/// The set knows a server only after it has seen one of its transactions. Each domain therefore
/// also has a floor: the number that the domain had reached when it first appeared. [#covers(Gtid)]
/// counts the transactions of unknown servers up to the floor as included, and those after it as
/// missing (decision 0023).
///
/// Never empty: the empty set is [GtidSet#EMPTY].
public final class MariaDbGtidSet implements GtidSet {

    private static final Pattern GTID = Pattern.compile("(\\d{1,10})-(\\d{1,10})-(\\d{1,19})");

    /// The origin of a transaction's number.
    ///
    /// @param domain the `gtid_domain_id`
    /// @param server the `server_id`
    public record Origin(long domain, long server) {}

    /// @param floor up to this number, the transactions of servers that are not in the map are
    ///   included
    /// @param last the last number of each server
    record Domain(long floor, SortedMap<Long, Long> last) {

        private Domain with(long server, long number) {
            SortedMap<Long, Long> copy = new TreeMap<>(last);
            copy.merge(server, number, Math::max);
            return new Domain(floor, copy);
        }

        private Domain with(Domain other) {
            SortedMap<Long, Long> copy = new TreeMap<>(last);
            other.last.forEach((server, number) -> copy.merge(server, number, Math::max));
            return new Domain(floor, copy);
        }

        private static Domain of(SortedMap<Long, Long> last) {
            return new Domain(last.values().stream().mapToLong(n -> n).max().orElse(0), last);
        }

        private boolean contains(long server, long number) {
            Long known = last.get(server);
            return known != null && number <= known;
        }

        private boolean covers(long server, long number) {
            Long known = last.get(server);
            return number <= (known == null ? floor : known);
        }
    }

    private final SortedMap<Long, Domain> domains;

    private MariaDbGtidSet(SortedMap<Long, Domain> domains) {
        this.domains = domains;
    }

    /// Whether a text looks like a MariaDB set rather than a MySQL set.
    static boolean isOne(String text) {
        String first = text.split(",", 2)[0].strip();
        return GTID.matcher(first).matches();
    }

    /// Parses the server's text form, or the GTIDs that `@@gtid_binlog_pos` and `@@gtid_slave_pos`
    /// print.
    ///
    /// @throws IllegalArgumentException with a sentence that names the part that is not a GTID
    public static GtidSet parse(String text) {
        SortedMap<Long, SortedMap<Long, Long>> parsed = new TreeMap<>();
        for (String part : text.split(",", -1)) {
            String member = part.strip();
            if (!member.isEmpty()) {
                MariaDbGtid gtid = parseGtid(member);
                parsed.computeIfAbsent(gtid.domain(), _ -> new TreeMap<>())
                        .merge(gtid.server(), gtid.number(), Math::max);
            }
        }
        SortedMap<Long, Domain> domains = new TreeMap<>();
        parsed.forEach((domain, last) -> domains.put(domain, Domain.of(last)));
        return of(domains);
    }

    private static MariaDbGtid parseGtid(String text) {
        Matcher parts = GTID.matcher(text);
        try {
            if (parts.matches()) {
                return new MariaDbGtid(
                        Long.parseLong(parts.group(1)),
                        Long.parseLong(parts.group(2)),
                        Long.parseLong(parts.group(3)));
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(notAGtid(text), e);
        }
        throw new IllegalArgumentException(notAGtid(text));
    }

    private static String notAGtid(String text) {
        return "'" + text + "' is not a GTID of MariaDB, which reads like 0-1-100";
    }

    static GtidSet of(SortedMap<Long, Domain> domains) {
        return domains.isEmpty() ? EMPTY : new MariaDbGtidSet(domains);
    }

    /// The set that begins with the first transaction seen.
    static MariaDbGtidSet of(MariaDbGtid first) {
        return new MariaDbGtidSet(new TreeMap<>(Map.of(first.domain(), first(first))));
    }

    private static Domain first(MariaDbGtid gtid) {
        return new Domain(gtid.number() - 1, new TreeMap<>(Map.of(gtid.server(), gtid.number())));
    }

    @Override
    public boolean isEmpty() {
        return false;
    }

    @Override
    public boolean contains(Gtid gtid) {
        return gtid instanceof MariaDbGtid one
                && contains(one.domain(), one.server(), one.number());
    }

    private boolean contains(long domain, long server, long number) {
        Domain of = domains.get(domain);
        return of != null && of.contains(server, number);
    }

    @Override
    public boolean covers(Gtid gtid) {
        return gtid instanceof MariaDbGtid one && covers(one.domain(), one.server(), one.number());
    }

    private boolean covers(long domain, long server, long number) {
        Domain of = domains.get(domain);
        return of != null && of.covers(server, number);
    }

    @Override
    public boolean covers(GtidSet other) {
        return other.isEmpty()
                || (other instanceof MariaDbGtidSet set
                        && set.allMatch(
                                (domain, server, number) -> covers(domain, server, number)));
    }

    /// The other set has to know what this set has at its floors or after them. The other server
    /// may have lost the record of anything older.
    @Override
    public boolean isSubsetOf(GtidSet other) {
        return other instanceof MariaDbGtidSet set
                && allMatch((domain, server, number) -> set.has(domain, server, number, this));
    }

    private boolean has(long domain, long server, long number, MariaDbGtidSet asked) {
        Domain of = asked.domains.get(domain);
        boolean isOld = of != null && number < of.floor;
        return isOld ? covers(domain, server, number) : contains(domain, server, number);
    }

    private interface Test {
        boolean test(long domain, long server, long number);
    }

    private boolean allMatch(Test test) {
        for (Map.Entry<Long, Domain> domain : domains.entrySet()) {
            for (Map.Entry<Long, Long> last : domain.getValue().last.entrySet()) {
                if (!test.test(domain.getKey(), last.getKey(), last.getValue())) {
                    return false;
                }
            }
        }
        return true;
    }

    @Override
    public boolean intersects(GtidSet other) {
        return !ofOrigins(other).isEmpty();
    }

    @Override
    public GtidSet ofOrigins(GtidSet other) {
        SortedMap<Long, Domain> kept = new TreeMap<>();
        domains.forEach(
                (domain, ours) -> {
                    Domain theirs =
                            other instanceof MariaDbGtidSet set ? set.domains.get(domain) : null;
                    SortedMap<Long, Long> last = new TreeMap<>(ours.last);
                    last.keySet()
                            .removeIf(server -> theirs == null || !theirs.last.containsKey(server));
                    if (!last.isEmpty()) {
                        kept.put(domain, Domain.of(last));
                    }
                });
        return of(kept);
    }

    @Override
    public GtidSet plus(Gtid gtid) {
        if (!(gtid instanceof MariaDbGtid one)) {
            throw new IllegalArgumentException("GTIDs of MySQL and of MariaDB in one set");
        }
        SortedMap<Long, Domain> copy = new TreeMap<>(domains);
        copy.compute(
                one.domain(),
                (_, known) -> known == null ? first(one) : known.with(one.server(), one.number()));
        return new MariaDbGtidSet(copy);
    }

    @Override
    public GtidSet plus(GtidSet other) {
        if (other.isEmpty()) {
            return this;
        }
        if (!(other instanceof MariaDbGtidSet set)) {
            throw new IllegalArgumentException("GTIDs of MySQL and of MariaDB in one set");
        }
        SortedMap<Long, Domain> copy = new TreeMap<>(domains);
        set.domains.forEach((domain, theirs) -> copy.merge(domain, theirs, Domain::with));
        return new MariaDbGtidSet(copy);
    }

    /// Numbers are counted per domain: which server wrote which number is unknown.
    @Override
    public long countMissingIn(GtidSet other) {
        long missing = 0;
        for (Map.Entry<Long, Domain> domain : domains.entrySet()) {
            long most = 0;
            for (Map.Entry<Long, Long> last : domain.getValue().last.entrySet()) {
                long number = last.getValue();
                most =
                        Math.max(
                                most,
                                number - lastIn(other, domain.getKey(), last.getKey(), number));
            }
            missing += most;
        }
        return missing;
    }

    private long lastIn(GtidSet other, long domain, long server, long number) {
        if (!(other instanceof MariaDbGtidSet set)) {
            return 0;
        }
        return set.has(domain, server, number, this) ? number : set.last(domain, server);
    }

    /// The last number of a server in a domain; 0 if unknown.
    public long last(long domain, long server) {
        Domain of = domains.get(domain);
        Long known = of == null ? null : of.last.get(server);
        return known == null ? 0 : known;
    }

    /// Visits the last GTID of each server in each domain.
    public void forEach(BiConsumer<Origin, Long> visitor) {
        domains.forEach(
                (domain, of) ->
                        of.last.forEach(
                                (server, number) ->
                                        visitor.accept(new Origin(domain, server), number)));
    }

    SortedMap<Long, Domain> domains() {
        return domains;
    }

    /// Floors do not count: they only tell how the set began.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MariaDbGtidSet that && last().equals(that.last());
    }

    private Map<Long, SortedMap<Long, Long>> last() {
        return domains.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, of -> of.getValue().last));
    }

    @Override
    public int hashCode() {
        return last().hashCode();
    }

    /// The text form of `@@gtid_binlog_state`: the highest number of each domain comes last.
    @Override
    public String toString() {
        return domains.entrySet().stream()
                .flatMap(
                        of ->
                                of.getValue().last.entrySet().stream()
                                        .sorted(Map.Entry.comparingByValue())
                                        .map(
                                                last ->
                                                        new MariaDbGtid(
                                                                        of.getKey(),
                                                                        last.getKey(),
                                                                        last.getValue())
                                                                .toString()))
                .collect(Collectors.joining(","));
    }
}
