package io.fustor.source.mysql.compression;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The content codings of streams (RFC 9110, 8.4), the preferred one first where a client weighs
/// several the same.
public enum ContentCoding {
    GZIP("gzip"),
    ZSTD("zstd"),
    IDENTITY("identity");

    private static final String ANY = "*";

    private final String token;

    ContentCoding(String token) {
        this.token = token;
    }

    /// The name in `Accept-Encoding` and `Content-Encoding`.
    public String token() {
        return token;
    }

    /// The coding that a client weighs highest among those offered, [#IDENTITY] if it accepts none
    /// of the others. What a client lists at all comes before an identity that it does not list.
    ///
    /// @param accepted the values of `Accept-Encoding`; none if the request has no such header
    /// @param offered in addition to the identity
    public static ContentCoding choose(List<String> accepted, Set<ContentCoding> offered) {
        String list = String.join(",", accepted).toLowerCase(Locale.ROOT);
        double plain = orZero(weight(list, IDENTITY.token));
        ContentCoding best = IDENTITY;
        double most = 0;
        for (ContentCoding coding : values()) {
            if (coding != IDENTITY && offered.contains(coding)) {
                double weight = weight(list, coding);
                if (weight > most && weight >= plain) {
                    best = coding;
                    most = weight;
                }
            }
        }
        return best;
    }

    private static double weight(String list, ContentCoding coding) {
        Double weight = weight(list, coding.token);
        if (weight == null && coding == GZIP) {
            // An old name of the same coding.
            weight = weight(list, "x-gzip");
        }
        return orZero(weight != null ? weight : weight(list, ANY));
    }

    private static double orZero(@Nullable Double weight) {
        return weight == null ? 0 : weight;
    }

    /// The weight of a coding in the list, or null if it is not listed. A malformed weight counts
    /// as a refusal.
    private static @Nullable Double weight(String list, String token) {
        for (String element : list.split(",", -1)) {
            String[] parts = element.split(";", -1);
            if (parts[0].strip().equals(token)) {
                return parts.length == 1 ? Double.valueOf(1) : quality(parts[1].strip());
            }
        }
        return null;
    }

    private static Double quality(String parameter) {
        return parameter.matches("q\\s*=\\s*(0(\\.\\d{0,3})?|1(\\.0{0,3})?)")
                ? Double.valueOf(parameter.substring(parameter.indexOf('=') + 1).strip())
                : Double.valueOf(0);
    }
}
