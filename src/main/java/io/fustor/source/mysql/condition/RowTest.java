package io.fustor.source.mysql.condition;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A condition that is bound to columns and judges rows by three-valued logic: what is compared
/// with NULL is neither true nor false. Takes no memory. It holds nothing that changes.
sealed interface RowTest {

    int FALSE = -1;
    int UNKNOWN = 0;
    int TRUE = 1;

    /// [#TRUE], [#FALSE] or [#UNKNOWN].
    int of(RowValues row);

    /// Whether what it says of a text in UTF-8 depends on what bytes become that are no characters.
    boolean readsCharacters(int slot);

    private static int of(boolean met) {
        return met ? TRUE : FALSE;
    }

    /// The least of all parts.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record All(RowTest[] parts) implements RowTest {
        @Override
        public boolean readsCharacters(int of) {
            return Arrays.stream(parts).anyMatch(part -> part.readsCharacters(of));
        }

        @Override
        public int of(RowValues row) {
            int least = TRUE;
            for (RowTest part : parts) {
                least = Math.min(least, part.of(row));
                if (least == FALSE) {
                    break;
                }
            }
            return least;
        }
    }

    /// The greatest of all parts.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Any(RowTest[] parts) implements RowTest {
        @Override
        public boolean readsCharacters(int of) {
            return Arrays.stream(parts).anyMatch(part -> part.readsCharacters(of));
        }

        @Override
        public int of(RowValues row) {
            int greatest = FALSE;
            for (RowTest part : parts) {
                greatest = Math.max(greatest, part.of(row));
                if (greatest == TRUE) {
                    break;
                }
            }
            return greatest;
        }
    }

    record Negated(RowTest part) implements RowTest {
        @Override
        public boolean readsCharacters(int of) {
            return part.readsCharacters(of);
        }

        @Override
        public int of(RowValues row) {
            return -part.of(row);
        }
    }

    record Null(int slot) implements RowTest {
        @Override
        public boolean readsCharacters(int of) {
            return false;
        }

        @Override
        public int of(RowValues row) {
            return RowTest.of(row.isNull(slot));
        }
    }

    /// Both ends belong to it; none does where the first is greater.
    record Numbers(int slot, long from, long to) implements RowTest {
        @Override
        public boolean readsCharacters(int of) {
            return false;
        }

        @Override
        public int of(RowValues row) {
            if (row.isNull(slot)) {
                return UNKNOWN;
            }
            long value = row.number(slot);
            return RowTest.of(value >= from && value <= to);
        }
    }

    /// One of several numbers.
    ///
    /// @param values in order
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record NumberSet(int slot, long[] values) implements RowTest {
        @Override
        public boolean readsCharacters(int of) {
            return false;
        }

        @Override
        public int of(RowValues row) {
            if (row.isNull(slot)) {
                return UNKNOWN;
            }
            return RowTest.of(Arrays.binarySearch(values, row.number(slot)) >= 0);
        }
    }

    /// Both ends belong to it. Both zeros are equal.
    record Reals(int slot, double from, double to) implements RowTest {
        @Override
        public boolean readsCharacters(int of) {
            return false;
        }

        @Override
        public int of(RowValues row) {
            if (row.isNull(slot)) {
                return UNKNOWN;
            }
            double value = row.real(slot);
            return RowTest.of(value >= from && value <= to);
        }
    }

    /// Bytes between two ends; an end that is null is none.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Bytes(
            int slot,
            byte @Nullable [] from,
            boolean withFrom,
            byte @Nullable [] to,
            boolean withTo)
            implements RowTest {
        @Override
        public boolean readsCharacters(int of) {
            return slot == of;
        }

        @Override
        public int of(RowValues row) {
            if (row.isNull(slot)) {
                return UNKNOWN;
            }
            row.load(slot);
            if (from != null) {
                int order = compare(row, from);
                if (order < 0 || (order == 0 && !withFrom)) {
                    return FALSE;
                }
            }
            if (to != null) {
                int order = compare(row, to);
                return RowTest.of(order < 0 || (order == 0 && withTo));
            }
            return TRUE;
        }
    }

    /// Bytes that are the same.
    ///
    /// @param value what the bytes are
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record SameBytes(int slot, byte[] value) implements RowTest {
        @Override
        public boolean readsCharacters(int of) {
            return slot == of && hasReplacement(value);
        }

        @Override
        public int of(RowValues row) {
            if (row.isNull(slot)) {
                return UNKNOWN;
            }
            row.load(slot);
            return RowTest.of(
                    Arrays.equals(row.bytes(), row.from(), row.to(), value, 0, value.length));
        }
    }

    /// One of several runs of bytes.
    ///
    /// @param values in order
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record ByteSet(int slot, byte[][] values) implements RowTest {
        @Override
        public boolean readsCharacters(int of) {
            return slot == of && Arrays.stream(values).anyMatch(RowTest::hasReplacement);
        }

        @Override
        public int of(RowValues row) {
            if (row.isNull(slot)) {
                return UNKNOWN;
            }
            row.load(slot);
            int low = 0;
            int high = values.length - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                int order = compare(row, values[middle]);
                if (order == 0) {
                    return TRUE;
                }
                if (order < 0) {
                    high = middle - 1;
                } else {
                    low = middle + 1;
                }
            }
            return FALSE;
        }
    }

    record Like(int slot, LikePattern pattern) implements RowTest {
        @Override
        public boolean readsCharacters(int of) {
            return slot == of && pattern.readsCharacters();
        }

        @Override
        public int of(RowValues row) {
            if (row.isNull(slot)) {
                return UNKNOWN;
            }
            row.load(slot);
            return RowTest.of(pattern.matches(row.bytes(), row.from(), row.to()));
        }
    }

    /// A test of an `ENUM` or `SET` that was made of its values beforehand.
    ///
    /// @param met by the number of a value: whether the test is true of it
    /// @param test for rows that store texts, and numbers that stand for no value
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Labels(int slot, boolean[] met, RowTest test) implements RowTest {
        @Override
        public boolean readsCharacters(int of) {
            return test.readsCharacters(of);
        }

        @Override
        public int of(RowValues row) {
            if (row.isNull(slot)) {
                return UNKNOWN;
            }
            long label = row.label(slot);
            return label >= 0 && label < met.length ? RowTest.of(met[(int) label]) : test.of(row);
        }
    }

    /// Whether a text in UTF-8 has U+FFFD, which stands for bytes that are no characters.
    static boolean hasReplacement(byte[] text) {
        for (int at = 0; at + 2 < text.length; at++) {
            if (text[at] == (byte) 0xEF
                    && text[at + 1] == (byte) 0xBF
                    && text[at + 2] == (byte) 0xBD) {
                return true;
            }
        }
        return false;
    }

    private static int compare(RowValues row, byte[] value) {
        return Arrays.compareUnsigned(row.bytes(), row.from(), row.to(), value, 0, value.length);
    }
}
