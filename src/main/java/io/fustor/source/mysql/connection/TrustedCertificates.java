package io.fustor.source.mysql.connection;

import com.mysql.cj.conf.PropertyKey;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.Collections;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/// The certificates that `fustor.mysql.trust-store` names, read from PEM or PKCS#12.
public final class TrustedCertificates {

    /// Protects a file without secrets; the driver requires a password.
    private static final String STORE_PASSWORD = "certificates";

    private static @Nullable Copy copy;

    private record Copy(Path original, FileTime modified, Path file) {}

    private TrustedCertificates() {}

    /// The trust store as a key store, for connections outside the SQL driver.
    ///
    /// @throws SourceException `TLS_FAILED` if the file cannot be read
    public static KeyStore load(Path file, String password) {
        try {
            byte[] content = Files.readAllBytes(file);
            return isPem(content)
                    ? fromPem(file)
                    : KeyStore.getInstance(file.toFile(), chars(password));
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable(file, e);
        }
    }

    /// Configures the SQL driver with the trust store. The driver reads PKCS#12 only, so PEM is
    /// written to a temporary PKCS#12 file, once for each version of the original.
    static synchronized void addTo(Properties properties, ConnectionProperties connection) {
        Path original = connection.trustStore();
        if (original == null) {
            return;
        }
        try {
            FileTime modified = Files.getLastModifiedTime(original);
            Copy current = copy;
            if (current == null
                    || !current.original.equals(original)
                    || !current.modified.equals(modified)) {
                KeyStore store = load(original, connection.trustStorePassword());
                current = new Copy(original, modified, write(store));
                copy = current;
            }
            properties.setProperty(
                    PropertyKey.trustCertificateKeyStoreUrl.getKeyName(),
                    current.file.toUri().toString());
            properties.setProperty(PropertyKey.trustCertificateKeyStoreType.getKeyName(), "PKCS12");
            properties.setProperty(
                    PropertyKey.trustCertificateKeyStorePassword.getKeyName(), STORE_PASSWORD);
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable(original, e);
        }
    }

    private static Path write(KeyStore store) throws IOException, GeneralSecurityException {
        KeyStore copied = KeyStore.getInstance("PKCS12");
        copied.load(null, null);
        for (String alias : Collections.list(store.aliases())) {
            copied.setCertificateEntry(alias, store.getCertificate(alias));
        }
        Path file = Files.createTempFile("fustor-trusted-", ".p12");
        file.toFile().deleteOnExit();
        try (OutputStream out = Files.newOutputStream(file)) {
            copied.store(out, STORE_PASSWORD.toCharArray());
        }
        return file;
    }

    private static KeyStore fromPem(Path file) throws IOException, GeneralSecurityException {
        Collection<? extends Certificate> certificates;
        try (InputStream in = Files.newInputStream(file)) {
            certificates = CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        int number = 0;
        for (Certificate certificate : certificates) {
            store.setCertificateEntry("certificate-" + number++, certificate);
        }
        return store;
    }

    private static boolean isPem(byte[] content) {
        return new String(content, StandardCharsets.ISO_8859_1).contains("-----BEGIN CERTIFICATE");
    }

    private static char @Nullable [] chars(String password) {
        return password.isEmpty() ? null : password.toCharArray();
    }

    private static SourceException unreadable(Path file, Exception cause) {
        return new SourceException(
                FailureCode.TLS_FAILED,
                "fustor.mysql.trust-store "
                        + file
                        + " cannot be read as PEM or PKCS#12 certificates",
                cause);
    }
}
