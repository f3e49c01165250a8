package io.fustor.source.mysql.state;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How the embedded state database is backed up, under `fustor.state`. Another database, given by
/// `spring.datasource.url`, is its operator's to back up.
///
/// @param backupInterval how often a backup is made, if anything was stored since the last one
/// @param backups how many backups are kept, the newest ones
/// @param restore whether a start that finds the database file broken or missing goes on with the
///   newest backup; it ends with a sentence otherwise
@ConfigurationProperties("fustor.state")
record StateProperties(
        @DefaultValue("10m") Duration backupInterval,
        @DefaultValue("5") int backups,
        @DefaultValue("false") boolean restore) {

    StateProperties {
        if (backupInterval.toMillis() < 1000) {
            throw new IllegalArgumentException("fustor.state.backup-interval must be 1s or more");
        }
        if (backups < 1) {
            throw new IllegalArgumentException("fustor.state.backups must be 1 or more");
        }
    }
}
