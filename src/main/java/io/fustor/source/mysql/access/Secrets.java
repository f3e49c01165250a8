package io.fustor.source.mysql.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// Secrets that callers show. The service keeps their SHA-256 only: the secrets that it makes are
/// random, so that no slower hash is needed.
final class Secrets {

    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
    private static final SecureRandom RANDOM = new SecureRandom();

    /// Tells a reader's secret from other tokens, also to tools that look for leaked secrets.
    private static final String PREFIX = "fustor_";

    private Secrets() {}

    /// A new secret of 256 bits.
    static String make() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /// SHA-256 of a secret in hexadecimal digits.
    static String hash(String secret) {
        return HexFormat.of().formatHex(sha256(secret.getBytes(StandardCharsets.UTF_8)));
    }

    /// A key that only the holder of the secret can have.
    ///
    /// @param hash as [#hash] gives it
    static byte[] sessionKey(String hash) {
        return sha256(HexFormat.of().parseHex(hash));
    }

    static boolean isHash(String text) {
        return HASH.matcher(text).matches();
    }

    static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
