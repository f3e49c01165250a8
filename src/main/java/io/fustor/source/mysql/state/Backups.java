package io.fustor.source.mysql.state;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The backups of the embedded database, in a folder beside it: compressed SQL scripts, named by an
/// increasing number and by their time. Writing one reads every row, so a backup also proves that
/// the database can be read.
///
/// @param folder created with the first backup
/// @param kept how many of them to keep, the newest
/// @param clock for their names
record Backups(Path folder, int kept, InstantSource clock) {

    private static final Logger LOG = LoggerFactory.getLogger(Backups.class);
    private static final int H2_SNAPSHOT = 6;

    /// A number and, for people, the time; the number decides which is newer, not the clock.
    private static final Pattern NAME =
            Pattern.compile("fustor-(?:n([0-9]{1,18})-)?[0-9]{4}[0-9]*T[0-9.]*Z\\.sql\\.gz");

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

    /// All backups, the newest first by number. Those of earlier versions have no number and come
    /// last.
    List<Path> all() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> NAME.matcher(name(file)).matches())
                    .sorted(
                            Comparator.comparingLong(Backups::number)
                                    .thenComparing(Backups::name)
                                    .reversed())
                    .toList();
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }

    /// 0 for a backup without a number.
    private static long number(Path file) {
        Matcher matcher = NAME.matcher(name(file));
        return matcher.matches() && matcher.group(1) != null ? Long.parseLong(matcher.group(1)) : 0;
    }

    Optional<Path> newest() throws IOException {
        return all().stream().findFirst();
    }

    /// Makes a backup, unless nothing has changed since the newest, and removes the oldest ones. A
    /// backup receives its name only when it is complete and on disk.
    ///
    /// @throws SQLException if the database cannot be read or, by [H2Errors#isOfScript], the backup
    ///   cannot be written
    void write(Connection database) throws SQLException, IOException {
        OwnerOnly.makeFolder(folder);
        Path unfinished = folder.resolve("unfinished");
        try {
            OwnerOnly.makeFile(unfinished);
            script(database, unfinished);
            OwnerOnly.tighten(unfinished);
            Optional<Path> newest = newest();
            if (newest.isPresent() && Files.mismatch(newest.get(), unfinished) < 0) {
                return;
            }
            force(unfinished, StandardOpenOption.WRITE);
            Path finished =
                    folder.resolve(
                            "fustor-n%012d-%s.sql.gz"
                                    .formatted(
                                            newest.map(Backups::number).orElse(0L) + 1,
                                            TIME.format(clock.instant())));
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
}
