package io.fustor.source.mysql.encode;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What stands in the place of a column's values. NULL is not replaced.
public sealed interface Mask {

    /// How masks are written, for messages.
    String FORMS = "hmac, truncate:<characters>, null, fixed:<text>";

    /// The HMAC-SHA-256 of the value's text, in base64url.
    record Hmac(MaskKey key) implements Mask {}

    /// The first characters of the value's text.
    record Truncate(int characters) implements Mask {}

    /// NULL.
    record Null() implements Mask {}

    /// The same text for each value.
    record Fixed(String text) implements Mask {}

    /// The mask as it is configured.
    default String text() {
        return switch (this) {
            case Hmac _ -> "hmac";
            case Truncate(int characters) -> "truncate:" + characters;
            case Null _ -> "null";
            case Fixed(String text) -> "fixed:" + text;
        };
    }

    /// Reads a mask as it is configured.
    ///
    /// @throws IllegalArgumentException where it is none
    static Mask parse(String text, MaskKey key) {
        if (text.equals("hmac")) {
            return new Hmac(key);
        }
        if (text.equals("null")) {
            return new Null();
        }
        if (text.startsWith("fixed:")) {
            return new Fixed(text.substring("fixed:".length()));
        }
        Matcher truncate = Pattern.compile("truncate:(\\d{1,4})").matcher(text);
        if (truncate.matches()) {
            return new Truncate(Integer.parseInt(truncate.group(1)));
        }
        throw new IllegalArgumentException(text);
    }
}
