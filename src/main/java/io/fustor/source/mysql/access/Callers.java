package io.fustor.source.mysql.access;

import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// Finds the caller of a bearer token: a configured token, a reader's secret, or a JWT. Any thread
/// may call; a JWT with a new key makes the call wait for its issuer.
@Component
class Callers {

    private final Tokens tokens;
    private final Readers readers;
    private final JwtCallers jwts;

    Callers(Tokens tokens, Readers readers, JwtCallers jwts) {
        this.tokens = tokens;
        this.readers = readers;
        this.jwts = jwts;
    }

    /// Whether a request without a token is refused.
    boolean areWanted() {
        return tokens.areWanted();
    }

    /// The caller that shows a token, or null where it is unknown.
    ///
    /// @throws RequestException `TOKEN_EXPIRED`, `GRANT_MISSING` or `ISSUER_UNAVAILABLE`
    @Nullable Caller find(String secret) {
        ApiToken token = tokens.find(secret);
        if (token != null) {
            return token.caller();
        }
        Caller reader = readers.find(secret);
        if (reader != null) {
            return requireStanding(reader);
        }
        return ofJwt(secret);
    }

    private static @Nullable Caller requireStanding(@Nullable Caller caller) {
        if (caller != null && caller.sight().isOver(Instant.now())) {
            throw expired();
        }
        return caller;
    }

    static RequestException expired() {
        return RequestException.refused(RequestCode.TOKEN_EXPIRED, "problem.expired-token");
    }

    /// A caller by name, with the key that signs its cookies.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Signer(Caller caller, byte[] key) {}

    /// The configured token and the reader of a name, as far as there are any and their grants
    /// stand.
    List<Signer> named(String name) {
        List<Signer> named = new ArrayList<>();
        ApiToken token = tokens.named(name);
        if (token != null) {
            named.add(new Signer(token.caller(), token.sessionKey()));
        }
        Reader reader = readers.named(name);
        Caller caller = readers.caller(name);
        if (reader != null && caller != null && !caller.sight().isOver(Instant.now())) {
            named.add(new Signer(caller, Secrets.sessionKey(reader.hash())));
        }
        return named;
    }

    /// The caller of a JWT, or null where the text is none that is accepted.
    ///
    /// @throws RequestException as [#find]
    @Nullable Caller ofJwt(String text) {
        return jwts.accepts(text) ? requireStanding(jwts.find(text)) : null;
    }
}
