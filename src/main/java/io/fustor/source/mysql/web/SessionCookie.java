package io.fustor.source.mysql.web;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseCookie;

/// The cookie that stands for a token in a browser, whose EventSource cannot send headers. It says
/// the token's name and an end, signed with a key from the token's secret; so it works on every
/// instance with the same tokens, survives a restart, and dies with the secret.
final class SessionCookie {

    static final String NAME = "fustor_session";

    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private final Tokens tokens;
    private final Duration life;
    private final Clock clock;

    SessionCookie(Tokens tokens, Duration life, Clock clock) {
        this.tokens = tokens;
        this.life = life;
        this.clock = clock;
    }

    /// @param isSecure whether the browser came over TLS, and so shall send it over TLS only
    ResponseCookie of(ApiToken token, boolean isSecure) {
        String claim = token.caller().name() + "~" + clock.instant().plus(life).getEpochSecond();
        return cookie(claim + "~" + signature(token, claim), life, isSecure);
    }

    /// Lets the browser forget its cookie.
    static ResponseCookie none(boolean isSecure) {
        return cookie("", Duration.ZERO, isSecure);
    }

    /// The caller that a cookie stands for, or null where it is forged, over, or of a token that is
    /// no more.
    @Nullable Caller read(String value) {
        String[] parts = value.split("~", 3);
        ApiToken token = parts.length == 3 ? tokens.named(parts[0]) : null;
        if (token == null) {
            return null;
        }
        byte[] expected = bytes(signature(token, parts[0] + "~" + parts[1]));
        if (!MessageDigest.isEqual(expected, bytes(parts[2]))) {
            return null;
        }
        // The signature vouches for the number's form.
        boolean isOver = Long.parseLong(parts[1]) < clock.instant().getEpochSecond();
        return isOver ? null : token.caller();
    }

    private static ResponseCookie cookie(String value, Duration age, boolean isSecure) {
        return ResponseCookie.from(NAME, value)
                .path("/")
                .httpOnly(true)
                .sameSite("Strict")
                .secure(isSecure)
                .maxAge(age)
                .build();
    }

    private static String signature(ApiToken token, String claim) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(token.sessionKey(), "HmacSHA256"));
            return ENCODER.encodeToString(mac.doFinal(bytes(claim)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
