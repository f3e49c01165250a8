package io.fustor.source.mysql.state;

import io.fustor.source.mysql.error.SourceException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.core.env.Environment;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Periodic care of the state: backups of the embedded database and, after a failure, attempts to
/// write again.
@Component
@EnableConfigurationProperties(StateProperties.class)
class StateCare {

    private static final String INTERVAL =
            "${fustor.state.backup-interval:" + StateProperties.BACKUP_INTERVAL + "}";

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
        this.backups =
                file == null
                        ? null
                        : new Backups(file.backups(), properties.backups(), InstantSource.system());
    }

    @Scheduled(fixedDelayString = "PT2S")
    void heal() {
        if (condition.failure() == null) {
            database.look();
            return;
        }
        try {
            database.write(_ -> {});
        } catch (SourceException _) {
            LOG.debug("state=DOWN still");
        }
    }

    /// The first backup is made at start, before any write.
    @Scheduled(initialDelayString = INTERVAL, fixedDelayString = INTERVAL)
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
