package io.fustor.source.mysql.access;

import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.grant.Grant;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.grant.Standing;
import io.fustor.source.mysql.settings.SecurityProperties;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtDecoderInitializationException;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtValidationException;
import org.springframework.stereotype.Component;

/// Callers that an identity provider names. Spring Security judges the JWT; its claim holds the
/// grant, and its `exp` ends it. Any thread may call.
@Component
class JwtCallers {

    private static final Logger LOG = LoggerFactory.getLogger(JwtCallers.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
    private static final int LONGEST_SUBJECT = 255;

    private final @Nullable JwtDecoder decoder;
    private final String claim;

    JwtCallers(SecurityProperties properties) {
        this.decoder = JwtDecoding.decoder(properties.jwt());
        this.claim = properties.jwt().claim();
    }

    /// To whom checkpoints and streams of a subject belong.
    private static String owner(String subject) {
        return OWNER + subject;
    }

    /// How owners begin that are subjects of JWTs.
    static final String OWNER = "jwt:";

    /// Whether JWTs are accepted, and a text has the form of one.
    boolean accepts(String text) {
        int first = text.indexOf('.');
        return decoder != null && first > 0 && text.indexOf('.', first + 1) > 0;
    }

    /// The caller of a JWT, or null where the JWT is not accepted.
    ///
    /// @throws RequestException `TOKEN_EXPIRED`, `GRANT_MISSING` or `ISSUER_UNAVAILABLE`
    @Nullable Caller find(String token) {
        JwtDecoder known = decoder;
        if (known == null) {
            return null;
        }
        try {
            return caller(known.decode(token));
        } catch (JwtValidationException e) {
            boolean isExpired =
                    e.getErrors().stream()
                            .anyMatch(one -> JwtDecoding.EXPIRED.equals(one.getErrorCode()));
            if (isExpired) {
                throw Callers.expired();
            }
            return null;
        } catch (BadJwtException _) {
            return null;
        } catch (JwtException | JwtDecoderInitializationException e) {
            LOG.warn(
                    "issuer=unavailable reason={}",
                    NestedExceptionUtils.getMostSpecificCause(e).toString());
            throw new RequestException(
                    RequestCode.ISSUER_UNAVAILABLE,
                    Sentence.of("problem.issuer"),
                    RETRY_AFTER,
                    null);
        }
    }

    private Caller caller(Jwt jwt) {
        String subject = jwt.getSubject();
        Instant end = jwt.getExpiresAt();
        Object content = jwt.getClaims().get(claim);
        if (!(content instanceof Map<?, ?> document)) {
            throw missing(Sentence.of("grant.no-claim", claim));
        }
        if (subject == null || subject.isBlank() || subject.length() > LONGEST_SUBJECT) {
            throw missing(Sentence.of("grant.no-subject"));
        }
        Grant grant = grant(document);
        Grant ending = end == null ? grant : grant.until(end);
        Sight sight = Sight.of(owner(subject), ending, new Standing(ending.expires()));
        return new Caller(subject, Role.READER, sight);
    }

    private Grant grant(Map<?, ?> document) {
        try {
            return GrantDocument.of(document).check();
        } catch (RequestException e) {
            throw missing(Sentence.of("grant.bad-claim", claim, e.sentence()));
        }
    }

    private static RequestException missing(Sentence why) {
        return new RequestException(RequestCode.GRANT_MISSING, why, null);
    }
}
