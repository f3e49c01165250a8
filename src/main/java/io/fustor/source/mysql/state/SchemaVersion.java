package io.fustor.source.mysql.state;

import java.util.Arrays;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/// Migrates the state database's schema to the version that this code knows. Refuses a newer
/// version, whose data may have another meaning. Newer migrations that only expand the schema are
/// no hindrance in a database that instances share: during an update an older version starts beside
/// a newer one.
@Component
class SchemaVersion implements FlywayMigrationStrategy {

    /// How the description of a migration begins that adds only what an older version does not
    /// miss.
    private static final String EXPANDS = "expand ";

    private final boolean isShareable;

    SchemaVersion(Environment environment) {
        this.isShareable = StateFile.of(environment) == null;
    }

    @Override
    public void migrate(Flyway flyway) {
        MigrationInfo[] all = flyway.info().all();
        for (MigrationInfo migration : all) {
            boolean isHarmless = isShareable && migration.getDescription().startsWith(EXPANDS);
            if (isNewer(migration.getState()) && !isHarmless) {
                throw newer(migration, all);
            }
        }
        flyway.migrate();
    }

    private static boolean isNewer(MigrationState state) {
        return state == MigrationState.FUTURE_SUCCESS || state == MigrationState.FUTURE_FAILED;
    }

    private static BrokenStateException newer(MigrationInfo found, MigrationInfo[] all) {
        String known =
                Arrays.stream(all)
                        .filter(migration -> migration.getState().isResolved())
                        .map(migration -> String.valueOf(migration.getVersion()))
                        .reduce("none", (_, last) -> last);
        return new BrokenStateException(
                "The state database was used by a newer version of the service: its schema has the"
                        + " version "
                        + found.getVersion()
                        + "; this version supports schemas up to "
                        + known
                        + ". Nothing was changed.",
                "Start that newer version, or restore a state from before the upgrade"
                        + " (docs/operations.md, The state).");
    }
}
