package io.fustor.source.mysql.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseCookie;

/// The cookie that stands for a token in a browser, whose EventSource cannot send headers. For a
/// configured token and for a reader it says the name and an end, signed with a key from the
/// secret; so it works on every instance, survives a restart, and dies with the secret. For a JWT
/// it holds the JWT. It ends with the caller's grant.
public final class SessionCookie {

    public static final String NAME = "fustor_session";

    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
    private static final String JWT = "jwt~";

    /// Browsers drop a cookie of more than 4,096 bytes without a word.
    private static final int LONGEST = 4_000;

    private final Function<String, List<Callers.Signer>> signers;
    private final Function<String, @Nullable Caller> jwts;
    private final Duration life;
    private final Clock clock;

    /// @param signers the callers of a name that cookies may stand for
    /// @param jwts the caller of a JWT, or null where it is not accepted
    SessionCookie(
            Function<String, List<Callers.Signer>> signers,
            Function<String, @Nullable Caller> jwts,
            Duration life,
            Clock clock) {
        this.signers = signers;
        this.jwts = jwts;
        this.life = life;
        this.clock = clock;
    }

    /// Makes the cookie of a caller.
    ///
    /// @param secret what the caller showed
    /// @param isSecure whether the browser came over TLS, and so shall send it over TLS only
    /// @return null where the cookie would be longer than browsers keep
    @Nullable ResponseCookie of(Caller caller, String secret, boolean isSecure) {
        Instant now = clock.instant();
        Instant end = end(caller, now);
        Duration age = Duration.between(now, end);
        if (caller.sight().owner().startsWith(JwtCallers.OWNER)) {
            return secret.length() > LONGEST ? null : cookie(JWT + secret, age, isSecure);
        }
        String claim = caller.name() + "~" + end.getEpochSecond();
        byte[] key = Secrets.sessionKey(Secrets.hash(secret));
        return cookie(claim + "~" + signature(key, claim), age, isSecure);
    }

    private Instant end(Caller caller, Instant now) {
        Instant longest = now.plus(life);
        Instant expires = caller.sight().grant().expires();
        return expires == null || expires.isAfter(longest) ? longest : expires;
    }

    /// Lets the browser forget its cookie.
    static ResponseCookie none(boolean isSecure) {
        return cookie("", Duration.ZERO, isSecure);
    }

    /// The caller that a cookie stands for, or null where it is forged, over, or of a token that is
    /// no more.
    ///
    /// @throws io.fustor.source.mysql.error.RequestException as [Callers#find]
    @Nullable Caller read(String value) {
        String[] parts = value.split("~", 3);
        if (parts.length == 2 && value.startsWith(JWT)) {
            return jwts.apply(parts[1]);
        }
        if (parts.length < 3) {
            return null;
        }
        for (Callers.Signer signer : signers.apply(parts[0])) {
            Caller caller = read(signer, parts);
            if (caller != null) {
                return caller;
            }
        }
        return null;
    }

    private @Nullable Caller read(Callers.Signer signer, String[] parts) {
        byte[] expected = bytes(signature(signer.key(), parts[0] + "~" + parts[1]));
        if (!MessageDigest.isEqual(expected, bytes(parts[2]))) {
            return null;
        }
        // The signature vouches for the number's form.
        boolean isOver = Long.parseLong(parts[1]) < clock.instant().getEpochSecond();
        return isOver ? null : signer.caller();
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

    private static String signature(byte[] key, String claim) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return ENCODER.encodeToString(mac.doFinal(bytes(claim)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
