package io.fustor.source.mysql.charset;

import io.fustor.source.mysql.charset.Encoding.CharacterReader;
import java.nio.charset.Charset;

/// GB 18030 of 2005, as MySQL implements it: characters of one, two and four bytes. Java implements
/// the 2022 edition, which exchanged 18 characters of two bytes with 18 of four.
final class Gb18030Reader implements CharacterReader {

    private static final int FIRST_SUPPLEMENTARY = linear(0x90, 0x30, 0x81, 0x30);
    private static final int BASIC = linear(0x84, 0x31, 0xA4, 0x39) + 1;

    private static final String EDITION_2005 =
            "\uE78D\uE78E\uE78F\uE790\uE791\uE792\uE793\uE794\uE795\uE796"
                    + "\uE81E\uE826\uE82B\uE82C\uE832\uE843\uE854\uE864";
    private static final String EDITION_2022 =
            "\uFE10\uFE12\uFE11\uFE13\uFE14\uFE15\uFE16\uFE17\uFE18\uFE19"
                    + "\u9FB4\u9FB5\u9FB6\u9FB7\u9FB8\u9FB9\u9FBA\u9FBB";

    /// Indexed by the two bytes without the first one's top bit.
    private final char[] pairs = new char[0x8000];

    /// The characters of four bytes below U+10000, in the order of their codes.
    private final char[] fours = new char[BASIC];

    Gb18030Reader() {
        Charset javas = Charset.forName("GB18030");
        byte[] pair = new byte[2];
        for (int i = 0; i < pairs.length; i++) {
            pair[0] = (byte) (i >> 8 | 0x80);
            pair[1] = (byte) i;
            pairs[i] = edition2005(new String(pair, javas), true);
        }
        byte[] four = new byte[4];
        for (int i = 0; i < fours.length; i++) {
            four[0] = (byte) (0x81 + i / 12_600);
            four[1] = (byte) (0x30 + i / 1260 % 10);
            four[2] = (byte) (0x81 + i / 10 % 126);
            four[3] = (byte) (0x30 + i % 10);
            fours[i] = edition2005(new String(four, javas), false);
        }
    }

    private static char edition2005(String decoded, boolean ofTwoBytes) {
        if (decoded.length() != 1) {
            return NONE;
        }
        char character = decoded.charAt(0);
        int moved = (ofTwoBytes ? EDITION_2022 : EDITION_2005).indexOf(character);
        return moved < 0 ? character : (ofTwoBytes ? EDITION_2005 : EDITION_2022).charAt(moved);
    }

    private static int linear(int first, int second, int third, int fourth) {
        return (((first - 0x81) * 10 + second - 0x30) * 126 + third - 0x81) * 10 + fourth - 0x30;
    }

    @Override
    public long next(byte[] text, int at, int end) {
        int first = text[at] & 0xFF;
        if (first < 0x80 || at + 1 >= end) {
            return CharacterReader.of(first < 0x80 ? first : NONE, 1);
        }
        int second = text[at + 1] & 0xFF;
        if (isDigit(second)) {
            return at + 3 < end && first > 0x80 && first < 0xFF
                    ? four(first, second, text[at + 2] & 0xFF, text[at + 3] & 0xFF)
                    : CharacterReader.of(NONE, 1);
        }
        char pair = pairs[(first << 8 | second) & 0x7FFF];
        return CharacterReader.of(pair, pair != NONE || second > 0x7F ? 2 : 1);
    }

    private long four(int first, int second, int third, int fourth) {
        if (third < 0x81 || third > 0xFE || !isDigit(fourth)) {
            return CharacterReader.of(NONE, 1);
        }
        int place = linear(first, second, third, fourth);
        if (place < fours.length) {
            return CharacterReader.of(fours[place], 4);
        }
        int supplementary = place - FIRST_SUPPLEMENTARY;
        return CharacterReader.of(
                supplementary >= 0 && supplementary < 0x100000 ? 0x10000 + supplementary : NONE, 4);
    }

    private static boolean isDigit(int aByte) {
        return aByte >= 0x30 && aByte <= 0x39;
    }

    @Override
    public boolean startsWithAscii() {
        return true;
    }
}
