package io.fustor.source.mysql.failover;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.util.ArrayList;
import java.util.List;

/// A MariaDB server and a replica of it that follows by GTID, applies several domains at once, cuts
/// rows events at other rows, and has other files.
record MariaDbPair(TestMySql primary, TestMySql replica) implements AutoCloseable {

    static MariaDbPair start(ServerRelease release, String... optionsOfReplica) {
        List<String> options =
                new ArrayList<>(
                        List.of(
                                "--server-id=2",
                                "--log-slave-updates",
                                "--slave-parallel-threads=4",
                                "--binlog-row-event-max-size=1024"));
        options.addAll(List.of(optionsOfReplica));
        MariaDbPair pair =
                new MariaDbPair(
                        TestMySql.start(release),
                        TestMySql.start(release, options.toArray(String[]::new)));
        pair.replica.execute("FLUSH BINARY LOGS", "FLUSH BINARY LOGS");
        pair.follow();
        return pair;
    }

    void follow() {
        replica.execute(
                """
                CHANGE MASTER TO MASTER_HOST = '%s', MASTER_PORT = %d, MASTER_USER = '%s',
                MASTER_PASSWORD = '%s', MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1,
                MASTER_SSL = 0"""
                        .formatted(
                                primary.host(), primary.port(), primary.user(), primary.password()),
                "START SLAVE");
    }

    /// Until the replica has all that the primary has.
    void awaitReplica() {
        String position = Sql.value(primary, "SELECT @@global.gtid_binlog_pos");
        String waited = "SELECT MASTER_GTID_WAIT('%s', 30)".formatted(position);
        assertThat(Sql.value(replica, waited)).as(position).isEqualTo("0");
    }

    void promote() {
        replica.execute("STOP SLAVE", "RESET SLAVE ALL");
    }

    @Override
    public void close() {
        replica.close();
        primary.close();
    }
}
