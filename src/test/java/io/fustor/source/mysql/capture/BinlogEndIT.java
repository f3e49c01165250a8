package io.fustor.source.mysql.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.Gtid;
import io.fustor.source.mysql.server.ConnectionProperties;
import io.fustor.source.mysql.server.Credential;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.ServerAccess;
import io.fustor.source.mysql.server.ServerAddress;
import io.fustor.source.mysql.server.TlsMode;
import io.fustor.source.mysql.support.TestMySql;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Where the binlog ends while sixteen sessions commit.
class BinlogEndIT {

    private static final int PLACES = Integer.getInteger("binlog.ends", 90);

    private static TestMySql mysql;
    private static MySqlServer server;

    @BeforeAll
    static void start() {
        // With a sync of the binlog in between, a commit takes a while.
        mysql = TestMySql.start("--sync-binlog=1");
        Committers.createTables(mysql);
        server = server(mysql);
    }

    @AfterAll
    static void stop() {
        server.close();
        mysql.close();
    }

    private static MySqlServer server(TestMySql mysql) {
        return new MySqlServer(
                new ServerAccess(
                        new ServerAddress(mysql.host(), mysql.port()),
                        new Credential(TestMySql.CAPTURE.user(), TestMySql.CAPTURE.password()),
                        new ConnectionProperties(
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(30),
                                TlsMode.DISABLED,
                                null,
                                "")));
    }

    /// What follows by position, on this server, is what follows by GTIDs, on another one.
    @Test
    void placesNameExactlyTheGtidsInFrontOfThemWhileOthersCommit() throws Exception {
        BinlogEnd end = new BinlogEnd(server, () -> null);
        BinlogPosition start = server.status().position();
        List<FeedPosition> places = new ArrayList<>();
        List<FeedPosition> said = new ArrayList<>();
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

    private static void assertExact(FeedPosition place, List<Committers.Logged> logged) {
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

    private static long holes(FeedPosition place, List<Committers.Logged> logged) {
        return logged.stream()
                .filter(each -> place.isAfter(each.transaction().start()))
                .filter(each -> !place.executedOrEmpty().contains(each.transaction().gtid()))
                .count();
    }
}
