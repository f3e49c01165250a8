package io.fustor.source.mysql.charset;

/// How the bytes of text become characters.
public sealed interface Encoding {

    /// UTF-8, whose bytes may be copied to UTF-8 as they are.
    record Utf8() implements Encoding {}

    /// Any other encoding, read one character at a time.
    non-sealed interface CharacterReader extends Encoding {

        /// Represents bytes that are no character of the set.
        char NONE = '\uFFFD';

        /// Reads the character that starts at `at`, before `end`. Takes at least one byte. Invalid
        /// bytes become [#NONE]; they include a following ASCII character only if the two have the
        /// form of one character.
        ///
        /// @return the character's number as the low 32 bits, the bytes it takes as the high ones
        long next(byte[] text, int at, int end);

        /// Whether a byte below 0x80 at a character's start is that ASCII character.
        boolean startsWithAscii();

        /// The character in a result of [#next(byte[], int, int)].
        static int character(long next) {
            return (int) next;
        }

        /// The number of bytes in a result of [#next(byte[], int, int)].
        static int length(long next) {
            return (int) (next >>> 32);
        }

        /// Builds a result of [#next(byte[], int, int)].
        static long of(int character, int length) {
            return ((long) length << 32) | character;
        }
    }
}
