package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A growing array of bytes that JSON is written to, in UTF-8. It checks no syntax; it promises
/// that its strings are valid JSON and valid UTF-8 whatever they are made of, and that no string or
/// number holds a raw carriage return or line feed, so that a document stands on one line.
///
/// For one thread at a time. It allocates only when it grows, and shrinks only where it is told to.
/// With an [Outlet] it stays small: what it has no room for goes there, piece by piece.
public final class JsonBuffer {

    private static final int LARGEST = Integer.MAX_VALUE - 8;

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /// How much is gathered at the least before it goes to the outlet.
    private static final int PIECE = 64 * 1024;

    /// The powers of ten that a `long` holds.
    private static final long[] POWERS = new long[19];

    static {
        long power = 1;
        for (int i = 0; i < POWERS.length; i++) {
            POWERS[i] = power;
            power *= 10;
        }
    }

    private byte[] bytes;
    private int size;
    private @Nullable BinaryJson binaryJson;
    private @Nullable JsonBuffer scratch;
    private @Nullable Outlet outlet;

    /// Takes what a buffer has gathered. A place in the buffer means nothing any more after that.
    public interface Outlet {

        /// Called with the bytes in the order in which they were written.
        ///
        /// @param bytes good until the call returns
        void take(byte[] bytes, int from, int length);
    }

    public JsonBuffer() {
        this(512);
    }

    /// @param capacity bytes to start with
    public JsonBuffer(int capacity) {
        bytes = new byte[capacity];
    }

    /// Forgets what was written and keeps the room.
    public void reset() {
        size = 0;
    }

    /// Forgets what was written, and the room too where that has grown beyond `most` bytes: one
    /// huge document would hold it for as long as the buffer lives.
    public void reset(int most) {
        size = 0;
        if (bytes.length > most) {
            bytes = new byte[most];
        }
    }

    /// From now on, what there is no room for goes to the outlet, behind all that was written until
    /// now; with null the buffer grows again.
    void overflowTo(@Nullable Outlet taker) {
        outlet = taker;
    }

    /// How many bytes were written.
    public int size() {
        return size;
    }

    /// The bytes themselves, not a copy; good from 0 to [#size()] and until the next write, which
    /// may put them into another array.
    public byte[] array() {
        return bytes;
    }

    /// Forgets everything behind the first `size` bytes.
    public void truncate(int size) {
        if (size < 0 || size > this.size) {
            throw new IndexOutOfBoundsException(size);
        }
        this.size = size;
    }

    /// Makes room for that many more bytes.
    ///
    /// @throws SourceException `UNSUPPORTED_EVENT` where no array can be that long
    public void ensure(int more) {
        if (more > bytes.length - size) {
            grow(more);
        }
    }

    private void grow(int more) {
        Outlet taker = outlet;
        if (taker != null && size >= PIECE) {
            passOn(taker);
            if (more <= bytes.length) {
                return;
            }
        }
        long needed = (long) size + more;
        if (needed > LARGEST) {
            throw new SourceException(
                    FailureCode.UNSUPPORTED_EVENT,
                    "one event takes more than 2 GiB of JSON (" + needed + " bytes)");
        }
        bytes = Arrays.copyOf(bytes, (int) Math.min(Math.max(needed, 2L * size), LARGEST));
    }

    private void passOn(Outlet taker) {
        int gathered = size;
        size = 0;
        taker.take(bytes, 0, gathered);
    }

    /// Leaves room for bytes that are written into the array later.
    public void skip(int length) {
        ensure(length);
        size += length;
    }

    /// Writes bytes as they are.
    public void write(byte[] source) {
        int length = source.length;
        if (length < 8 || length > 32) {
            write(source, 0, length);
            return;
        }
        // What repeats in each row: two to four pieces of eight bytes, which overlap, are faster
        // than a copy of a length that is not known.
        ensure(length);
        int last = size + length - 8;
        LONGS.set(bytes, size, (long) LONGS.get(source, 0));
        if (length > 16) {
            LONGS.set(bytes, size + 8, (long) LONGS.get(source, 8));
            LONGS.set(bytes, last - 8, (long) LONGS.get(source, length - 16));
        }
        LONGS.set(bytes, last, (long) LONGS.get(source, length - 8));
        size += length;
    }

    /// Writes `length` bytes as they are, the first of them at `from`.
    public void write(byte[] source, int from, int length) {
        if (length > bytes.length - size && passesOnOrGrows(source, from, length)) {
            return;
        }
        System.arraycopy(source, from, bytes, size, length);
        size += length;
    }

    /// Hands bytes that make a piece of their own to the outlet, or makes room for them; true where
    /// they are written.
    private boolean passesOnOrGrows(byte[] source, int from, int length) {
        Outlet taker = outlet;
        if (taker == null || length < PIECE) {
            grow(length);
            return false;
        }
        passOn(taker);
        taker.take(source, from, length);
        return true;
    }

    /// Writes one byte as it is.
    public void write(byte one) {
        ensure(1);
        bytes[size++] = one;
    }

    /// Writes one ASCII character as it is.
    public void put(char ascii) {
        ensure(1);
        bytes[size++] = (byte) ascii;
    }

    /// Writes ASCII text as it is: no quotes, no escapes.
    public void ascii(String text) {
        int length = text.length();
        ensure(length);
        for (int i = 0; i < length; i++) {
            bytes[size++] = (byte) text.charAt(i);
        }
    }

