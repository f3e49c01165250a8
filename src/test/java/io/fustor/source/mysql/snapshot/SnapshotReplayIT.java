package io.fustor.source.mysql.snapshot;

import io.fustor.source.mysql.support.Replay;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/// Replays a feed that begins with a snapshot, taken while eight writers write and cut off again
/// and again, and finds exactly the rows that the server holds. `-Dlong=soak` runs it at length.
@RunningService
@Tag("soak")
class SnapshotReplayIT {

    private static final int SEEDS = Integer.getInteger("replay.seeds", 0);
    private static final int CHANGES = Integer.getInteger("replay.changes", 3_000);
    private static final int ROWS = Integer.getInteger("replay.rows", 2_000);

    private static final String NO_GTIDS = "--gtid-mode=OFF --enforce-gtid-consistency=OFF";

    @LocalServerPort private int port;

    private ServiceApi api;

    @BeforeAll
    void connect() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
    }

    @ParameterizedTest
    @CsvSource({
        "1, --gtid-mode=ON",
        "1, " + NO_GTIDS,
        "1, " + NO_GTIDS + " --sync-binlog=1 --binlog-group-commit-sync-delay=3000",
    })
    void replayedFeedEqualsTheSource(int seeds, String options) throws Exception {
        try (TestMySql mysql = TestMySql.start(options.split(" "))) {
            String source = "replay-" + mysql.port();
            api.addSource(source, mysql);
            for (int i = 0; i < (SEEDS > 0 ? SEEDS : seeds); i++) {
                long seed = Seeds.of("replay.seed", SnapshotReplayIT.class) + i;
                System.out.println("SnapshotReplayIT: seed " + seed + " " + options);
                new Replay(api.feed(source), port, ROWS, CHANGES).run(mysql, "replay" + i, seed);
            }
            api.delete("/api/configs/sources/" + source).expect(204);
        }
    }

    /// As it is when only these are set: the binlog and its format.
    @Test
    void replayedFeedOfAMariaDbInItsDefaultConfigurationEqualsTheSource() throws Exception {
        try (TestMySql mariaDb =
                TestMySql.start(ServerRelease.MARIADB_11_8, "--binlog-row-metadata=NO_LOG")) {
            long seed = Seeds.of("replay.seed", SnapshotReplayIT.class);
            System.out.println("SnapshotReplayIT: seed " + seed + " MariaDB");
            api.addSource("replay-mariadb", mariaDb);
            new Replay(api.feed("replay-mariadb"), port, ROWS, CHANGES)
                    .run(mariaDb, "replay", seed);
            api.delete("/api/configs/sources/replay-mariadb").expect(204);
        }
    }
}
