package io.fustor.source.mysql.source;

import io.fustor.source.mysql.error.ConfigurationException;
import io.fustor.source.mysql.state.StateDatabase;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Encrypts the passwords that are stored, with AES-256-GCM and a nonce for each. At start it
/// proves that its key is the one with which they were encrypted; where they were encrypted with a
/// former key that it is given too, it encrypts all of them anew, in one transaction.
@Component
class PasswordCipher {

    private static final Logger LOG = LoggerFactory.getLogger(PasswordCipher.class);
    private static final String KNOWN_TEXT = "fustor-source-mysql";

    private final JdbcClient database;
    private final List<PasswordKey> former;
    private final PasswordKey current;

    private record StoredPassword(String source, String encrypted) {}

    PasswordCipher(SourceProperties properties, JdbcClient database, StateDatabase state) {
        this.database = database;
        this.former = EncryptionKey.former(properties).stream().map(PasswordKey::of).toList();
        String stored = knownText();
        boolean mayCreate =
                stored == null || former.stream().anyMatch(key -> key.tryDecrypt(stored) != null);
        this.current = PasswordKey.of(EncryptionKey.find(properties, mayCreate));
        if (stored == null) {
            state.write(this::storeKnownText);
        }
        requireKnownKey(properties);
        if (!isAllCurrent()) {
            state.write(this::rotate);
        }
    }

    private @Nullable String knownText() {
        return database.sql("select encrypted from encryption_check where id = 1")
                .query(String.class)
                .optional()
                .orElse(null);
    }

    private void storeKnownText() {
        try {
            database.sql("insert into encryption_check (id, encrypted) values (1, ?)")
                    .param(encrypt(KNOWN_TEXT))
                    .update();
        } catch (DuplicateKeyException _) {
            // Another instance started first; its text is what counts.
        }
    }

    private void requireKnownKey(SourceProperties properties) {
        String stored = knownText();
        if (stored == null || !KNOWN_TEXT.equals(tryDecrypt(stored))) {
            throw new ConfigurationException(
                    "The stored passwords were encrypted with another key: bring back the former "
                            + EncryptionKey.PROPERTY
                            + " or key file "
                            + properties.dataDir().resolve(EncryptionKey.FILE_NAME)
                            + ", or give the former key in "
                            + EncryptionKey.FORMER_PROPERTY
                            + " to change over to the new one. Instances that share a state"
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

    private void rotate() {
        // Other instances that start now wait here, and find it done.
        database.sql("select encrypted from encryption_check where id = 1 for update")
                .query(String.class)
                .single();
        int changed = 0;
        for (StoredPassword stored : passwords()) {
            if (!stored.encrypted().startsWith(current.prefix())) {
                database.sql("update sources set password = ? where id = ?")
                        .params(encrypt(decrypt(stored.encrypted())), stored.source())
                        .update();
                changed++;
            }
        }
        database.sql("update encryption_check set encrypted = ? where id = 1")
                .param(encrypt(KNOWN_TEXT))
                .update();
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
        String text = current.tryDecrypt(encrypted);
        for (int i = 0; text == null && i < former.size(); i++) {
            text = former.get(i).tryDecrypt(encrypted);
        }
        return text;
    }
}
