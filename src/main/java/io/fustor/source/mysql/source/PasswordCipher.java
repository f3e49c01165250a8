package io.fustor.source.mysql.source;

import io.fustor.source.mysql.error.ConfigurationException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.crypto.encrypt.AesGcmBytesEncryptor;
import org.springframework.stereotype.Component;

/// Encrypts the passwords that are stored, with AES-256-GCM and a nonce for each. At start it
/// proves that its key is the one with which the stored passwords were encrypted.
@Component
class PasswordCipher {

    private static final String KNOWN_TEXT = "fustor-source-mysql";

    private final AesGcmBytesEncryptor cipher;

    PasswordCipher(SourceProperties properties, JdbcClient database) {
        String stored = knownText(database);
        SecretKey key = EncryptionKey.find(properties, stored == null);
        this.cipher = AesGcmBytesEncryptor.withSecretKey(key).build();
        if (stored == null) {
            stored = storeKnownText(database);
        }
        if (!KNOWN_TEXT.equals(tryDecrypt(stored))) {
            throw new ConfigurationException(
                    "The stored passwords were encrypted with another key: bring back the former "
                            + EncryptionKey.PROPERTY
                            + " or key file "
                            + properties.dataDir().resolve(EncryptionKey.FILE_NAME)
                            + ". Instances that share a state database share the key.");
        }
    }

    private static @Nullable String knownText(JdbcClient database) {
        return database.sql("select encrypted from encryption_check where id = 1")
                .query(String.class)
                .optional()
                .orElse(null);
    }

    private String storeKnownText(JdbcClient database) {
        String encrypted = encrypt(KNOWN_TEXT);
        try {
            database.sql("insert into encryption_check (id, encrypted) values (1, ?)")
                    .param(encrypted)
                    .update();
            return encrypted;
        } catch (DuplicateKeyException e) {
            // Another instance started first.
            String theirs = knownText(database);
            if (theirs == null) {
                throw e;
            }
            return theirs;
        }
    }

    String encrypt(String text) {
        return Base64.getEncoder()
                .encodeToString(cipher.encrypt(text.getBytes(StandardCharsets.UTF_8)));
    }

    /// @throws ConfigurationException where it was changed, or encrypted with another key
    String decrypt(String encrypted) {
        String text = tryDecrypt(encrypted);
        if (text == null) {
            throw new ConfigurationException(
                    "A stored password cannot be decrypted: it was changed in the state database,"
                            + " or encrypted with another key.");
        }
        return text;
    }

    private @Nullable String tryDecrypt(String encrypted) {
        try {
            byte[] bytes = cipher.decrypt(Base64.getDecoder().decode(encrypted));
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException | IllegalStateException _) {
            return null;
        }
    }
}
