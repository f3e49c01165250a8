package io.fustor.source.mysql.charset;

import io.fustor.source.mysql.charset.Encoding.CharacterReader;
import java.nio.charset.Charset;

/// East Asian character sets: ASCII and characters of two bytes, the first of which is above 0x7F.
/// EUC-JP also has characters of three bytes that start with 0x8F.
final class DoubleByteReader implements CharacterReader {

    private static final int SINGLE_SHIFT_3 = 0x8F;

    /// The user-defined characters of EUC-JP: ten rows of 94, and ten more after 0x8F.
    private static final int USER_DEFINED = 0xF5A1;

    private static final int ROW = 94;

    /// Marks two bytes that have the form of a character that the set does not define.
    private static final char UNASSIGNED = '\uFFFF';

    private final char[] singles = new char[256];

    /// Indexed by the two bytes without the first one's top bit.
    private final char[] pairs = new char[0x8000];

    /// Indexed in the same way by the second and third of three bytes; empty if the set has none.
    private final char[] triples;

    private DoubleByteReader(String charset, int bytes) {
        Charset javas = Charset.forName(charset);
        triples = new char[bytes == 3 ? 0x8000 : 0];
        for (int i = 0; i < singles.length; i++) {
            singles[i] = only(new String(new byte[] {(byte) i}, javas));
        }
        byte[] pair = new byte[2];
        byte[] triple = {(byte) SINGLE_SHIFT_3, 0, 0};
        for (int i = 0; i < pairs.length; i++) {
            pair[0] = triple[1] = (byte) (i >> 8 | 0x80);
            pair[1] = triple[2] = (byte) i;
            pairs[i] = only(new String(pair, javas));
            if (bytes == 3) {
                triples[i] = only(new String(triple, javas));
            }
        }
    }

    private static char only(String decoded) {
        return decoded.length() == 1 ? decoded.charAt(0) : NONE;
    }

    /// The characters that Java defines for a set of at most two bytes a character.
    static DoubleByteReader of(String charset) {
        return new DoubleByteReader(charset, 2);
    }

    /// The characters that Java defines for a variant of EUC-JP, and MySQL's user-defined ones.
    static DoubleByteReader eucJp(String charset) {
        DoubleByteReader reader = new DoubleByteReader(charset, 3);
        for (int i = 0; i < 10 * ROW; i++) {
            int at = slot(USER_DEFINED + i / ROW * 256 + i % ROW);
            reader.pairs[at] = (char) (0xE000 + i);
            reader.triples[at] = (char) (0xE000 + 10 * ROW + i);
        }
        return reader;
    }

    private static int slot(int code) {
        return code & 0x7FFF;
    }

    /// Replaces the characters of two bytes from one code on; only while a set is built.
    DoubleByteReader with(int from, String others) {
        others.getChars(0, others.length(), pairs, slot(from));
        return this;
    }

    /// Replaces the characters of three bytes from one code on, given without its first byte; only
    /// while a set is built.
    DoubleByteReader withTriples(int from, String others) {
        others.getChars(0, others.length(), triples, slot(from));
        return this;
    }

    /// Removes the private-use characters that Java reads from undefined codes; only while a set is
    /// built.
    DoubleByteReader withoutPrivateUse() {
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = pairs[i] >= 0xE000 && pairs[i] <= 0xF8FF ? NONE : pairs[i];
        }
        return this;
    }

    /// Sets which two bytes form one character, even if the second is below 0x80 and the character
    /// is undefined: the server reads them together. The last step of building a set.
    ///
    /// @param seconds the least and the greatest second byte of each range
    DoubleByteReader paired(int firstFrom, int firstTo, int... seconds) {
        for (int first = firstFrom; first <= firstTo; first++) {
            for (int i = 0; i < seconds.length; i += 2) {
                for (int second = seconds[i]; second <= seconds[i + 1]; second++) {
                    int at = slot(first << 8 | second);
                    pairs[at] = pairs[at] == NONE ? UNASSIGNED : pairs[at];
                }
            }
        }
        return this;
    }

    @Override
    public long next(byte[] text, int at, int end) {
        int first = text[at] & 0xFF;
        char single = singles[first];
        if (single != NONE || first < 0x80 || at + 1 >= end) {
            return CharacterReader.of(single, 1);
        }
        int second = text[at + 1] & 0xFF;
        char pair = pairs[slot(first << 8 | second)];
        if (pair != NONE) {
            return CharacterReader.of(pair == UNASSIGNED ? NONE : pair, 2);
        }
        if (first == SINGLE_SHIFT_3 && triples.length > 0 && second > 0x7F && at + 2 < end) {
            int third = text[at + 2] & 0xFF;
            return CharacterReader.of(triples[slot(second << 8 | third)], third > 0x7F ? 3 : 2);
        }
        return CharacterReader.of(NONE, second > 0x7F ? 2 : 1);
    }

    @Override
    public boolean startsWithAscii() {
        return true;
    }
}
