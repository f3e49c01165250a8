package io.fustor.source.mysql.state;

import java.util.Arrays;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.stereotype.Component;

/// Brings the state database's schema to the version that this code knows, and refuses a newer one:
/// what is stored there might mean something else by now.
@Component
class SchemaVersion implements FlywayMigrationStrategy {

    @Override
    public void migrate(Flyway flyway) {
        MigrationInfo[] all = flyway.info().all();
        for (MigrationInfo migration : all) {
            if (isNewer(migration.getState())) {
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
                        + ", and this one knows them up to "
                        + known
                        + ". Nothing was changed.",
                "Start that newer version, or give this one a state from before it"
                        + " (docs/operations.md, The state).");
    }
}
