package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.support.ConditionReplica;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/// Replicas of the rows that meet the condition of a request, while eight writers change all of
/// them: in the end they are what the server selects.
///
/// `-Dfuzz.seeds=…` says how many seeds, `-Dfuzz.changes=…` how many changes each.
@Tag("fuzz")
@RunningService
class ConditionReplicaIT {

    private static final int SEEDS = Integer.getInteger("fuzz.seeds", 3);
    private static final int CHANGES = Integer.getInteger("fuzz.changes", 4_000);

    private final TestMySql mysql = TestMySql.shared();
    private final long seed = Seeds.of("fuzz.seed", ConditionReplicaIT.class);

    @LocalServerPort private int port;

    private ServiceApi api;

    @BeforeAll
    void addSource() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("replicated", mysql);
    }

    @Test
    void replicasAreWhatTheServerSelects() throws Exception {
        System.out.println("seed " + seed);
        for (int i = 0; i < SEEDS; i++) {
            ConditionReplica.prepare(mysql);
            FeedRequest feed =
                    api.feed("replicated")
                            .with("tables", ConditionReplica.TABLE)
                            .with("where", ConditionReplica.CONDITION);
            new ConditionReplica(feed, api.tokenOfNow("replicated"), "tenant, v", CHANGES)
                    .run(mysql, seed + i);
        }
    }
}
