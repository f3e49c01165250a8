package io.fustor.source.mysql.source;

import io.fustor.source.mysql.error.ConfigurationException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where the key for stored passwords comes from: the configuration, or a file in the data folder
/// that only its owner may read.
final class EncryptionKey {

    static final String PROPERTY = "fustor.security.encryption-key";
    static final String FILE_NAME = "encryption.key";

    private static final Logger LOG = LoggerFactory.getLogger(EncryptionKey.class);
    private static final int BYTES = 32;
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");

    private EncryptionKey() {}

    /// Finds the key.
    ///
    /// @param mayCreate whether to make a key file where there is none; not so where something is
    ///   already encrypted with a key that is missing now
    /// @throws ConfigurationException where there is no key, or none of the right form
    static SecretKey find(SourceProperties properties, boolean mayCreate) {
        String configured = properties.security().encryptionKey();
        if (configured != null && !configured.isBlank()) {
            return decode(configured, PROPERTY);
        }
        Path file = properties.dataDir().resolve(FILE_NAME);
        try {
            if (!Files.exists(file)) {
                if (!mayCreate) {
                    throw new ConfigurationException(
                            "The passwords of stored sources are encrypted, and their key is"
                                    + " missing: bring back "
                                    + file
                                    + " or set "
                                    + PROPERTY
                                    + ".");
                }
                create(file);
            }
            warnOfOtherReaders(file);
            return decode(Files.readString(file), file.toString());
        } catch (IOException e) {
            throw new ConfigurationException(
                    "The key file " + file + " cannot be read or made: " + e + ".", e);
        }
    }

    private static void create(Path file) throws IOException {
        byte[] key = new byte[BYTES];
        new SecureRandom().nextBytes(key);
        Files.createDirectories(file.toAbsolutePath().getParent());
        // Its rights are there before its content is.
        Files.createFile(file, ownerOnly(file));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            String text = Base64.getEncoder().encodeToString(key) + "\n";
            channel.write(StandardCharsets.US_ASCII.encode(text));
            channel.force(true);
        }
        LOG.info("key=created file={}", file);
    }

    private static FileAttribute<?>[] ownerOnly(Path file) {
        return isPosix(file)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
    }

    private static void warnOfOtherReaders(Path file) throws IOException {
        if (isPosix(file) && !OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
            LOG.warn("key=exposed file={}: others may read it; chmod 600 mends that", file);
        }
    }

    private static boolean isPosix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static SecretKey decode(String text, String origin) {
        byte @Nullable [] key = null;
        try {
            key = Base64.getDecoder().decode(text.strip());
        } catch (IllegalArgumentException _) {
            // The same sentence says it.
        }
        if (key == null || key.length != BYTES) {
            throw new ConfigurationException(
                    origin
                            + " must hold 32 bytes in base64, such as openssl rand -base64 32"
                            + " makes.");
        }
        return new SecretKeySpec(key, "AES");
    }
}