    /// Writes four bytes for which [#ensure(int)] has made room.
    void four(byte first, byte second, byte third, byte fourth) {
        int at = size;
        bytes[at] = first;
        bytes[at + 1] = second;
        bytes[at + 2] = third;
        bytes[at + 3] = fourth;
        size = at + 4;
    }

    /// Writes a character above U+007F.
    void utf8(int codePoint) {
        ensure(4);
        int at = size;
        if (codePoint < 0x800) {
            bytes[at++] = (byte) (0xC0 | (codePoint >> 6));
        } else {
            if (codePoint < 0x10000) {
                bytes[at++] = (byte) (0xE0 | (codePoint >> 12));
            } else {
                bytes[at++] = (byte) (0xF0 | (codePoint >> 18));
                bytes[at++] = (byte) (0x80 | ((codePoint >> 12) & 0x3F));
            }
            bytes[at++] = (byte) (0x80 | ((codePoint >> 6) & 0x3F));
        }
        bytes[at] = (byte) (0x80 | (codePoint & 0x3F));
        size = at + 1;
    }

    /// Writes what another buffer holds.
    public void append(JsonBuffer other) {
        write(other.bytes, 0, other.size);
    }

    /// Writes a signed number.
    public void number(long value) {
        if (value < 0) {
            put('-');
            unsigned(-value);
        } else {
            unsigned(value);
        }
    }

    /// Writes a number of 64 bits without sign: up to 2^64-1.
    public void unsigned(long value) {
        if (value >= 0 && value < Digits.EIGHT) {
            long eight = Digits.eight(value);
            int zeros = Digits.leadingZeros(eight);
            packed(eight >>> (8 * zeros), 8 - zeros);
            return;
        }
        long high = value >= 0 ? value / Digits.EIGHT : Long.divideUnsigned(value, Digits.EIGHT);
        unsigned(high);
        packed(Digits.eight(value - high * Digits.EIGHT), 8);
    }

    /// Writes the last `count` digits of a number that is not negative, with zeros in front.
    void digits(long value, int count) {
        if (count > 8) {
            long high = value / Digits.EIGHT;
            digits(high, count - 8);
            packed(Digits.eight(value - high * Digits.EIGHT), 8);
        } else if (count > 0) {
            packed(Digits.last(value, count), count);
        }
    }

    /// Writes the `count` low bytes of `eight`, the lowest first.
    void packed(long eight, int count) {
        ensure(8);
        LONGS.set(bytes, size, eight);
        size += count;
    }

    /// Puts a point in front of the last digits, at most eight of them. Room for nine bytes more
    /// has to be there since before the digits were written.
    void pointBefore(int digits) {
        int point = size - digits;
        long behind = (long) LONGS.get(bytes, point);
        LONGS.set(bytes, point + 1, behind);
        bytes[point] = '.';
        size++;
    }

    /// How many digits a number that is not negative has; zero has one.
    static int digitCount(long value) {
        int guess = ((64 - Long.numberOfLeadingZeros(value | 1)) * 1233) >> 12;
        return guess < POWERS.length && value >= POWERS[guess] ? guess + 1 : Math.max(guess, 1);
    }

    /// Ten to the power of 0 to 18.
    static long powerOfTen(int power) {
        return POWERS[power];
    }

    /// Writes text as a JSON string. Half of a surrogate pair becomes U+FFFD.
    public void string(String text) {
        JsonStrings.quote(text, this);
    }

    /// Writes UTF-8 as a JSON string: well-formed text as it is, with escapes only for `"`, `\` and
    /// what stands below U+0020. What is no UTF-8 (overlong, surrogate, cut short, above U+10FFFF)
    /// becomes U+FFFD, one for each maximal part of a character, as the Unicode standard advises.
    public void utf8String(byte[] text, int from, int length) {
        JsonStrings.quoteUtf8(text, from, length, this);
    }

    /// Writes bytes as a JSON string in base64 (RFC 4648, padded, on one line).
    public void base64(byte[] source, int from, int length) {
        put('"');
        Base64Text.write(source, from, length, this);
        put('"');
    }

    /// Writes a document as a JSON string that holds its text, by way of another buffer.
    ///
    /// @return the offset behind the cell
    int documentAsString(CellCodec document, byte[] row, int at, int mostKept) {
        JsonBuffer text = scratch();
        text.reset(mostKept);
        put('"');
        // In a buffer with an outlet the text need not be whole: a piece of it ends with a
        // character.
        text.overflowTo(outlet == null ? null : this::escape);
        try {
            int end = document.write(row, at, text);
            escape(text.bytes, 0, text.size);
            put('"');
            return end;
        } finally {
            text.overflowTo(null);
        }
    }

    private void escape(byte[] text, int from, int length) {
        JsonStrings.escapeUtf8(text, from, length, this);
    }

    /// Another buffer, for what has to be whole before it goes into this one.
    private JsonBuffer scratch() {
        JsonBuffer made = scratch;
        if (made == null) {
            made = new JsonBuffer();
            scratch = made;
        }
        return made;
    }

    /// The reader of JSON documents that writes to this buffer; kept here, since codecs hold
    /// nothing that changes.
    BinaryJson binaryJson() {
        BinaryJson made = binaryJson;
        if (made == null) {
            made = new BinaryJson(this);
            binaryJson = made;
        }
        return made;
    }
}
