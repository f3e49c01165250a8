package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Reads the numbers in cells. All reads are checked against the end of the array.
final class CellBytes {

    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private CellBytes() {}

    /// Two bytes, the low one first, with sign.
    static short int16(byte[] row, int at) {
        return (short) SHORTS.get(row, at);
    }

    /// Two bytes, the low one first, without sign.
    static int uint16(byte[] row, int at) {
        return int16(row, at) & 0xFFFF;
    }

    /// Three bytes, the low one first, with sign.
    static int int24(byte[] row, int at) {
        return uint16(row, at) | (row[at + 2] << 16);
    }

    /// Three bytes, the low one first, without sign.
    static int uint24(byte[] row, int at) {
        return int24(row, at) & 0xFFFFFF;
    }

    /// Four bytes, the low one first, with sign.
    static int int32(byte[] row, int at) {
        return (int) INTS.get(row, at);
    }

    /// Four bytes, the low one first, without sign.
    static long uint32(byte[] row, int at) {
        return int32(row, at) & 0xFFFFFFFFL;
    }

    /// Eight bytes, the low one first.
    static long int64(byte[] row, int at) {
        return (long) LONGS.get(row, at);
    }

    /// Up to eight bytes, the low one first, without sign.
    static long littleEndian(byte[] row, int at, int width) {
        if (width <= 2) {
            return width == 2 ? uint16(row, at) : row[at] & 0xFF;
        }
        if (width == 4) {
            return uint32(row, at);
        }
        long value = 0;
        for (int i = width - 1; i >= 0; i--) {
            value = (value << 8) | (row[at + i] & 0xFF);
        }
        return value;
    }

    /// Up to eight bytes, the high one first, without sign.
    static long bigEndian(byte[] row, int at, int width) {
        if (width == 0) {
            return 0;
        }
        if (at > row.length - 8) {
            return byteByByte(row, at, width);
        }
        return Long.reverseBytes(int64(row, at)) >>> (8 * (8 - width));
    }

    private static long byteByByte(byte[] row, int at, int width) {
        long value = 0;
        for (int i = 0; i < width; i++) {
            value = (value << 8) | (row[at + i] & 0xFF);
        }
        return value;
    }

    /// Reads the length of 1 to 4 bytes before a value.
    ///
    /// @throws SourceException `CORRUPT_EVENT` if the value would end after the bytes
    static int length(byte[] row, int at, int width) {
        long length = littleEndian(row, at, width);
        if (length > row.length - at - width) {
            throw corrupt("a value is longer than its event");
        }
        return (int) length;
    }

    /// The size of the length before a value of a result row. Source: the manual's
    /// 'Protocol::LengthEncodedInteger'.
    static int packedWidth(byte[] row, int at) {
        int first = row[at] & 0xFF;
        if (first < 0xFB) {
            return 1;
        }
        return switch (first) {
            case 0xFC -> 3;
            case 0xFD -> 4;
            case 0xFE -> 9;
            default -> throw corrupt("a value in a result row has no length");
        };
    }

    /// Reads the length before a value of a result row.
    ///
    /// @param width the size of the length, from [#packedWidth(byte[], int)]
    /// @throws SourceException `CORRUPT_EVENT` if the value would end after the bytes
    static int packedLength(byte[] row, int at, int width) {
        long length = width == 1 ? row[at] & 0xFF : littleEndian(row, at + 1, width - 1);
        if (length < 0 || length > row.length - at - width) {
            throw corrupt("a value is longer than its row");
        }
        return (int) length;
    }

    /// The bytes of ASCII text.
    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// @param what the fault, in a sentence without a value of the row
    static SourceException corrupt(String what) {
        return new SourceException(FailureCode.CORRUPT_EVENT, what);
    }
}
