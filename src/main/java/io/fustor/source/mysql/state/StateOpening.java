package io.fustor.source.mysql.state;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/// Opens the embedded database before any other component. Ends the start if the database is
/// broken, missing, or older than what was stored in it. H2 alone would create a new one or
/// continue with an older state, and consumers would silently lose checkpoints.
@Component
class StateOpening implements BeanPostProcessor {

    private static final Logger LOG = LoggerFactory.getLogger(StateOpening.class);

    private final Environment environment;
    private final ObjectProvider<StateProperties> properties;
    private final ObjectProvider<StateCondition> condition;
    private final ObjectProvider<WriteMark> mark;
    private final ObjectProvider<FileIdentity> identity;

    StateOpening(
            Environment environment,
            ObjectProvider<StateProperties> properties,
            ObjectProvider<StateCondition> condition,
            ObjectProvider<WriteMark> mark,
            ObjectProvider<FileIdentity> identity) {
        this.environment = environment;
        this.properties = properties;
        this.condition = condition;
        this.mark = mark;
        this.identity = identity;
    }

    /// Why the file cannot be used, in the middle of a sentence.
    private static final class Unusable extends Exception {

        private static final long serialVersionUID = 1L;

        Unusable(String what) {
            super(what);
        }
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof HikariDataSource pool) {
            condition.getObject().watch(pool);
            StateTimeouts.apply(pool);
            StateFile file = StateFile.of(environment);
            if (file != null) {
                open(file, pool);
            }
        }
        return bean;
    }

    private void open(StateFile file, HikariDataSource pool) {
        Backups backups =
                new Backups(
                        file.backups(), properties.getObject().backups(), InstantSource.system());
        try {
            OwnerOnly.warnOfOthers(file.folder());
            OwnerOnly.tighten(file.mark());
            for (Path backup : backups.all()) {
                OwnerOnly.tighten(backup);
            }
            try {
                openWhole(file, backups, pool);
            } catch (Unusable e) {
                Path backup = backups.newest().orElse(null);
                if (backup == null || !properties.getObject().restore()) {
                    throw broken(file, backup, e);
                }
                LOG.warn("state={} {}", file.database(), e.getMessage());
                new Restore(file, pool).from(backup);
                openAgain(file, backups, pool);
            }
        } catch (IOException e) {
            throw new BrokenStateException(
                    "The folder " + file.folder() + " cannot be used: " + e + ".",
                    "Check the disk and the rights of the files there.",
                    e);
        }
    }

    private void openAgain(StateFile file, Backups backups, HikariDataSource pool)
            throws IOException {
        try {
            openWhole(file, backups, pool);
        } catch (Unusable e) {
            throw broken(file, null, e);
        }
    }

    private void openWhole(StateFile file, Backups backups, HikariDataSource pool)
            throws Unusable, IOException {
        if (file.isMissing() && backups.newest().isPresent()) {
            throw new Unusable("is missing, or empty, though there are backups of it");
        }
        OwnerOnly.makeFile(file.database());
        try (Connection connection = connect(pool)) {
            requireNewest(file, connection);
            if (hasTable(connection, "flyway_schema_history")) {
                backUp(backups, connection);
            } else if (backups.newest().isPresent()) {
                throw new Unusable("is empty, though there are backups of it");
            }
            // The pool opens while the file is open; otherwise H2 would close it in between.
            pool.getConnection().close();
            identity.getObject().begin();
        } catch (SQLException e) {
            if (H2Errors.isInUse(e)) {
                throw new BeanCreationException("The state database is in use", e);
            }
            throw new Unusable("cannot be read: " + e.getMessage());
        }
    }

    private static Connection connect(HikariDataSource pool) throws SQLException {
        return DriverManager.getConnection(pool.getJdbcUrl(), login(pool));
    }

    static Properties login(HikariDataSource pool) {
        Properties login = new Properties();
        if (pool.getUsername() != null) {
            login.setProperty("user", pool.getUsername());
        }
        if (pool.getPassword() != null) {
            login.setProperty("password", pool.getPassword());
        }
        return login;
    }

    private static boolean hasTable(Connection connection, String name) throws SQLException {
        try (ResultSet tables = connection.getMetaData().getTables(null, null, "%", null)) {
            while (tables.next()) {
                if (name.equalsIgnoreCase(tables.getString("TABLE_NAME"))) {
                    return true;
                }
            }
            return false;
        }
    }

    private void requireNewest(StateFile file, Connection connection)
            throws SQLException, Unusable, IOException {
        long stored = hasTable(connection, "state_write") ? number(connection) : 0;
        long noted;
        try {
            noted = WriteMark.read(file.mark());
        } catch (NumberFormatException _) {
            throw new Unusable(
                    "cannot be compared with " + file.mark() + ", which does not contain a number");
        }
        if (stored < noted) {
            throw new Unusable(
                    "has the older state of write "
                            + stored
                            + ", though write "
                            + noted
                            + " was stored: it was truncated or replaced");
        }
        mark.getObject().begin(stored);
    }

    private static long number(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select number from state_write")) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    /// Reads all data on the way; a full disk for the backup does not prevent the start.
    private static void backUp(Backups backups, Connection connection) throws SQLException {
        try {
            backups.write(connection);
        } catch (SQLException e) {
            if (!H2Errors.isOfScript(e)) {
                throw e;
            }
            LOG.warn("backup=failed folder={} reason={}", backups.folder(), e.getMessage());
        } catch (IOException e) {
            LOG.warn("backup=failed folder={} reason={}", backups.folder(), e.toString());
        }
    }

    private static BrokenStateException broken(
            StateFile file, @Nullable Path backup, Unusable reason) {
        String message = "The state database " + file.database() + " " + reason.getMessage() + ".";
        String anew =
                "To start without it: move the file, "
                        + file.mark()
                        + " and "
                        + file.backups()
                        + " away. Then all sources have to be saved again, and consumers lose their"
                        + " checkpoints.";
        return new BrokenStateException(
                message,
                Optional.ofNullable(backup)
                                .map(
                                        newest ->
                                                "Start with --fustor.state.restore=true to restore the"
                                                        + " backup "
                                                        + newest
                                                        + ". The file is kept under another name, and"
                                                        + " consumers receive again what came since. ")
                                .orElse("There is no backup in " + file.backups() + ". ")
                        + "To use the file as it is, if it opens, remove "
                        + file.mark()
                        + ". "
                        + anew,
                reason);
    }
}
