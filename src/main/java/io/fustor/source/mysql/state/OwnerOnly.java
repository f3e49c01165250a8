package io.fustor.source.mysql.state;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Creates files and folders that only the service's own user may read: they hold tokens, encrypted
/// passwords and the names of tables. Does nothing if the file system has no such permissions.
public final class OwnerOnly {

    private static final Logger LOG = LoggerFactory.getLogger(OwnerOnly.class);
    private static final Set<PosixFilePermission> FOLDER =
            PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> FILE =
            PosixFilePermissions.fromString("rw-------");

    private OwnerOnly() {}

    /// Creates a folder and its missing parents. An existing folder stays as it is.
    public static void makeFolder(Path folder) throws IOException {
        Files.createDirectories(folder, attributes(FOLDER));
    }

    /// Creates an empty file, so that its later writer need not set permissions. An existing file
    /// is kept, with its permissions corrected.
    static void makeFile(Path file) throws IOException {
        try {
            Files.createFile(file, attributes(FILE));
        } catch (FileAlreadyExistsException _) {
            tighten(file);
        }
    }

    /// Removes the permissions of other users from a file; logs a warning if that is not allowed.
    static void tighten(Path file) {
        try {
            if (isPosix() && Files.exists(file) && !FILE.containsAll(rights(file))) {
                Files.setPosixFilePermissions(file, FILE);
            }
        } catch (IOException e) {
            LOG.warn(
                    "file={} other users may read it, and its permissions cannot be changed: {}",
                    file,
                    e.toString());
        }
    }

    /// Warns that other users may read an existing folder; it may belong to them as well.
    static void warnOfOthers(Path folder) throws IOException {
        if (isPosix() && !FOLDER.containsAll(rights(folder))) {
            LOG.warn(
                    "folder={} rights={} other users may read it; chmod 700 prevents that",
                    folder,
                    PosixFilePermissions.toString(rights(folder)));
        }
    }

    private static Set<PosixFilePermission> rights(Path path) throws IOException {
        return Files.getPosixFilePermissions(path);
    }

    private static FileAttribute<?>[] attributes(Set<PosixFilePermission> rights) {
        return isPosix()
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(rights)}
                : new FileAttribute<?>[0];
    }

    private static boolean isPosix() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }
}
