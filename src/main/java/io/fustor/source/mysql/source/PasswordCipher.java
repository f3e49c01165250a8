package io.fustor.source.mysql.source;

import io.fustor.source.mysql.encode.MaskKey;
import io.fustor.source.mysql.error.ConfigurationException;
import io.fustor.source.mysql.settings.SecurityProperties;
import io.fustor.source.mysql.state.StateDatabase;
import io.fustor.source.mysql.state.StateWrite;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Encrypts stored passwords with AES-256-GCM and one nonce for each. At startup, it verifies that
/// its key encrypted them. If a configured former key encrypted them, it re-encrypts all of them in
/// one transaction.
@Component
class PasswordCipher {

    private static final Logger LOG = LoggerFactory.getLogger(PasswordCipher.class);
    private static final int SHORTEST_MASK_KEY = 32;
    private static final String KNOWN_TEXT = "fustor-source-mysql";

    private final JdbcClient database;
    private final List<PasswordKey> former;
    private final PasswordKey current;
    private final MaskKey maskKey;

    private record StoredPassword(String source, String encrypted) {}

    PasswordCipher(
            SourceProperties properties,
            SecurityProperties security,
            JdbcClient database,
            StateDatabase state) {
        Path folder = properties.dataDir();
        this.database = database;
        this.former = EncryptionKey.former(security, folder).stream().map(PasswordKey::of).toList();
        String stored = knownText();
        boolean mayCreate =
                stored == null || former.stream().anyMatch(key -> key.tryDecrypt(stored) != null);
        SecretKey key = EncryptionKey.find(security, folder, mayCreate);
        this.current = PasswordKey.of(key);
        this.maskKey = maskKey(security, key);
        if (stored == null) {
            state.write(this::storeKnownText);
        }
        requireKnownKey(folder);
        if (!isAllCurrent()) {
            state.write(this::rotate);
        }
    }

    private static MaskKey maskKey(SecurityProperties security, SecretKey key) {
        String configured = security.maskKey();
        if (configured == null || configured.isBlank()) {
            return MaskKey.derivedFrom(key.getEncoded());
        }
        if (configured.strip().length() < SHORTEST_MASK_KEY) {
            throw new ConfigurationException(
                    "fustor.security.mask-key must have at least "
                            + SHORTEST_MASK_KEY
                            + " characters, such as openssl rand -base64 32 makes.");
        }
        return new MaskKey(configured.strip().getBytes(StandardCharsets.UTF_8));
    }

    /// The key of the mask `hmac`.
    MaskKey maskKey() {
        return maskKey;
    }

    private @Nullable String knownText() {
        return database.sql("select encrypted from encryption_check where id = 1")
                .query(String.class)
                .optional()
                .orElse(null);
    }

    private void storeKnownText(StateWrite write) {
        try {
            write.update(
                    "insert into encryption_check (id, encrypted) values (1, ?)",
                    encrypt(KNOWN_TEXT));
        } catch (DuplicateKeyException _) {
            // Another instance started first; use its text.
        }
    }

    private void requireKnownKey(Path folder) {
        String stored = knownText();
        if (stored == null || !KNOWN_TEXT.equals(tryDecrypt(stored))) {
            throw new ConfigurationException(
                    "The stored passwords were encrypted with another key: restore the former "
                            + EncryptionKey.PROPERTY
                            + " or key file "
                            + folder.resolve(EncryptionKey.FILE_NAME)
                            + ", or set the former key in "
                            + EncryptionKey.FORMER_PROPERTY
                            + " to switch to the new one. Instances with a shared state"
                            + " database share the key.");
        }
    }

    private boolean isAllCurrent() {
        String known = "%s%%".formatted(current.prefix());
        int others =
                database.sql(
                                """
                                select (select count(*) from encryption_check
                                        where encrypted not like ?)
                                     + (select count(*) from sources where password not like ?)
                                """)
                        .params(known, known)
                        .query(Integer.class)
                        .single();
        return others == 0;
    }

    private void rotate(StateWrite write) {
        // Other instances that start now wait here, and then find it done.
        database.sql("select encrypted from encryption_check where id = 1 for update")
                .query(String.class)
                .single();
        int changed = 0;
        for (StoredPassword stored : passwords()) {
            if (!stored.encrypted().startsWith(current.prefix())) {
                write.update(
                        "update sources set password = ? where id = ?",
                        encrypt(decrypt(stored.encrypted())),
                        stored.source());
                changed++;
            }
        }
        write.update("update encryption_check set encrypted = ? where id = 1", encrypt(KNOWN_TEXT));
        LOG.info("key={} passwords={} encrypted anew", current.id(), changed);
    }

    private List<StoredPassword> passwords() {
        return database.sql("select id, password from sources for update")
                .query((row, _) -> new StoredPassword(row.getString(1), row.getString(2)))
                .list();
    }

    String encrypt(String text) {
        return current.encrypt(text);
    }

    /// @throws ConfigurationException if it was changed, or encrypted with another key
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
        String text = current.tryDecrypt(encrypted);
        for (int i = 0; text == null && i < former.size(); i++) {
            text = former.get(i).tryDecrypt(encrypted);
        }
        return text;
    }
}
