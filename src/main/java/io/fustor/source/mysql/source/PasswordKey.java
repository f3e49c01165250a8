package io.fustor.source.mysql.source;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.encrypt.AesGcmBytesEncryptor;

/// One key for stored passwords. A text that it encrypts starts with its id, which identifies the
/// key later.
///
/// @param id derived from the key's hash; distinguishes keys and reveals nothing about the key
record PasswordKey(String id, AesGcmBytesEncryptor cipher) {

    private static final int ID_BYTES = 4;

    static PasswordKey of(SecretKey key) {
        return new PasswordKey(
                id(key.getEncoded()), AesGcmBytesEncryptor.withSecretKey(key).build());
    }

    private static String id(byte[] key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update("id of a fustor-source-mysql key".getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(digest.digest(key), 0, ID_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    String prefix() {
        return id + ":";
    }

    String encrypt(String text) {
        return prefix()
                + Base64.getEncoder()
                        .encodeToString(cipher.encrypt(text.getBytes(StandardCharsets.UTF_8)));
    }

    /// Null if the text was encrypted with another key, or changed. Texts without an id are tried,
    /// because former versions wrote no id.
    @Nullable String tryDecrypt(String encrypted) {
        int colon = encrypted.indexOf(':');
        if (colon >= 0 && !encrypted.startsWith(prefix())) {
            return null;
        }
        try {
            byte[] bytes =
                    cipher.decrypt(Base64.getDecoder().decode(encrypted.substring(colon + 1)));
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException | IllegalStateException _) {
            return null;
        }
    }
}
