package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A growing array of bytes for JSON in UTF-8. It does not check syntax. Its strings are always
/// valid JSON and valid UTF-8, whatever their source. No string or number contains a raw carriage
/// return or line feed, so that a document stays on one line.
///
/// For one thread at a time. It allocates only to grow, and shrinks only on request. With an
/// [Outlet] it stays small: it passes its contents on, piece by piece, instead of growing.
public final class JsonBuffer {

    private static final int LARGEST = Integer.MAX_VALUE - 8;

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /// The minimum number of bytes that are passed to the outlet at once.
    private static final int PIECE = 64 * 1024;

    /// The least that a buffer grows to.
    private static final int SMALLEST_GROWN = 512;

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

    /// Receives what a buffer has gathered. Offsets into the buffer are invalid after that.
    public interface Outlet {

        /// Called with the bytes in the order in which they were written.
        ///
        /// @param bytes valid until the call returns
        void take(byte[] bytes, int from, int length);
    }

    public JsonBuffer() {
        this(512);
    }

    /// @param capacity the initial number of bytes
    public JsonBuffer(int capacity) {
        bytes = new byte[capacity];
    }

    /// Clears the contents and keeps the array.
    public void reset() {
        size = 0;
    }

    /// Clears the contents, and releases the array if it has grown beyond `most` bytes. Otherwise
    /// one huge document would occupy it for the buffer's lifetime.
    public void reset(int most) {
        size = 0;
        if (bytes.length > most) {
            bytes = new byte[most];
        }
    }

    /// From now on, contents that exceed the buffer go to the outlet, in order; with null, the
    /// buffer grows again.
    void overflowTo(@Nullable Outlet taker) {
        outlet = taker;
    }

    /// Whether what is written stays here, so that offsets into it stay valid.
    boolean keepsAll() {
        return outlet == null;
    }

    /// How many bytes were written.
    public int size() {
        return size;
    }

    /// The array itself, not a copy; valid from 0 to [#size()] until the next write, which may
    /// replace the array.
    public byte[] array() {
        return bytes;
    }

    /// Removes everything after the first `size` bytes.
    public void truncate(int size) {
        if (size < 0 || size > this.size) {
            throw new IndexOutOfBoundsException(size);
        }
        this.size = size;
    }

    /// Makes room for that many more bytes.
    ///
    /// @throws SourceException `UNSUPPORTED_EVENT` if no array can be that long
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
        long wanted = Math.max(needed, Math.max(2L * size, SMALLEST_GROWN));
        bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, LARGEST));
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
        // For text that repeats in each row: two to four overlapping pieces of eight bytes are
        // faster than a copy of variable length.
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

    /// Passes large bytes to the outlet directly, or makes room for them; returns true if they are
    /// written.
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

    /// Writes four bytes into room that [#ensure(int)] has made.
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

    /// Appends the contents of another buffer.
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

    /// Writes an unsigned 64-bit number: up to 2^64-1.
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

    /// Writes the last `count` digits of a non-negative number, with leading zeros.
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

    /// Inserts a point before the last digits, at most eight of them. Room for nine more bytes must
    /// exist since before the digits were written.
    void pointBefore(int digits) {
        int point = size - digits;
        long following = (long) LONGS.get(bytes, point);
        LONGS.set(bytes, point + 1, following);
        bytes[point] = '.';
        size++;
    }

    /// The number of digits of a non-negative number; zero has one.
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

    /// Writes UTF-8 as a JSON string. Valid text stays as it is, with escapes only for `"`, `\` and
    /// characters below U+0020. Invalid bytes (overlong, surrogate, truncated, above U+10FFFF)
    /// become U+FFFD, one for each maximal part of a character, as the Unicode standard recommends.
    public void utf8String(byte[] text, int from, int length) {
        JsonStrings.quoteUtf8(text, from, length, this);
    }

    /// Writes bytes as a JSON string in base64 (RFC 4648, padded, on one line).
    public void base64(byte[] source, int from, int length) {
        put('"');
        Base64Text.write(source, from, length, this);
        put('"');
    }

    /// Writes a document as a JSON string with its text, by way of another buffer.
    ///
    /// @return the offset after the cell
    int documentAsString(CellCodec document, byte[] row, int at, int mostKept) {
        JsonBuffer text = scratch();
        text.reset(mostKept);
        put('"');
        // The outlet may receive the text in pieces: each piece ends with a whole character.
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
        JsonStrings.escapeJson(text, from, length, this);
    }

    /// Another buffer, for text that must be complete before it is written into this one.
    private JsonBuffer scratch() {
        JsonBuffer made = scratch;
        if (made == null) {
            made = new JsonBuffer();
            scratch = made;
        }
        return made;
    }

    /// The reader of JSON documents that writes to this buffer. It is kept here, since codecs have
    /// no mutable state.
    BinaryJson binaryJson() {
        BinaryJson made = binaryJson;
        if (made == null) {
            made = new BinaryJson(this);
            binaryJson = made;
        }
        return made;
    }
}
