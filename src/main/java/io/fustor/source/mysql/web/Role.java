package io.fustor.source.mysql.web;

import java.util.List;
import java.util.Locale;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.AuthorityUtils;

/// What a caller may do.
enum Role {
    /// Reads feeds, sources and documents, and stores checkpoints of consumers.
    READER,
    /// Does everything.
    ADMIN;

    List<GrantedAuthority> authorities() {
        return switch (this) {
            case READER -> AuthorityUtils.createAuthorityList("ROLE_READER");
            case ADMIN -> AuthorityUtils.createAuthorityList("ROLE_READER", "ROLE_ADMIN");
        };
    }

    /// The name in configuration and answers.
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
