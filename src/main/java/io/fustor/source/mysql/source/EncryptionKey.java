package io.fustor.source.mysql.source;

import io.fustor.source.mysql.error.ConfigurationException;
import io.fustor.source.mysql.settings.SecurityProperties;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds the key for stored passwords: in the configuration, or in a file in the data folder that
/// only its owner can read. Former keys, which may still be in use, come from the same places.
final class EncryptionKey {

    static final String PROPERTY = "fustor.security.encryption-key";
    static final String FORMER_PROPERTY = "fustor.security.previous-encryption-keys";
    static final String FILE_NAME = "encryption.key";
    static final String FORMER_FILE_NAME = FILE_NAME + ".previous";

    private static final Logger LOG = LoggerFactory.getLogger(EncryptionKey.class);
    private static final int BYTES = 32;
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");

    private EncryptionKey() {}

    /// Finds the key.
    ///
    /// @param folder the data folder
    /// @param mayCreate whether to create a missing key file; false if passwords are already
    ///   encrypted with a key that is now missing
    /// @throws ConfigurationException if there is no valid key
    static SecretKey find(SecurityProperties properties, Path folder, boolean mayCreate) {
        String configured = properties.encryptionKey();
        if (configured != null && !configured.isBlank()) {
            return decode(configured, PROPERTY);
        }
        Path file = folder.resolve(FILE_NAME);
        try {
            if (!Files.exists(file)) {
                if (!mayCreate) {
                    throw new ConfigurationException(
                            "The passwords of stored sources are encrypted, and their key is"
                                    + " missing: restore "
                                    + file
                                    + " or set "
                                    + PROPERTY
                                    + ".");
                }
                create(file);
            }
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        return read(file);
    }

    /// The former keys: the configured ones, the key in a renamed key file, and the key file that a
    /// configured key replaced.
    ///
    /// @throws ConfigurationException if a key is invalid
    static List<SecretKey> former(SecurityProperties properties, Path folder) {
        List<SecretKey> keys = new ArrayList<>();
        for (String configured : properties.previousEncryptionKeys()) {
            keys.add(decode(configured, FORMER_PROPERTY));
        }
        List<Path> files = new ArrayList<>();
        files.add(folder.resolve(FORMER_FILE_NAME));
        String configured = properties.encryptionKey();
        if (configured != null && !configured.isBlank()) {
            files.add(folder.resolve(FILE_NAME));
        }
        for (Path file : files) {
            if (Files.exists(file)) {
                keys.add(read(file));
            }
        }
        return keys;
    }

    private static SecretKey read(Path file) {
        try {
            warnOfOtherReaders(file);
            return decode(Files.readString(file), file.toString());
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static ConfigurationException unreadable(Path file, IOException e) {
        return new ConfigurationException(
                "The key file " + file + " cannot be read or created: " + e + ".", e);
    }

    private static void create(Path file) throws IOException {
        byte[] key = new byte[BYTES];
        new SecureRandom().nextBytes(key);
        Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
        // Set the permissions before writing the content, and the name when the file is complete.
        Path whole = Files.createTempFile(folder, FILE_NAME, ".unfinished", ownerOnly(file));
        try {
            try (FileChannel channel = FileChannel.open(whole, StandardOpenOption.WRITE)) {
                String text = Base64.getEncoder().encodeToString(key) + "\n";
                channel.write(StandardCharsets.US_ASCII.encode(text));
                channel.force(true);
            }
            publish(whole, file);
        } finally {
            Files.deleteIfExists(whole);
        }
    }

    /// Gives the file its name. If another instance was first, its key is used.
    private static void publish(Path whole, Path file) throws IOException {
        try {
            Files.createLink(file, whole);
            LOG.info("key=created file={}", file);
        } catch (FileAlreadyExistsException _) {
            LOG.info("key=found file={}", file);
        } catch (UnsupportedOperationException _) {
            Files.move(whole, file);
        }
    }

    private static FileAttribute<?>[] ownerOnly(Path file) {
        return isPosix(file)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
    }

    private static void warnOfOtherReaders(Path file) throws IOException {
        if (isPosix(file) && !OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
            LOG.warn("key=exposed file={}: other users can read it; fix: chmod 600", file);
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
            // The same message covers it.
        }
        if (key == null || key.length != BYTES) {
            throw new ConfigurationException(
                    origin
                            + " must contain 32 bytes in base64, for example from openssl rand"
                            + " -base64 32.");
        }
        return new SecretKeySpec(key, "AES");
    }
}
