package io.fustor.source.mysql.state;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Backups of the embedded state database, under `fustor.state`. The operator backs up any other
/// database, given by `spring.datasource.url`.
///
/// @param backupInterval how often a backup is made, if anything was stored since the last one
/// @param backups how many backups are kept, the newest ones
/// @param restore whether to continue with the newest backup if the database file is broken or
///   missing at start; otherwise the start fails with an explanation
@ConfigurationProperties("fustor.state")
record StateProperties(
        @DefaultValue(BACKUP_INTERVAL) Duration backupInterval,
        @DefaultValue("5") int backups,
        @DefaultValue("false") boolean restore) {

    /// The default of `backupInterval`.
    static final String BACKUP_INTERVAL = "10m";

    StateProperties {
        if (backupInterval.toMillis() < 1000) {
            throw new IllegalArgumentException("fustor.state.backup-interval must be 1s or more");
        }
        if (backups < 1) {
            throw new IllegalArgumentException("fustor.state.backups must be 1 or more");
        }
    }
}
