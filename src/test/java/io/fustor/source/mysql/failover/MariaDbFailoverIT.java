package io.fustor.source.mysql.failover;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ConsumerCopy;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import java.net.URI;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/// A source whose address leads to a promoted MariaDB replica one day: streams and ids go on there.
@RunningService
class MariaDbFailoverIT {

    @LocalServerPort private int port;

    private ServiceApi api;

    @BeforeAll
    void connect() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
    }

    @ParameterizedTest
    @MethodSource("io.fustor.source.mysql.servers.MariaDbFeedIT#releases")
    void streamAndTokensGoOnAtAPromotedReplica(ServerRelease release) throws Exception {
        try (MariaDbPair pair = MariaDbPair.start(release);
                TcpProxy proxy = TcpProxy.to(pair.primary())) {
            String source = "heir-" + pair.primary().port();
            api.addSource(source, proxy.uri(), TestMySql.CAPTURE);
            promoted(pair, proxy, source);
            api.delete("/api/configs/sources/" + source).expect(204);
        }
    }

    private void promoted(MariaDbPair pair, TcpProxy proxy, String source) throws Exception {
        long seed = Seeds.of("traffic.seed", MariaDbFailoverIT.class);
        System.out.println("MariaDbFailoverIT: seed " + seed);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Traffic traffic = new Traffic(pair.primary(), "failover", seed);
            FeedRequest feed = api.feed(source).with("tables", "failover.*");
            String start = api.tokenOfNow(source);
            Future<List<FeedRow>> reading =
                    threads.submit(() -> Traffic.readToTheEnd(feed.after(start)));
            traffic.run(2, 3_000, 300);
            List<FeedRow> singles;
            try (FeedClient client = feed.with("batch", 1).after(start).open()) {
                singles = client.rows(3_000);
            }
            pair.awaitReplica();
            pair.promote();
            proxy.redirect(pair.replica());
            Traffic later = traffic.at(pair.replica());
            later.run(1, 500, 100);
            later.end();

            List<FeedRow> rows = reading.get(60, TimeUnit.SECONDS);
            assertThat(rows.size()).isEqualTo((int) later.committedRows());
            FeedRow.assertSameSequence(Traffic.readToTheEnd(feed.after(start)), rows);
            for (int i = 0; i < singles.size(); i += 101) {
                assertNext(feed.after(singles.get(i).token()), rows.get(i + 1));
            }
            ConsumerCopy replayed = new ConsumerCopy();
            replayed.apply(rows);
            replayed.assertSameAs(pair.replica(), "failover");
        }
    }

    /// Writers in several domains, which the replica interleaves otherwise; the primary is killed
    /// while subscribers stand anywhere, and comes back as the replica of its heir.
    @ParameterizedTest
    @MethodSource("io.fustor.source.mysql.servers.MariaDbFeedIT#releases")
    void heirOfAKilledPrimaryLosesAndRepeatsNothingOfSeveralDomains(ServerRelease release)
            throws Exception {
        try (MariaDbPair pair = MariaDbPair.start(release);
                TcpProxy proxy = TcpProxy.to(pair.primary());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            String source = "domains-" + pair.primary().port();
            api.addSource(source, proxy.uri(), TestMySql.CAPTURE);
            DomainWriters writers = new DomainWriters(pair.primary());
            FeedRequest feed = api.feed(source).with("tables", "domains.*");
            String start = api.tokenOfNow(source);
            Future<List<FeedRow>> staying =
                    threads.submit(() -> DomainWriters.readToTheEnd(feed.after(start)));
            Future<List<FeedRow>> cut =
                    threads.submit(() -> DomainWriters.readWithCuts(feed, start));
            writers.write(pair.primary(), 150);
            pair.awaitReplica();
            pair.primary().kill();
            pair.promote();
            proxy.redirect(pair.replica());
            writers.write(pair.replica(), 150);
            writers.end(pair.replica());

            writers.assertComplete(staying.get(60, TimeUnit.SECONDS));
            writers.assertComplete(cut.get(60, TimeUnit.SECONDS));
            List<FeedRow> there = DomainWriters.readToTheEnd(feed.with("batch", 1).after(start));
            writers.assertComplete(there);
            for (int i = 0; i < there.size() - 1; i += 97) {
                writers.assertRest(there, i, feed);
            }
            api.delete("/api/configs/sources/" + source).expect(204);
        }
    }

    private static void assertNext(FeedRequest feed, FeedRow expected) {
        try (FeedClient client = feed.open()) {
            FeedRow next = client.change().flatten().getFirst();
            assertThat(next.isSameChange(expected))
                    .as("expected %s, but was %s", expected, next)
                    .isTrue();
        }
    }
}
