package io.fustor.source.mysql.condition;

import java.util.Arrays;

/// A part of a condition that every row which meets it has to meet: that one column has one of some
/// values. The values of a column in all rows of an event are taken out once, by [#hash], and each
/// condition of the same shape looks its own values up among them. What is found is judged as a
/// whole then, for two values may have the same hash.
public final class KeyTest {

    static final KeyTest NONE = new KeyTest(-1, new long[0]);

    /// More values than this are not looked up one by one.
    private static final int MOST = 64;

    private final int slot;
    private final long[] hashes;

    private KeyTest(int slot, long[] hashes) {
        this.slot = slot;
        this.hashes = hashes;
    }

    static KeyTest of(RowTest test) {
        return switch (test) {
            case RowTest.Numbers(int slot, long from, long to) when from == to ->
                    new KeyTest(slot, new long[] {from});
            case RowTest.NumberSet(int slot, long[] values) when values.length <= MOST ->
                    new KeyTest(slot, values);
            case RowTest.SameBytes(int slot, byte[] value) ->
                    new KeyTest(slot, new long[] {hash(value, 0, value.length)});
            case RowTest.ByteSet(int slot, byte[][] values) when values.length <= MOST ->
                    new KeyTest(
                            slot,
                            Arrays.stream(values).mapToLong(v -> hash(v, 0, v.length)).toArray());
            case RowTest.All(RowTest[] parts) ->
                    Arrays.stream(parts)
                            .map(KeyTest::of)
                            .filter(KeyTest::isKnown)
                            .findFirst()
                            .orElse(NONE);
            case RowTest.Labels(_, _, RowTest inner) -> of(inner);
            case RowTest.Any _,
                    RowTest.Negated _,
                    RowTest.Null _,
                    RowTest.Reals _,
                    RowTest.Bytes _,
                    RowTest.Like _,
                    RowTest.Numbers _,
                    RowTest.NumberSet _,
                    RowTest.ByteSet _ ->
                    NONE;
        };
    }

    /// Whether the condition has such a part.
    public boolean isKnown() {
        return slot >= 0;
    }

    /// The slot of the column.
    public int slot() {
        return slot;
    }

    /// Whether a row may meet the condition whose hash is among those of all rows.
    ///
    /// @param of ascending
    public boolean isAmong(long[] of) {
        for (long hash : hashes) {
            if (of.length == 1 ? of[0] == hash : Arrays.binarySearch(of, hash) >= 0) {
                return true;
            }
        }
        return false;
    }

    /// The hash of a value of the form [ValueForm#BYTES]; that of a number is itself.
    public static long hash(byte[] bytes, int from, int to) {
        long hash = (long) to - from;
        for (int at = from; at < to; at++) {
            hash = 0x9E3779B97F4A7C15L * (hash ^ (bytes[at] & 0xFF));
            hash ^= hash >>> 32;
        }
        return hash;
    }
}
