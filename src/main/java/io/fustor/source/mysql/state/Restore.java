package io.fustor.source.mysql.state;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Replaces a broken database file with a backup; the broken file is kept beside it. If it is
/// killed midway, it begins again at the next start.
///
/// @param pool has the database's login
record Restore(StateFile file, HikariDataSource pool) {

    private static final Logger LOG = LoggerFactory.getLogger(Restore.class);

    /// @throws BrokenStateException if the backup cannot be read
    void from(Path backup) throws IOException {
        Path restored = file.folder().resolve("restored.mv.db");
        Files.deleteIfExists(restored);
        OwnerOnly.makeFile(restored);
        try (Connection database =
                        DriverManager.getConnection(
                                "jdbc:h2:file:" + file.folder().resolve("restored"),
                                StateOpening.login(pool));
                Statement end = database.createStatement()) {
            run(database, backup);
            end.execute("SHUTDOWN");
        } catch (SQLException e) {
            throw new BrokenStateException(
                    "The backup " + backup + " cannot be restored: " + e.getMessage() + ".",
                    "Move it away, and start again to restore the one before it.",
                    e);
        }
        Backups.force(restored, StandardOpenOption.WRITE);
        replaceWith(restored);
        LOG.warn("state={} restored from={}", file.database(), backup);
    }

    private static void run(Connection database, Path backup) throws SQLException {
        try (PreparedStatement script =
                database.prepareStatement("RUNSCRIPT FROM ? COMPRESSION GZIP")) {
            script.setString(1, backup.toString());
            script.execute();
        }
    }

    private void replaceWith(Path restored) throws IOException {
        Path database = file.database();
        if (Files.exists(database)) {
            Path aside = Path.of(database + ".broken-" + Instant.now().toEpochMilli());
            Files.move(database, aside, StandardCopyOption.ATOMIC_MOVE);
            LOG.warn("state={} moved to={}", database, aside);
        }
        Files.deleteIfExists(file.mark());
        Files.move(restored, database, StandardCopyOption.ATOMIC_MOVE);
        Backups.force(file.folder(), StandardOpenOption.READ);
    }
}
