package io.fustor.source.mysql.settings;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.io.Resource;

/// Who may use the service, and the keys of what it hides, under `fustor.security`.
///
/// @param tokens API tokens, each `name:role:secret` with the role `metrics`, `reader` or `admin`;
///   without any, and without readers and jwt, the service listens on 127.0.0.1 only
/// @param open lets everybody in on every address, without tokens
/// @param session how long the cookie of a browser's session is good for
/// @param readers callers that see a part of the data, by name
/// @param jwt callers that an identity provider names
/// @param encryptionKey 32 bytes in base64; without it, the service creates and uses a key file in
///   the data folder
/// @param previousEncryptionKeys former keys; at startup, passwords that they encrypted are
///   re-encrypted with the current key
/// @param maskKey the key of the mask `hmac`, a secret text of at least 32 characters; without it,
///   a key that follows from the encryption key, and changes with it
@ConfigurationProperties("fustor.security")
public record SecurityProperties(
        @DefaultValue List<String> tokens,
        @DefaultValue("false") boolean open,
        @DefaultValue("24h") Duration session,
        @DefaultValue Map<String, DeclaredReader> readers,
        @DefaultValue Jwt jwt,
        @Nullable String encryptionKey,
        @DefaultValue List<String> previousEncryptionKeys,
        @Nullable String maskKey) {

    /// A reader in the configuration: its secret or the secret's hash, and its grant.
    ///
    /// @param secret the bearer token that the reader shows
    /// @param secretSha256 instead of the secret, its SHA-256 in 64 hexadecimal digits
    /// @param sources ids of sources, `*` as wildcard; all by default
    /// @param tables tables as in the feed's parameter; all but those of the system schemas by
    ///   default
    /// @param fields the only visible columns as `schema.table.column`, `*` allowed in each part
    /// @param without columns that are not visible, in the same form
    /// @param where conditions that rows must meet, one table each
    /// @param unmasked whether masked columns are shown in clear
    /// @param snapshots whether the reader may take snapshots
    /// @param maxStreams how many streams the reader may have open at a time, over all instances
    /// @param sharedCache whether caches that callers share may keep pages of the reader
    /// @param expires when the grant ends, as an RFC 3339 time; never by default
    public record DeclaredReader(
            @Nullable String secret,
            @Nullable String secretSha256,
            @Nullable List<String> sources,
            @Nullable List<String> tables,
            @Nullable List<String> fields,
            @Nullable List<String> without,
            @Nullable List<String> where,
            @DefaultValue("false") boolean unmasked,
            @DefaultValue("true") boolean snapshots,
            @DefaultValue("100") int maxStreams,
            @DefaultValue("false") boolean sharedCache,
            @Nullable String expires) {

        @Override
        public String toString() {
            return "DeclaredReader";
        }
    }

    /// Callers that an identity provider names. At most one of the first three is set; without any,
    /// no JWT is accepted.
    ///
    /// @param issuerUri the issuer, whose metadata names the keys; `iss` must equal it
    /// @param jwkSetUri where the keys are
    /// @param publicKeyLocation a file with one public key in PEM
    /// @param audiences what `aud` must name one of; by default it is not looked at
    /// @param claim the claim that holds the grant
    public record Jwt(
            @Nullable String issuerUri,
            @Nullable String jwkSetUri,
            @Nullable Resource publicKeyLocation,
            @DefaultValue List<String> audiences,
            @DefaultValue("fustor") String claim) {

        public boolean isConfigured() {
            return issuerUri != null || jwkSetUri != null || publicKeyLocation != null;
        }
    }

    /// Whether callers need a token.
    public boolean wantsTokens() {
        return !tokens.isEmpty() || !readers.isEmpty() || jwt.isConfigured();
    }

    @Override
    public String toString() {
        return "SecurityProperties[tokens="
                + tokens.size()
                + ", readers="
                + readers.size()
                + ", open="
                + open
                + ", encryptionKey="
                + (encryptionKey == null ? "none" : "set")
                + ", previousEncryptionKeys="
                + previousEncryptionKeys.size()
                + ", maskKey="
                + (maskKey == null ? "none" : "set")
                + "]";
    }
}
