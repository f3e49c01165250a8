package io.fustor.source.mysql.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.http.ResponseCookie;

class SessionCookieTests {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final Tokens tokens = TokensTests.tokens("dash:reader:one", "ops:admin:two");
    private final SessionCookie cookie = at(NOON, tokens);

    @Test
    void standsForItsToken() {
        assertThat(cookie.read(valueFor("two"))).isEqualTo(Caller.ofToken("ops", Role.ADMIN));
    }

    @Test
    void isHiddenFromScriptsAndOtherSites() {
        var text = of(cookie, "one", true).toString();

        assertThat(text).contains("HttpOnly", "SameSite=Strict", "Secure", "Path=/");
        assertThat(of(cookie, "one", false).toString()).doesNotContain("Secure");
    }

    @Test
    void endsWithItsTime() {
        var value = valueFor("one");

        assertThat(at(NOON.plus(Duration.ofMinutes(59)), tokens).read(value)).isNotNull();
        assertThat(at(NOON.plus(Duration.ofMinutes(61)), tokens).read(value)).isNull();
    }

    @Test
    void worksOnAnotherInstanceWithTheSameTokens() {
        var other = at(NOON, TokensTests.tokens("dash:reader:one"));

        assertThat(other.read(valueFor("one"))).isNotNull();
    }

    @Test
    void diesWithItsSecret() {
        var changed = at(NOON, TokensTests.tokens("dash:reader:another"));

        assertThat(changed.read(valueFor("one"))).isNull();
    }

    @Test
    void cannotBeForged() {
        var value = valueFor("one");

        assertThat(cookie.read(value.replace("dash", "ops"))).isNull();
        assertThat(cookie.read(value.replaceFirst("~\\d", "~9"))).isNull();
        assertThat(cookie.read("dash~abc~" + value.split("~")[2])).isNull();
        assertThat(cookie.read("")).isNull();
        assertThat(cookie.read("~~~")).isNull();
    }

    private String valueFor(String secret) {
        return of(cookie, secret, false).getValue();
    }

    private static SessionCookie at(Instant time, Tokens tokens) {
        return new SessionCookie(
                name -> named(tokens, name),
                _ -> null,
                Duration.ofHours(1),
                Clock.fixed(time, ZoneOffset.UTC));
    }

    private static List<Callers.Signer> named(Tokens tokens, String name) {
        var token = tokens.named(name);
        return token == null
                ? List.of()
                : List.of(new Callers.Signer(token.caller(), token.sessionKey()));
    }

    private ResponseCookie of(SessionCookie maker, String secret, boolean isSecure) {
        return maker.of(tokens.find(secret).caller(), secret, isSecure);
    }
}
