package io.fustor.source.mysql.access;

import io.fustor.source.mysql.error.ConfigurationException;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.settings.SecurityProperties.DeclaredReader;
import java.time.Instant;

/// Makes readers of those that the configuration declares.
final class DeclaredReaders {

    private static final int SHORTEST_SECRET = 16;

    private DeclaredReaders() {}

    /// @throws ConfigurationException where the declaration is wrong, with the property
    static Reader read(String name, DeclaredReader declared) {
        String property = "fustor.security.readers." + name;
        try {
            Reader.requireName(name);
            return new Reader(
                    name,
                    hash(property, declared),
                    document(declared).check(),
                    Instant.EPOCH,
                    true);
        } catch (RequestException e) {
            throw new ConfigurationException(property + ": " + e.getMessage(), e);
        }
    }

    private static GrantDocument document(DeclaredReader declared) {
        return new GrantDocument(
                declared.sources(),
                declared.tables(),
                declared.fields(),
                declared.without(),
                declared.where(),
                declared.unmasked(),
                declared.snapshots(),
                declared.maxStreams(),
                declared.sharedCache(),
                declared.expires());
    }

    /// The hash of the secret.
    private static String hash(String property, DeclaredReader declared) {
        String secret = declared.secret();
        String hash = declared.secretSha256();
        if ((secret == null) == (hash == null)) {
            throw new ConfigurationException(
                    property + " must have either secret or secret-sha256.");
        }
        if (secret != null) {
            if (secret.length() < SHORTEST_SECRET) {
                throw new ConfigurationException(
                        property + ".secret must have " + SHORTEST_SECRET + " characters or more.");
            }
            return Secrets.hash(secret);
        }
        if (hash == null || !Secrets.isHash(hash)) {
            throw new ConfigurationException(
                    property + ".secret-sha256 must be 64 hexadecimal digits in lower case.");
        }
        return hash;
    }
}
