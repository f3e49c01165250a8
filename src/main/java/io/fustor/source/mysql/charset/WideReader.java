package io.fustor.source.mysql.charset;

import io.fustor.source.mysql.charset.Encoding.CharacterReader;

/// `ucs2`, `utf16`, `utf16le` and `utf32`: Unicode in units of two or four bytes.
enum WideReader implements CharacterReader {
    UCS2 {
        @Override
        public long next(byte[] text, int at, int end) {
            return end - at < 2 ? cutShort(text, at, end) : character(high(text, at), 2);
        }
    },
    UTF16 {
        @Override
        public long next(byte[] text, int at, int end) {
            if (end - at < 2) {
                return cutShort(text, at, end);
            }
            return paired(high(text, at), end - at < 4 ? 0 : high(text, at + 2));
        }
    },
    UTF16LE {
        @Override
        public long next(byte[] text, int at, int end) {
            if (end - at < 2) {
                return cutShort(text, at, end);
            }
            return paired(low(text, at), end - at < 4 ? 0 : low(text, at + 2));
        }
    },
    UTF32 {
        @Override
        public long next(byte[] text, int at, int end) {
            if (end - at < 4) {
                return cutShort(text, at, end);
            }
            return character((high(text, at) << 16) | high(text, at + 2), 4);
        }
    };

    private static int high(byte[] text, int at) {
        return (text[at] & 0xFF) << 8 | (text[at + 1] & 0xFF);
    }

    private static int low(byte[] text, int at) {
        return (text[at + 1] & 0xFF) << 8 | (text[at] & 0xFF);
    }

    private static long paired(int first, int second) {
        if (Character.isHighSurrogate((char) first) && Character.isLowSurrogate((char) second)) {
            return CharacterReader.of(Character.toCodePoint((char) first, (char) second), 4);
        }
        return character(first, 2);
    }

    private static long character(int number, int length) {
        boolean valid =
                Character.isValidCodePoint(number)
                        && (number < Character.MIN_SURROGATE || number > Character.MAX_SURROGATE);
        return CharacterReader.of(valid ? number : NONE, length);
    }

    private static long cutShort(byte[] text, int at, int end) {
        return CharacterReader.of(NONE, Math.min(end, text.length) - at);
    }

    @Override
    public boolean startsWithAscii() {
        return false;
    }
}
