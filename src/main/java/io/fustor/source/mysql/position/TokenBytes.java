package io.fustor.source.mysql.position;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The binary form of what a [FeedToken] holds. Reading fails with a
/// [java.nio.BufferUnderflowException] or an [IllegalArgumentException] where the bytes are no such
/// form.
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
        throw new IllegalArgumentException("a number without end");
    }

    static void putBytes(ByteBuffer out, byte[] bytes) {
        putVarint(out, bytes.length);
        out.put(bytes);
    }

    static byte[] getBytes(ByteBuffer in) {
        long length = getVarint(in);
        if (length > in.remaining()) {
            throw new IllegalArgumentException("more bytes than there are");
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
        putOrigin(out, new GtidSet.Origin(gtid.server(), gtid.tag()));
        putVarint(out, gtid.number());
    }

    static Gtid getGtid(ByteBuffer in) {
        GtidSet.Origin origin = getOrigin(in);
        return new Gtid(origin.server(), origin.tag(), getVarint(in));
    }

    private static void putOrigin(ByteBuffer out, GtidSet.Origin origin) {
        byte[] tag = origin.tag().getBytes(StandardCharsets.US_ASCII);
        out.putLong(origin.server().getMostSignificantBits())
                .putLong(origin.server().getLeastSignificantBits())
                .put((byte) tag.length)
                .put(tag);
    }

    private static GtidSet.Origin getOrigin(ByteBuffer in) {
        UUID server = new UUID(in.getLong(), in.getLong());
        byte[] tag = new byte[in.get() & 0x7F];
        in.get(tag);
        return new GtidSet.Origin(server, new String(tag, StandardCharsets.US_ASCII));
    }

    /// A set as bytes; an empty array for null.
    static byte[] ofSet(@Nullable GtidSet set) {
        if (set == null) {
            return new byte[0];
        }
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
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }

    static GtidSet getSet(ByteBuffer in) {
        SortedMap<GtidSet.Origin, long[]> intervals = new TreeMap<>();
        long origins = getVarint(in);
        for (long i = 0; i < origins; i++) {
            GtidSet.Origin origin = getOrigin(in);
            long count = getVarint(in);
            if (count > in.remaining()) {
                throw new IllegalArgumentException("more intervals than there are bytes");
            }
            long[] pairs = new long[(int) count];
            long previous = 0;
            for (int p = 0; p < pairs.length; p++) {
                previous += getVarint(in);
                pairs[p] = previous;
            }
            intervals.put(origin, pairs);
        }
        return GtidSet.of(intervals);
    }
}
