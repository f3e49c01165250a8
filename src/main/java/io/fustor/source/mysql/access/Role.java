package io.fustor.source.mysql.access;

import io.fustor.source.mysql.error.Sentence;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.AuthorityUtils;

/// What a caller may do.
public enum Role {
    /// Scrapes the meters, and does nothing else that needs a token.
    METRICS,
    /// Reads feeds, sources and documents, and stores checkpoints of consumers.
    READER,
    /// Does everything.
    ADMIN;

    List<GrantedAuthority> authorities() {
        return switch (this) {
            case METRICS -> AuthorityUtils.createAuthorityList("ROLE_METRICS");
            case READER -> AuthorityUtils.createAuthorityList("ROLE_READER");
            case ADMIN ->
                    AuthorityUtils.createAuthorityList("ROLE_METRICS", "ROLE_READER", "ROLE_ADMIN");
        };
    }

    /// What callers of this role may do where they may not do all, for a sentence.
    Sentence limit() {
        return switch (this) {
            case METRICS -> Sentence.of("role.metrics");
            case READER -> Sentence.of("role.reader");
            case ADMIN -> Sentence.of("role.admin");
        };
    }

    /// The role of a name, or null where it is none.
    static @Nullable Role named(String text) {
        return Arrays.stream(values())
                .filter(role -> role.text().equals(text))
                .findAny()
                .orElse(null);
    }

    /// The name in configuration and answers.
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
