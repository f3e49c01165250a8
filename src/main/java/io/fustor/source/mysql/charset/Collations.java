package io.fustor.source.mysql.charset;

import org.jspecify.annotations.Nullable;

/// The character set of each collation, by the number that table maps give. Source:
/// `information_schema.COLLATIONS` of MySQL 8.0.31 and 9.7.4 (5.7 has the same numbers, but fewer)
/// and of MariaDB 10.11.19.
public final class Collations {

    private static final String NUMBERS =
            """
            ARMSCII8 32 64
            ASCII 11 65
            BIG5 1 84
            BINARY 63
            CP1250 26 34 44 66 99
            CP1251 14 23 50-52
            CP1256 57 67
            CP1257 29 58-59
            CP850 4 80
            CP852 40 81
            CP866 36 68
            CP932 95-96
            DEC8 3 69
            EUCJPMS 97-98
            EUCKR 19 85
            GB18030 248-250
            GB2312 24 86
            GBK 28 87
            GEOSTD8 92-93
            GREEK 25 70
            HEBREW 16 71
            HP8 6 72
            KEYBCS2 37 73
            KOI8R 7 74
            KOI8U 22 75
            LATIN1 5 8 15 31 47-49 94
            LATIN2 2 9 21 27 77
            LATIN5 30 78
            LATIN7 20 41-42 79
            MACCE 38 43
            MACROMAN 39 53
            SJIS 13 88
            SWE7 10 82
            TIS620 18 89
            UCS2 35 90 128-151 159 640-642
            UJIS 12 91
            UTF16 54-55 101-124 672-674
            UTF16LE 56 62
            UTF32 60-61 160-183 736-738
            UTF8MB3 33 76 83 192-215 223 576-578
            UTF8MB4 45-46 224-247 255-271 273-275 277-294 296-298 300 303-323 608-610
            """;

    /// MariaDB adds this to a collation's number for its NO PAD variant.
    private static final int NO_PAD = 1024;

    /// The first of MariaDB's Unicode 14 collations; each character set has 256 numbers.
    private static final int UCA_1400 = 2048;

    private static final CharacterSet[] UCA_1400_SETS = {
        CharacterSet.UTF8MB3,
        CharacterSet.UTF8MB4,
        CharacterSet.UCS2,
        CharacterSet.UTF16,
        CharacterSet.UTF32
    };

    private static final @Nullable CharacterSet[] SETS = new CharacterSet[NO_PAD];

    static {
        NUMBERS.lines().forEach(Collations::put);
    }

    private Collations() {}

    private static void put(String line) {
        String[] parts = line.split(" ", -1);
        for (int i = 1; i < parts.length; i++) {
            String[] range = parts[i].split("-", -1);
            int last = Integer.parseInt(range[range.length - 1]);
            for (int id = Integer.parseInt(range[0]); id <= last; id++) {
                SETS[id] = CharacterSet.valueOf(parts[0]);
            }
        }
    }

    /// The character set of a collation.
    ///
    /// @param collation its number, `information_schema.COLLATIONS.ID`
    /// @return null for a number that no supported server uses
    public static @Nullable CharacterSet characterSet(int collation) {
        if (collation < 0) {
            return null;
        }
        if (collation < UCA_1400) {
            return SETS[collation % NO_PAD];
        }
        int block = (collation - UCA_1400) / 256;
        return block < UCA_1400_SETS.length ? UCA_1400_SETS[block] : null;
    }
}
