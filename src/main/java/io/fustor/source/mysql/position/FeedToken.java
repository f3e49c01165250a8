package io.fustor.source.mysql.position;

import static io.fustor.source.mysql.position.TokenBytes.getVarint;
import static io.fustor.source.mysql.position.TokenBytes.putVarint;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The token with which a client resumes a feed: a place in a source's binlog and, during a
/// snapshot, the snapshot's progress. Its text is safe in a URL and in a header.
///
/// The text is unpadded base64url of two parts. The first part ([Prefix]) is the same for all rows
/// of a transaction and is made once. The second part, twelve characters, holds the number of rows
/// and a checksum over both. A truncated or mistyped token is therefore refused instead of naming
/// another place.
///
/// Layout of the first part: version and kind (1 byte), CRC-32C of the source id (4), server number
/// (8), the file's creation (4), varints of file number and offset, flags (1; one tells whether the
/// GTIDs are MariaDB's, one that the evidence is not settled), then the parts that the flags
/// announce: the GTID set, the GTID, the overlap's end, the snapshot's place, the evidence of the
/// bytes before the place; zero bytes up to a multiple of three.
///
/// @param source the id of the source that the place belongs to, as its CRC-32C
/// @param position the place in the binlog; in a snapshot, the place from which changes follow
/// @param snapshot the snapshot's progress, or null outside a snapshot
/// @param overlap up to where changes may also be in a snapshot's rows; null if none are
public record FeedToken(
        int source, Place position, @Nullable SnapshotPlace snapshot, @Nullable Overlap overlap) {

    /// An event id for examples.
    public static final String EXAMPLE =
            "ELevBlG4SPP2_BrQ1gAAAAAB-LcBAQFUcL3v5nsR8Z7eAvwAAAABAAIBJgAAAAAAAABna_kO";

    private static final int V1 = 0x10;
    private static final int HAS_EXECUTED = 1;
    private static final int HAS_GTID = 2;
    private static final int HAS_OVERLAP = 4;
    private static final int HAS_SNAPSHOT = 8;
    private static final int HAS_EVIDENCE = 16;
    private static final int OF_MARIADB = 32;
    private static final int UNSETTLED = 64;
    private static final int SUFFIX_BYTES = 9;
    private static final int SUFFIX_CHARS = 12;
    private static final int SHORTEST = 21 / 3 * 4 + SUFFIX_CHARS;

    /// The maximum length of a GTID set. A longer set is left out, so that the token stays short
    /// enough for a header; such a token resumes on its own server only.
    private static final int LONGEST_SET = 1024;

    private static final byte[] DIGITS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
                    .getBytes(StandardCharsets.US_ASCII);

    public FeedToken {
        if (snapshot != null && position.rows() > 0) {
            throw new IllegalArgumentException("a snapshot's place lies between transactions");
        }
    }

    /// The token for a place among changes.
    public FeedToken(int source, Place position) {
        this(source, position, null, null);
    }

    /// The number that represents a source's id in its tokens.
    public static int sourceNumber(String sourceId) {
        return checksum(sourceId.getBytes(StandardCharsets.UTF_8));
    }

    /// The token for a place in the feed of a source.
    public static FeedToken of(String sourceId, Place position) {
        return new FeedToken(sourceNumber(sourceId), position);
    }

    public boolean isOf(String sourceId) {
        return source == sourceNumber(sourceId);
    }

    /// The part that all tokens of one transaction share.
    public static final class Prefix {

        private final byte[] text;
        private final int check;

        private Prefix(byte[] binary) {
            this.text = Base64.getUrlEncoder().withoutPadding().encode(binary);
            this.check = checksum(binary);
        }

        /// The number of bytes that [#write] writes.
        public int length() {
            return text.length + SUFFIX_CHARS;
        }

        /// Writes, in ASCII, the token for the place after the transaction's first `rows` rows.
        /// Returns the offset after the token.
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
    /// @param of the transaction's GTID, or null if it has none
    /// @param overlap as in a token
    public static Prefix prefix(
            int source, Place start, @Nullable Gtid of, @Nullable Overlap overlap) {
        return new Prefix(binary(source, start, of, overlap, null));
    }

    private static byte[] binary(
            int source,
            Place start,
            @Nullable Gtid of,
            @Nullable Overlap overlap,
            @Nullable SnapshotPlace snapshot) {
        byte[] executed = TokenBytes.ofSet(start.executed());
        if (executed.length > LONGEST_SET) {
            executed = new byte[0];
        }
        ByteBuffer out = ByteBuffer.allocate(executed.length + 128 + size(snapshot));
        out.put((byte) V1).putInt(source).putLong(start.server()).putInt(start.fileCreated());
        putVarint(out, start.fileNumber());
        putVarint(out, start.offset());
        out.put(
                (byte)
                        ((executed.length == 0 ? 0 : HAS_EXECUTED)
                                | (of == null ? 0 : HAS_GTID)
                                | (overlap == null ? 0 : HAS_OVERLAP)
                                | (snapshot == null ? 0 : HAS_SNAPSHOT)
                                | (start.evidence().length() == 0 ? 0 : HAS_EVIDENCE)
                                | (isOfMariaDb(start.executed(), of) ? OF_MARIADB : 0)
                                | (start.evidence().isSettled() ? 0 : UNSETTLED)));
        out.put(executed);
        if (of != null) {
            TokenBytes.putGtid(out, of);
        }
        if (overlap != null) {
            out.putLong(overlap.server());
            putVarint(out, overlap.fileNumber());
            putVarint(out, overlap.offset());
        }
        if (snapshot != null) {
            TokenBytes.putText(out, snapshot.schema());
            TokenBytes.putText(out, snapshot.table());
            out.putInt(snapshot.shape());
            TokenBytes.putBytes(out, snapshot.key());
        }
        if (start.evidence().length() != 0) {
            putVarint(out, start.evidence().length());
            out.putInt(start.evidence().checksum());
        }
        byte[] binary = new byte[(out.position() + 2) / 3 * 3];
        out.flip().get(binary, 0, out.limit());
        return binary;
    }

    private static boolean isOfMariaDb(@Nullable GtidSet executed, @Nullable Gtid of) {
        return executed instanceof MariaDbGtidSet || of instanceof MariaDbGtid;
    }

    private static int size(@Nullable SnapshotPlace snapshot) {
        return snapshot == null
                ? 0
                : 32
                        + 3 * (snapshot.schema().length() + snapshot.table().length())
                        + snapshot.key().length;
    }

    /// Parses a token, also one at the end of an [StreamOffset].
    ///
    /// @throws IllegalArgumentException if the text is not a token, with a sentence for the client
    public static FeedToken parse(String text) {
        if (StreamOffset.isOne(text)) {
            return StreamOffset.parse(text).token();
        }
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
        } catch (IllegalArgumentException | ArithmeticException | BufferUnderflowException e) {
            throw new IllegalArgumentException(malformed().getMessage(), e);
        }
    }

    private static FeedToken read(ByteBuffer in, long rows) {
        if (in.get() != V1) {
            throw malformed();
        }
        int source = in.getInt();
        long server = in.getLong();
        int fileCreated = in.getInt();
        long fileNumber = getVarint(in);
        long offset = getVarint(in);
        int flags = in.get();
        boolean ofMariaDb = (flags & OF_MARIADB) != 0;
        GtidSet executed = (flags & HAS_EXECUTED) != 0 ? TokenBytes.getSet(in, ofMariaDb) : null;
        Gtid gtid = (flags & HAS_GTID) != 0 ? TokenBytes.getGtid(in, ofMariaDb) : null;
        Overlap overlap =
                (flags & HAS_OVERLAP) != 0
                        ? new Overlap(in.getLong(), getVarint(in), getVarint(in))
                        : null;
        SnapshotPlace snapshot = (flags & HAS_SNAPSHOT) != 0 ? snapshot(in, rows) : null;
        boolean isSettled = (flags & UNSETTLED) == 0;
        Evidence evidence =
                (flags & HAS_EVIDENCE) != 0
                        ? new Evidence(
                                fileCreated, Math.toIntExact(getVarint(in)), in.getInt(), isSettled)
                        : new Evidence(fileCreated, 0, 0, isSettled);
        if (in.remaining() > 2) {
            throw malformed();
        }
        long rowsBefore = snapshot == null ? rows : 0;
        Place position =
                new Place(
                        server,
                        fileNumber,
                        offset,
                        evidence,
                        rowsBefore,
                        executed,
                        rowsBefore == 0 ? null : gtid);
        return new FeedToken(source, position, snapshot, overlap);
    }

    private static SnapshotPlace snapshot(ByteBuffer in, long rows) {
        return new SnapshotPlace(
                TokenBytes.getText(in),
                TokenBytes.getText(in),
                in.getInt(),
                TokenBytes.getBytes(in),
                rows);
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

    static IllegalArgumentException malformed() {
        return new IllegalArgumentException(
                "the token is malformed: give an event id of this feed, whole and as it came");
    }

    /// The text that clients receive.
    @Override
    public String toString() {
        Prefix prefix = new Prefix(binary(source, position, position.gtid(), overlap, snapshot));
        byte[] text = new byte[prefix.length()];
        prefix.write(text, 0, snapshot == null ? position.rows() : snapshot.rows());
        return new String(text, StandardCharsets.US_ASCII);
    }
}
