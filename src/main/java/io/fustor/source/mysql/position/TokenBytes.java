package io.fustor.source.mysql.position;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The binary form of a [FeedToken]'s contents. Reading invalid bytes fails with a
/// [java.nio.BufferUnderflowException] or an [IllegalArgumentException].
final class TokenBytes {

    private TokenBytes() {}

    static void putVarint(ByteBuffer out, long value) {
        long rest = value;
        while (rest > 0x7F) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    static long getVarint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number does not end");
    }

    static void putBytes(ByteBuffer out, byte[] bytes) {
        putVarint(out, bytes.length);
        out.put(bytes);
    }

    static byte[] getBytes(ByteBuffer in) {
        long length = getVarint(in);
        if (length > in.remaining()) {
            throw new IllegalArgumentException("a length exceeds the remaining bytes");
        }
        byte[] bytes = new byte[(int) length];
        in.get(bytes);
        return bytes;
    }

    static void putText(ByteBuffer out, String text) {
        putBytes(out, text.getBytes(StandardCharsets.UTF_8));
    }

    static String getText(ByteBuffer in) {
        return new String(getBytes(in), StandardCharsets.UTF_8);
    }

    static void putGtid(ByteBuffer out, Gtid gtid) {
        switch (gtid) {
            case MySqlGtid one -> {
                putOrigin(out, new MySqlGtidSet.Origin(one.server(), one.tag()));
                putVarint(out, one.number());
            }
            case MariaDbGtid one -> {
                putVarint(out, one.domain());
                putVarint(out, one.server());
                putVarint(out, one.number());
            }
        }
    }

    static Gtid getGtid(ByteBuffer in, boolean ofMariaDb) {
        if (ofMariaDb) {
            return new MariaDbGtid(getVarint(in), getVarint(in), getVarint(in));
        }
        MySqlGtidSet.Origin origin = getOrigin(in);
        return new MySqlGtid(origin.server(), origin.tag(), getVarint(in));
    }

    private static void putOrigin(ByteBuffer out, MySqlGtidSet.Origin origin) {
        byte[] tag = origin.tag().getBytes(StandardCharsets.US_ASCII);
        out.putLong(origin.server().getMostSignificantBits())
                .putLong(origin.server().getLeastSignificantBits())
                .put((byte) tag.length)
                .put(tag);
    }

    private static MySqlGtidSet.Origin getOrigin(ByteBuffer in) {
        UUID server = new UUID(in.getLong(), in.getLong());
        byte[] tag = new byte[in.get() & 0x7F];
        in.get(tag);
        return new MySqlGtidSet.Origin(server, new String(tag, StandardCharsets.US_ASCII));
    }

    /// A set as bytes; an empty array for null.
    static byte[] ofSet(@Nullable GtidSet set) {
        return switch (set) {
            case null -> new byte[0];
            case MySqlGtidSet one -> ofSet(one);
            case MariaDbGtidSet one -> ofSet(one);
        };
    }

    private static byte[] ofSet(MySqlGtidSet set) {
        int[] size = {5};
        int[] origins = {0};
        set.forEach(
                (_, pairs) -> {
                    size[0] += 60 + pairs.length * 10;
                    origins[0]++;
                });
        ByteBuffer out = ByteBuffer.allocate(size[0]);
        putVarint(out, origins[0]);
        set.forEach(
                (origin, pairs) -> {
                    putOrigin(out, origin);
                    putVarint(out, pairs.length);
                    long previous = 0;
                    for (long bound : pairs) {
                        putVarint(out, bound - previous);
                        previous = bound;
                    }
                });
        return written(out);
    }

    private static byte[] ofSet(MariaDbGtidSet set) {
        int size = 5;
        for (MariaDbGtidSet.Domain domain : set.domains().values()) {
            size += 20 + domain.last().size() * 15;
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        putVarint(out, set.domains().size());
        set.domains()
                .forEach(
                        (id, domain) -> {
                            putVarint(out, id);
                            putVarint(out, domain.floor());
                            putVarint(out, domain.last().size());
                            domain.last()
                                    .forEach(
                                            (server, number) -> {
                                                putVarint(out, server);
                                                putVarint(out, number);
                                            });
                        });
        return written(out);
    }

    private static byte[] written(ByteBuffer out) {
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }

    static GtidSet getSet(ByteBuffer in, boolean ofMariaDb) {
        return ofMariaDb ? getMariaDbSet(in) : getMySqlSet(in);
    }

    private static GtidSet getMySqlSet(ByteBuffer in) {
        SortedMap<MySqlGtidSet.Origin, long[]> intervals = new TreeMap<>();
        long origins = getVarint(in);
        for (long i = 0; i < origins; i++) {
            MySqlGtidSet.Origin origin = getOrigin(in);
            long count = getVarint(in);
            if (count > in.remaining()) {
                throw new IllegalArgumentException("the intervals exceed the remaining bytes");
            }
            long[] pairs = new long[(int) count];
            long previous = 0;
            for (int p = 0; p < pairs.length; p++) {
                previous += getVarint(in);
                pairs[p] = previous;
            }
            intervals.put(origin, pairs);
        }
        return MySqlGtidSet.of(intervals);
    }

    private static GtidSet getMariaDbSet(ByteBuffer in) {
        SortedMap<Long, MariaDbGtidSet.Domain> domains = new TreeMap<>();
        long count = getVarint(in);
        for (long i = 0; i < count; i++) {
            long id = getVarint(in);
            long floor = getVarint(in);
            SortedMap<Long, Long> last = new TreeMap<>();
            long servers = getVarint(in);
            for (long k = 0; k < servers; k++) {
                MariaDbGtid each = new MariaDbGtid(id, getVarint(in), getVarint(in));
                last.put(each.server(), each.number());
            }
            if (last.isEmpty()) {
                throw new IllegalArgumentException("a domain without a GTID");
            }
            domains.put(id, new MariaDbGtidSet.Domain(floor, last));
        }
        return MariaDbGtidSet.of(domains);
    }
}
