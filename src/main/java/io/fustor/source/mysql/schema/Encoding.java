package io.fustor.source.mysql.schema;

/// How the bytes of text become characters.
public sealed interface Encoding {

    /// UTF-8, whose bytes may be copied to UTF-8 as they are.
    record Utf8() implements Encoding {}

    /// Any other encoding, read one character at a time.
    non-sealed interface CharacterReader extends Encoding {

        /// Stands for what is no character of the set.
        char NONE = '\uFFFD';

        /// Reads the character that starts at `at`, before `end`. Takes at least one byte; what is
        /// no character is [#NONE], and swallows an ASCII character behind it only where the two
        /// are one by their form.
        ///
        /// @return the character's number as the low 32 bits, the bytes it takes as the high ones
        long next(byte[] text, int at, int end);

        /// Whether a byte below 0x80 where a character starts is that ASCII character.
        boolean startsWithAscii();

        /// The character of what [#next(byte[], int, int)] returned.
        static int character(long next) {
            return (int) next;
        }

        /// How many bytes the character of what [#next(byte[], int, int)] returned takes.
        static int length(long next) {
            return (int) (next >>> 32);
        }

        /// What [#next(byte[], int, int)] returns.
        static long of(int character, int length) {
            return ((long) length << 32) | character;
        }
    }
}
