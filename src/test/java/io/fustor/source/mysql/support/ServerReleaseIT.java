package io.fustor.source.mysql.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("servers")
class ServerReleaseIT {

    /// Those that every build brings; `-Dlong=servers` names them all.
    static List<ServerRelease> releases() {
        return Boolean.getBoolean("servers.all")
                ? Arrays.asList(ServerRelease.values())
                : List.of(ServerRelease.MYSQL_5_7, ServerRelease.MARIADB_11_8);
    }

    @ParameterizedTest
    @MethodSource("releases")
    void startsAndWritesABinlog(ServerRelease release) throws Exception {
        try (var server = TestMySql.start(release);
                var connection = server.jdbc();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT @@version, @@binlog_format, @@log_bin")) {
            assertThat(row.next()).isTrue();
            String version = row.getString(1);
            assertThat(version).startsWith(release.number());
            assertThat(version.contains("MariaDB")).isEqualTo(release.isMariaDb());
            assertThat(row.getString(2)).isEqualTo("ROW");
            assertThat(row.getInt(3)).isOne();
        }
    }
}
