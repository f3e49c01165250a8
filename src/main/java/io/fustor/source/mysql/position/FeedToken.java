package io.fustor.source.mysql.position;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// What a client holds to resume a feed: a place in a source's binlog, as text that is safe in a
/// URL and in a header.
///
/// The text is unpadded base64url of two parts. The first is the same for all rows of a transaction
/// and is made once for each ([Prefix]); the second, twelve characters, holds the number of rows
/// and a checksum over both, so that a token that was cut short or mistyped is refused instead of
/// naming another place. Layout of the first part: version and kind (1 byte), CRC-32C of the source
/// id (4), server number (8), the file's creation (4), varints of file number and offset, flags
/// (1), the GTID set, the GTID, zero bytes up to a multiple of three.
///
/// @param source the id of the source that the place belongs to, as its CRC-32C
public record FeedToken(int source, FeedPosition position) {

    private static final int CHANGES_V1 = 0x10;
    private static final int HAS_EXECUTED = 1;
    private static final int HAS_GTID = 2;
    private static final int SUFFIX_BYTES = 9;
    private static final int SUFFIX_CHARS = 12;
    private static final int SHORTEST = 21 / 3 * 4 + SUFFIX_CHARS;

    /// A set of more fragments than fit into this many bytes is left out: the token then resumes on
    /// its own server only, and stays short enough for a header.
    private static final int LONGEST_SET = 1024;

    private static final byte[] DIGITS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
                    .getBytes(StandardCharsets.US_ASCII);

    /// The number that stands for a source's id in its tokens.
    public static int sourceNumber(String sourceId) {
        return checksum(sourceId.getBytes(StandardCharsets.UTF_8));
    }

    /// The token of a place in the feed of a source.
    public static FeedToken of(String sourceId, FeedPosition position) {
        return new FeedToken(sourceNumber(sourceId), position);
    }

    public boolean isOf(String sourceId) {
        return source == sourceNumber(sourceId);
    }

    /// The part of the tokens of one transaction that they share.
    public static final class Prefix {

        private final byte[] text;
        private final int check;

        private Prefix(byte[] binary) {
            this.text = Base64.getUrlEncoder().withoutPadding().encode(binary);
            this.check = checksum(binary);
        }

        /// How many bytes [#write] writes.
        public int length() {
            return text.length + SUFFIX_CHARS;
        }

        /// Writes the token of the place behind the transaction's first `rows` rows, in ASCII, and
        /// returns the offset behind it.
        public int write(byte[] into, int at, long rows) {
            System.arraycopy(text, 0, into, at, text.length);
            int to = at + text.length;
            long high = (rows >>> 4) & 0xF_FFFF_FFFFL;
            long low = ((rows & 0xF) << 32) | (check(check, rows) & 0xFFFF_FFFFL);
            for (int shift = 30; shift >= 0; shift -= 6) {
                into[to] = DIGITS[(int) (high >>> shift) & 63];
                into[to + 6] = DIGITS[(int) (low >>> shift) & 63];
                to++;
            }
            return to + 6;
        }
    }

    /// The shared part of the tokens of the transaction that starts at a place.
    ///
    /// @param of the transaction's GTID, or null where it has none
    public static Prefix prefix(int source, FeedPosition start, @Nullable Gtid of) {
        ByteBuffer out = ByteBuffer.allocate(256 + LONGEST_SET);
        out.put((byte) CHANGES_V1)
                .putInt(source)
                .putLong(start.server())
                .putInt(start.fileCreated());
        putVarint(out, start.fileNumber());
        putVarint(out, start.offset());
        byte[] executed = start.executed() == null ? null : bytes(start.executed());
        if (executed != null && executed.length > LONGEST_SET) {
            executed = null;
        }
        out.put((byte) ((executed == null ? 0 : HAS_EXECUTED) | (of == null ? 0 : HAS_GTID)));
        if (executed != null) {
            out.put(executed);
        }
        if (of != null) {
            putOrigin(out, new GtidSet.Origin(of.server(), of.tag()));
            putVarint(out, of.number());
        }
        int padded = (out.position() + 2) / 3 * 3;
        byte[] binary = new byte[padded];
        out.flip().get(binary, 0, out.limit());
        return new Prefix(binary);
    }

