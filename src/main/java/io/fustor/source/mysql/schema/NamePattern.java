package io.fustor.source.mysql.schema;

/// One part of a name, where `*` stands for any run of characters.
///
/// @param isLiteral whether a star in the text is a character like any other
public record NamePattern(String text, boolean isLiteral) {

    static NamePattern of(QualifiedNames.Part part) {
        return new NamePattern(part.text(), part.quoted());
    }

    /// Whether the pattern matches one name only.
    boolean isName() {
        return isLiteral || text.indexOf('*') < 0;
    }

    /// Whether the pattern matches every name.
    boolean isAny() {
        return !isLiteral && text.equals("*");
    }

    boolean matches(String name) {
        return isLiteral ? text.equals(name) : matches(text, name);
    }

    NamePattern under(NameRule names) {
        return new NamePattern(names.stored(text), isLiteral);
    }

    NamePattern ofColumn() {
        return new NamePattern(NameRule.column(text), isLiteral);
    }

    /// Glob matching in the manner of a loop with one point to fall back to: linear for one star,
    /// never exponential.
    public static boolean matches(String glob, String name) {
        int g = 0;
        int n = 0;
        int star = -1;
        int resume = 0;
        while (n < name.length()) {
            if (g < glob.length() && glob.charAt(g) == '*') {
                star = g++;
                resume = n;
            } else if (g < glob.length() && glob.charAt(g) == name.charAt(n)) {
                g++;
                n++;
            } else if (star >= 0) {
                g = star + 1;
                n = ++resume;
            } else {
                return false;
            }
        }
        while (g < glob.length() && glob.charAt(g) == '*') {
            g++;
        }
        return g == glob.length();
    }
}
