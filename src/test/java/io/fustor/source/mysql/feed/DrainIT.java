package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TestMySql;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The end of a service that drains.
class DrainIT {

    private static final int STREAMS = 40;

    @TempDir private Path dataDir;

    @Test
    void readinessGoesDownAndStreamsEndOneAfterTheOther() throws Exception {
        try (var service = ServiceProcess.start(dataDir, Map.of("fustor.web.drain", "4s"));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var api = new ServiceApi(service.uri("/"));
            api.addSource("drained", TestMySql.shared());
            List<FeedClient> clients = new ArrayList<>();
            List<Future<Long>> ends = new ArrayList<>();
            Set<String> retries = ConcurrentHashMap.newKeySet();
            for (int i = 0; i < STREAMS; i++) {
                FeedClient client = api.feed("drained").open();
                client.hello();
                clients.add(client);
                ends.add(threads.submit(() -> endOf(client, retries)));
            }
            assertThat(api.get("/actuator/health/readiness").status()).isEqualTo(200);
            Future<Duration> terminated = threads.submit(service::terminate);
            long begun = System.nanoTime();
            org.awaitility.Awaitility.await()
                    .until(() -> api.get("/actuator/health/readiness").status() == 503);
            assertThat(api.feed("drained").send().status()).isEqualTo(503);

            List<Long> millis = new ArrayList<>();
            for (Future<Long> end : ends) {
                millis.add((end.get() - begun) / 1_000_000);
            }
            // From the first one on: the signal reaches a busy process late.
            long first = Collections.min(millis);
            assertThat(millis.stream().filter(one -> one - first < 2_000).count())
                    .isBetween(10L, 30L);
            assertThat(millis).anyMatch(one -> one > 3_000).allMatch(one -> one - first < 6_000);
            assertThat(retries).hasSizeGreaterThan(STREAMS / 2);
            assertThat(terminated.get()).isLessThan(Duration.ofSeconds(10));
            clients.forEach(FeedClient::close);
        }
    }

    /// When its last event came.
    private static long endOf(FeedClient client, Set<String> retries) {
        while (true) {
            Frame frame = client.frame();
            if (frame.retry() != null) {
                retries.add(frame.retry());
            }
            if (frame.isControl("end")) {
                return System.nanoTime();
            }
        }
    }
}
