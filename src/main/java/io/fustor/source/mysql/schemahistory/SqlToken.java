package io.fustor.source.mysql.schemahistory;

/// One word, name, text, number or sign of a statement.
///
/// @param text its value, without quotes and escapes
/// @param word the text in capitals if it is an unquoted ASCII word, otherwise empty
record SqlToken(Kind kind, String text, String word) {

    enum Kind {
        /// A keyword, or an unquoted name.
        WORD,
        /// A quoted name.
        NAME,
        TEXT,
        NUMBER,
        /// The digits of a hexadecimal or binary literal.
        HEX,
        BITS,
        /// A single character.
        SIGN,
        END
    }

    static final SqlToken END = new SqlToken(Kind.END, "", "");

    static SqlToken word(String text) {
        return new SqlToken(Kind.WORD, text, capitals(text));
    }

    private static final SqlToken[] SIGNS = new SqlToken[128];

    static {
        for (char c = 0; c < SIGNS.length; c++) {
            SIGNS[c] = of(Kind.SIGN, String.valueOf(c));
        }
    }

    static SqlToken sign(char c) {
        return c < SIGNS.length ? SIGNS[c] : of(Kind.SIGN, String.valueOf(c));
    }

    static SqlToken of(Kind kind, String text) {
        return new SqlToken(kind, text, "");
    }

    /// Only the letters of keywords: `ſ` and the Kelvin sign are not among them.
    private static String capitals(String text) {
        StringBuilder capitals = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c > 0x7F) {
                return "";
            }
            capitals.append(c >= 'a' && c <= 'z' ? (char) (c - 32) : c);
        }
        return capitals.toString();
    }

    boolean isName() {
        return kind == Kind.WORD || kind == Kind.NAME;
    }

    boolean isSign(char sign) {
        return kind == Kind.SIGN && text.charAt(0) == sign;
    }
}
