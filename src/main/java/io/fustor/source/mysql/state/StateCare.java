package io.fustor.source.mysql.state;

import io.fustor.source.mysql.error.SourceException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.env.Environment;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// What is done for the state from time to time: backups of the embedded database, and, where the
/// state failed, the trial whether it can be written again.
@Component
class StateCare {

    private static final Logger LOG = LoggerFactory.getLogger(StateCare.class);

    private final DataSource pool;
    private final StateDatabase database;
    private final StateCondition condition;
    private final @Nullable Backups backups;

    StateCare(
            DataSource pool,
            StateDatabase database,
            StateCondition condition,
            StateProperties properties,
            Environment environment) {
        StateFile file = StateFile.of(environment);
        this.pool = pool;
        this.database = database;
        this.condition = condition;
        this.backups = file == null ? null : new Backups(file.backups(), properties.backups());
    }

    @Scheduled(fixedDelayString = "PT2S")
    void heal() {
        if (condition.failure() == null) {
            return;
        }
        try {
            database.write(() -> {});
        } catch (SourceException _) {
            LOG.debug("state=DOWN still");
        }
    }

    /// The first one is made at start, before anything is written.
    @Scheduled(
            initialDelayString = "${fustor.state.backup-interval:10m}",
            fixedDelayString = "${fustor.state.backup-interval:10m}")
    void backUp() {
        if (backups == null || condition.failure() != null) {
            return;
        }
        try (Connection connection = pool.getConnection()) {
            backups.write(connection);
        } catch (SQLException e) {
            if (!H2Errors.isOfScript(e)) {
                condition.failed(e);
            }
            LOG.warn("backup=failed folder={} reason={}", backups.folder(), e.getMessage());
        } catch (IOException e) {
            LOG.warn("backup=failed folder={} reason={}", backups.folder(), e.toString());
        }
    }
}
