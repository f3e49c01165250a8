package io.fustor.source.mysql.faults;

import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.TestMySql;
import org.junit.jupiter.api.Tag;

/// The tests of broken networks, before a MariaDB 11.8 in its default configuration. The profile
/// `servers` runs them.
@ImpatientService
@Tag("servers")
@Tag("long")
class MariaDbFaultsIT extends FaultIT {

    @Override
    TestMySql server() {
        return TestMySql.start(ServerRelease.MARIADB_11_8);
    }
}
