package io.fustor.source.mysql.bench;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Counts one byte among many, eight at a time, so that the counting does not become the figure.
final class Marks {

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long LOW_BITS = 0x7F7F_7F7F_7F7F_7F7FL;
    private static final long PATTERN = ONES * BenchmarkTable.MARK;

    private Marks() {}

    static int count(byte[] bytes, int from, int to) {
        int count = 0;
        int at = from;
        for (; at <= to - Long.BYTES; at += Long.BYTES) {
            long differing = (long) LONGS.get(bytes, at) ^ PATTERN;
            long equal = ~(((differing & LOW_BITS) + LOW_BITS) | differing | LOW_BITS);
            count += Long.bitCount(equal);
        }
        for (; at < to; at++) {
            count += bytes[at] == BenchmarkTable.MARK ? 1 : 0;
        }
        return count;
    }
}
