package io.fustor.source.mysql.charset;

import io.fustor.source.mysql.charset.Encoding.CharacterReader;
import java.nio.charset.Charset;

/// Character sets in which every character is one byte.
final class SingleByteReader implements CharacterReader {

    private final char[] characters;
    private final boolean startsWithAscii;

    private SingleByteReader(char[] characters) {
        this.characters = characters;
        this.startsWithAscii = isAscii(characters);
    }

    /// The characters that Java defines for a set.
    static SingleByteReader of(String charset) {
        char[] characters = new char[256];
        Charset javas = Charset.forName(charset);
        for (int i = 0; i < characters.length; i++) {
            characters[i] = new String(new byte[] {(byte) i}, javas).charAt(0);
        }
        return new SingleByteReader(characters);
    }

    /// The same set with other characters from one byte on.
    SingleByteReader with(int from, String others) {
        char[] changed = characters.clone();
        others.getChars(0, others.length(), changed, from);
        return new SingleByteReader(changed);
    }

    private static boolean isAscii(char[] characters) {
        for (int i = 0; i < 0x80; i++) {
            if (characters[i] != i) {
                return false;
            }
        }
        return true;
    }

    @Override
    public long next(byte[] text, int at, int end) {
        return CharacterReader.of(characters[text[at] & 0xFF], 1);
    }

    @Override
    public boolean startsWithAscii() {
        return startsWithAscii;
    }
}
