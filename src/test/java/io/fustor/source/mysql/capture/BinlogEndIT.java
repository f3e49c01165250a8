package io.fustor.source.mysql.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.connection.ConnectionProperties;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.connection.TlsMode;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Gtid;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.TestMySql;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Where the binlog ends while sixteen sessions commit.
@Tag("soak")
class BinlogEndIT {

    private static final int PLACES = Integer.getInteger("binlog.ends", 90);

    private static MySqlServer server(TestMySql mysql) {
        return server(new ServerAddress(mysql.host(), mysql.port()));
    }

    static MySqlServer server(ServerAddress address) {
        return new MySqlServer(
                new ServerAccess(
                        address,
                        new Credential(TestMySql.CAPTURE.user(), TestMySql.CAPTURE.password()),
                        new ConnectionProperties(
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(30),
                                TlsMode.DISABLED,
                                null,
                                "")));
    }

    /// With a sync of the binlog in between, a commit takes a while.
    @ParameterizedTest
    @EnumSource(names = {"MYSQL_8_0_31", "MARIADB_11_8"})
    void placesNameExactlyTheGtidsBeforeThemWhileOthersCommit(ServerRelease release)
            throws Exception {
        try (TestMySql mysql =
                        release.isMariaDb()
                                ? TestMySql.start(release, "--sync-binlog=1")
                                : TestMySql.start("--sync-binlog=1");
                MySqlServer server = server(mysql)) {
            Committers.createTables(mysql);
            assertExactPlaces(mysql, server);
        }
    }

    /// What follows by position, on this server, is what follows by GTIDs, on another one.
    private static void assertExactPlaces(TestMySql mysql, MySqlServer server) throws Exception {
        BinlogEnd end = new BinlogEnd(server, () -> null);
        BinlogPosition start = server.status().position();
        List<Place> places = new ArrayList<>();
        List<Place> said = new ArrayList<>();
        List<Long> committed = new ArrayList<>();
        try (Committers committers = Committers.start(mysql, 5)) {
            while (committers.committed() < 1_000) {
                Thread.onSpinWait();
            }
            for (int i = 0; i < PLACES; i++) {
                said.add(server.status().place());
                places.add(end.place());
                committed.add(committers.committed());
                if (i % 30 == 29) {
                    mysql.execute("FLUSH BINARY LOGS");
                }
            }
            committers.stop();
        }
        List<Committers.Logged> logged = Committers.logged(server, start);

        assertThat(places).allSatisfy(place -> assertExact(place, logged));
        long settled = places.stream().filter(place -> place.offset() > 4).count();
        long wrong = said.stream().filter(place -> holes(place, logged) > 0).count();
        System.out.println(
                "BinlogEndIT: %d places, %d between two commits; %d of the server's own word lack GTIDs"
                        .formatted(PLACES, settled, wrong));
        assertThat(committed.getLast()).isGreaterThan(committed.getFirst());
    }

    private static void assertExact(Place place, List<Committers.Logged> logged) {
        boolean isStartOfFile = place.offset() == BinlogPosition.FIRST_EVENT;
        for (Committers.Logged each : logged) {
            Gtid gtid = each.transaction().gtid();
            boolean isInSet = gtid != null && place.executedOrEmpty().contains(gtid);
            boolean isInFront = place.isAfter(each.transaction().start());
            if (isStartOfFile) {
                assertThat(!isInFront || isInSet).as("%s at %s", each, place).isTrue();
            } else {
                assertThat(isInSet).as("%s at %s", each, place).isEqualTo(isInFront);
            }
        }
    }

    private static long holes(Place place, List<Committers.Logged> logged) {
        return logged.stream()
                .filter(each -> place.isAfter(each.transaction().start()))
                .filter(each -> !place.executedOrEmpty().contains(each.transaction().gtid()))
                .count();
    }
}