    private static byte[] bytes(GtidSet set) {
        int[] size = {5};
        set.forEach((_, pairs) -> size[0] += 60 + pairs.length * 10);
        ByteBuffer out = ByteBuffer.allocate(size[0]);
        int[] origins = {0};
        set.forEach((_, _) -> origins[0]++);
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

    private static void putOrigin(ByteBuffer out, GtidSet.Origin origin) {
        byte[] tag = origin.tag().getBytes(StandardCharsets.US_ASCII);
        out.putLong(origin.server().getMostSignificantBits())
                .putLong(origin.server().getLeastSignificantBits())
                .put((byte) tag.length)
                .put(tag);
    }

    private static void putVarint(ByteBuffer out, long value) {
        long rest = value;
        while (rest > 0x7F) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    /// Reads a token.
    ///
    /// @throws IllegalArgumentException with a sentence for the client where the text is not a
    ///   token
    public static FeedToken parse(String text) {
        if (text.length() < SHORTEST) {
            throw malformed();
        }
        try {
            byte[] binary = Base64.getUrlDecoder().decode(text);
            int length = binary.length - SUFFIX_BYTES;
            byte[] prefix = Arrays.copyOf(binary, length);
            ByteBuffer suffix = ByteBuffer.wrap(binary, length, SUFFIX_BYTES);
            long rows = ((suffix.get() & 0xFFL) << 32) | (suffix.getInt() & 0xFFFF_FFFFL);
            if (length % 3 != 0 || suffix.getInt() != check(checksum(prefix), rows)) {
                throw malformed();
            }
            return read(ByteBuffer.wrap(prefix), rows);
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            throw new IllegalArgumentException(malformed().getMessage(), e);
        }
    }

    private static FeedToken read(ByteBuffer in, long rows) {
        if (in.get() != CHANGES_V1) {
            throw malformed();
        }
        int source = in.getInt();
        long server = in.getLong();
        int fileCreated = in.getInt();
        long fileNumber = getVarint(in);
        long offset = getVarint(in);
        int flags = in.get();
        GtidSet executed = (flags & HAS_EXECUTED) != 0 ? getSet(in) : null;
        Gtid gtid = null;
        if ((flags & HAS_GTID) != 0) {
            GtidSet.Origin origin = getOrigin(in);
            gtid = new Gtid(origin.server(), origin.tag(), getVarint(in));
        }
        if (in.remaining() > 2) {
            throw malformed();
        }
        return new FeedToken(
                source,
                new FeedPosition(
                        server,
                        fileNumber,
                        offset,
                        fileCreated,
                        rows,
                        executed,
                        rows == 0 ? null : gtid));
    }

    private static GtidSet getSet(ByteBuffer in) {
        SortedMap<GtidSet.Origin, long[]> intervals = new TreeMap<>();
        long origins = getVarint(in);
        for (long i = 0; i < origins; i++) {
            GtidSet.Origin origin = getOrigin(in);
            long count = getVarint(in);
            if (count > in.remaining()) {
                throw malformed();
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

    private static GtidSet.Origin getOrigin(ByteBuffer in) {
        UUID server = new UUID(in.getLong(), in.getLong());
        byte[] tag = new byte[in.get() & 0x7F];
        in.get(tag);
        return new GtidSet.Origin(server, new String(tag, StandardCharsets.US_ASCII));
    }

    private static long getVarint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw malformed();
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    private static int check(int prefix, long rows) {
        long mixed = ((rows + 0x9E3779B97F4A7C15L) ^ ((long) prefix << 17)) * 0xBF58476D1CE4E5B9L;
        return (int) (mixed >>> 32) ^ prefix;
    }

    private static IllegalArgumentException malformed() {
        return new IllegalArgumentException(
                "the token is malformed: give an event id of this feed, whole and as it came");
    }

    /// The text that goes to the client.
    @Override
    public String toString() {
        Prefix prefix = prefix(source, position, position.gtid());
        byte[] text = new byte[prefix.length()];
        prefix.write(text, 0, position.rows());
        return new String(text, StandardCharsets.US_ASCII);
    }
}
