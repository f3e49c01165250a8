package io.fustor.source.mysql.state;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The backups of the embedded database, in a folder beside it: SQL scripts, compressed, named by
/// the time at which they were made. To write one reads every row, so a backup is also the proof
/// that the database can be read.
///
/// @param folder made when the first backup is
/// @param kept how many of them, the newest
record Backups(Path folder, int kept) {

    private static final Logger LOG = LoggerFactory.getLogger(Backups.class);
    private static final int H2_SNAPSHOT = 6;
    private static final String PREFIX = "fustor-";
    private static final String SUFFIX = ".sql.gz";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

    /// All, the newest first.
    List<Path> all() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Backups::isBackup)
                    .sorted((one, other) -> other.compareTo(one))
                    .toList();
        }
    }

    private static boolean isBackup(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith(PREFIX) && name.endsWith(SUFFIX);
    }

    Optional<Path> newest() throws IOException {
        return all().stream().findFirst();
    }

    /// Makes a backup, unless nothing has changed since the newest, and removes the oldest ones. A
    /// backup has its name only when it is whole and on disk.
    ///
    /// @throws SQLException where the database cannot be read, or, by [H2Errors#isOfScript], the
    ///   backup not be written
    void write(Connection database) throws SQLException, IOException {
        Files.createDirectories(folder, ownerOnly());
        Path unfinished = folder.resolve("unfinished");
        try {
            script(database, unfinished);
            Optional<Path> newest = newest();
            if (newest.isPresent() && Files.mismatch(newest.get(), unfinished) < 0) {
                return;
            }
            force(unfinished, StandardOpenOption.WRITE);
            Path finished = folder.resolve(PREFIX + TIME.format(Instant.now()) + SUFFIX);
            Files.move(unfinished, finished, StandardCopyOption.ATOMIC_MOVE);
            force(folder, StandardOpenOption.READ);
            LOG.debug("backup={} size={}", finished, Files.size(finished));
            removeOldest();
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    private static void script(Connection database, Path file) throws SQLException {
        // One view of all tables; SCRIPT takes no lock.
        database.setTransactionIsolation(H2_SNAPSHOT);
        try (PreparedStatement script = database.prepareStatement("SCRIPT TO ? COMPRESSION GZIP")) {
            script.setString(1, file.toString());
            script.execute();
        }
    }

    private void removeOldest() throws IOException {
        for (Path old : all().stream().skip(kept).toList()) {
            Files.delete(old);
        }
    }

    static void force(Path path, StandardOpenOption option) throws IOException {
        try (FileChannel channel = FileChannel.open(path, option)) {
            channel.force(true);
        }
    }

    private static FileAttribute<?>[] ownerOnly() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }
}
