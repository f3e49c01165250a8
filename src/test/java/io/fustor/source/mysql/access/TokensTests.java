package io.fustor.source.mysql.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.ConfigurationException;
import io.fustor.source.mysql.settings.SecurityProperties;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTests {

    private static final SecurityProperties.Jwt NO_JWT =
            new SecurityProperties.Jwt(null, null, null, List.of(), "fustor");

    @Test
    void findsATokenByItsSecret() {
        var tokens = tokens("dash:reader:one", "ops:admin:two");

        assertThat(tokens.find("two").caller()).isEqualTo(Caller.ofToken("ops", Role.ADMIN));
        assertThat(tokens.find("dash")).isNull();
        assertThat(tokens.find("")).isNull();
    }

    @Test
    void letsASecretHoldColons() {
        assertThat(tokens("ops:admin:a:b:c").find("a:b:c")).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hush-hush",
                "ops:hush-hush",
                "ops:root:hush-hush",
                ":admin:hush-hush",
                "o ps:admin:hush-hush",
                "ops:admin:hush hush",
                "ops:admin:"
            })
    void refusesAnotherFormWithoutShowingIt(String text) {
        assertThatThrownBy(() -> tokens("dash:reader:one", text))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("fustor.security.tokens[1]")
                .hasMessageNotContaining("hush");
    }

    @Test
    void refusesOneNameForTwo() {
        assertThatThrownBy(() -> tokens("a:reader:one", "a:admin:two"))
                .hasMessageContaining("name a twice");
    }

    @Test
    void showsNoSecretAsText() {
        var properties = properties("ops:admin:hush");

        assertThat(properties.toString()).doesNotContain("hush");
    }

    static Tokens tokens(String... texts) {
        return new Tokens(properties(texts));
    }

    private static SecurityProperties properties(String... texts) {
        return new SecurityProperties(
                List.of(texts),
                false,
                Duration.ofHours(24),
                Map.of(),
                NO_JWT,
                null,
                List.of(),
                null);
    }
}
