package io.fustor.source.mysql.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.ProxiedInstances;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients follow a source through nginx while its instances are killed, paused, drained and
/// started again: no row is lost, and none comes twice.
@Tag("scale")
class InstancesReplayIT {

    private static final int INSTANCES = Integer.getInteger("scale.instances", 2);
    private static final int ROUNDS = Integer.getInteger("scale.rounds", 1);
    private static final int CLIENTS = Integer.getInteger("scale.clients", 4);
    private static final Duration PAUSE = Duration.ofSeconds(Integer.getInteger("scale.pause", 5));

    @TempDir private Path folder;

    private final TestMySql mysql = TestMySql.shared();
    private final AtomicBoolean isOver = new AtomicBoolean();
    private final AtomicInteger written = new AtomicInteger();

    private enum Action {
        KILL,
        PAUSE,
        DRAIN
    }

    @Test
    void noRowIsLostOrRepeated() throws Exception {
        long seed = Seeds.of("traffic.seed", InstancesReplayIT.class);
        Random random = new Random(seed);
        System.out.println("InstancesReplayIT: seed " + seed);
        mysql.execute(
                "DROP DATABASE IF EXISTS replayed",
                "CREATE DATABASE replayed",
                "CREATE TABLE replayed.t (id INT PRIMARY KEY)");
        try (var instances =
                new ProxiedInstances(INSTANCES, folder, Map.of("fustor.web.drain", "1s"))) {
            instances.api(0).addSource("replayed", mysql);
            await().until(() -> instances.api(1).get("/api/sources/replayed").status() == 200);
            String start = instances.api().tokenOfNow("replayed");
            List<Compared> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                var feed = instances.api().feed("replayed").with("tables", "replayed.t");
                clients.add(new Compared(new ResumingClient(feed, start, false)));
            }
            Thread writer = Thread.startVirtualThread(this::write);
            for (int round = 0; round < ROUNDS; round++) {
                for (Action action : Action.values()) {
                    boolean isRandom = round > 0 && random.nextBoolean();
                    act(
                            instances,
                            action,
                            isRandom ? random.nextInt(INSTANCES) : busiest(instances));
                    assertCheckpointsAreSeenByAll(instances, start, round + "-" + action);
                    clients.forEach(Compared::compare);
                }
            }
            isOver.set(true);
            writer.join();
            int last = written.get();
            for (Compared client : clients) {
                await("all rows")
                        .atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(client.compare()).isEqualTo(last));
                client.reader.close();
            }
            int connections = clients.stream().mapToInt(one -> one.reader.connections()).sum();
            System.out.printf(
                    "InstancesReplayIT: %d rows to %d clients, %d connections%n",
                    last, CLIENTS, connections);
            assertThat(connections)
                    .as("each action ends a stream at least")
                    .isGreaterThanOrEqualTo(CLIENTS + Action.values().length);
        }
    }

    /// The rows that came to one client, which have the numbers in which they were written.
    /// Compared all the while, since those of an hour fill the memory.
    private static final class Compared {

        private final ResumingClient reader;
        private int rows;

        private Compared(ResumingClient reader) {
            this.reader = reader;
        }

        /// How many rows have come, none of them too few or too many.
        private int compare() {
            assertThat(reader.failure()).isNull();
            for (var change = reader.changes().poll();
                    change != null;
                    change = reader.changes().poll()) {
                rows++;
                assertThat(change.key()).isEqualTo(Integer.toString(rows));
            }
            return rows;
        }
    }

    private void write() {
        try (var connection = mysql.jdbc();
                var insert = connection.prepareStatement("INSERT INTO replayed.t VALUES (?)")) {
            connection.setAutoCommit(false);
            Random sizes = new Random(7);
            while (!isOver.get()) {
                for (int rows = 1 + sizes.nextInt(5); rows > 0; rows--) {
                    insert.setInt(1, written.get() + 1);
                    insert.executeUpdate();
                    written.incrementAndGet();
                }
                connection.commit();
                LockSupport.parkNanos(5_000_000);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The instance with the most clients: nginx may lead all of them to one.
    private static int busiest(ProxiedInstances instances) {
        List<Long> streams = new ArrayList<>();
        for (int i = 0; i < instances.count(); i++) {
            String port = ":" + instances.service(i).port();
            streams.add(
                    instances
                            .api(i)
                            .source("replayed")
                            .path("subscribers")
                            .valueStream()
                            .filter(one -> one.path("instance").asString().endsWith(port))
                            .count());
        }
        return streams.indexOf(Collections.max(streams));
    }

    private static void act(ProxiedInstances instances, Action action, int number) {
        System.out.println("InstancesReplayIT: " + action + " " + number);
        var service = instances.service(number);
        switch (action) {
            case KILL -> {
                service.kill();
                service.startAgain();
            }
            case PAUSE -> instances.pause(number, PAUSE);
            case DRAIN -> {
                service.terminate();
                service.startAgain();
            }
        }
    }

    private static void assertCheckpointsAreSeenByAll(
            ProxiedInstances instances, String token, String consumer) {
        String path = "/api/sources/replayed/checkpoints/" + consumer;
        ServiceApi first = instances.api(0);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> first.put(path, Map.of("position", token)).status() == 200);
        for (int i = 0; i < instances.count(); i++) {
            assertThat(instances.api(i).get(path).status()).isEqualTo(200);
        }
    }
}
