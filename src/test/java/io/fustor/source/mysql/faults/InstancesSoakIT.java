package io.fustor.source.mysql.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.kafka.ComparedTopics;
import io.fustor.source.mysql.kafka.FoldedTopics;
import io.fustor.source.mysql.kafka.TopicReader;
import io.fustor.source.mysql.kafka.WriterSettings;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.KeyChange;
import io.fustor.source.mysql.support.NewerBuild;
import io.fustor.source.mysql.support.ProxiedInstances;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TestKafka;
import io.fustor.source.mysql.support.Traffic;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Everything that befalls several instances in a year, in as many minutes as are given: kills,
/// pauses, drains, an update to a newer build, failovers of the server. Subscribers follow by
/// streams and by pages, through nginx, and one instance writes to Kafka. Nothing is lost, and
/// nothing comes twice.
@Tag("scale")
@Tag("long")
class InstancesSoakIT {

    /// Without any, each fault happens once.
    private static final int MINUTES = Integer.getInteger("scale.minutes", 0);

    private static final int INSTANCES = Integer.getInteger("scale.instances", 2);
    private static final int SUBSCRIBERS = Integer.getInteger("scale.subscribers", 12);
    private static final int MOST_PAUSE_SECONDS = Integer.getInteger("scale.pause", 5);

    private static final int STATE_OUTAGE_SECONDS = 60;

    /// That keep the rows as well.
    private static final int COPIES = 12;

    /// Of writers, for each subscriber: the fewer there are, the more each is given.
    private static final long PAUSE_NANOS = 750_000;

    private static final Duration PATIENCE = Duration.ofSeconds(300);
    private static final String SOURCE = "soaked";
    private static final String NEWER = "99.0.0";

    @TempDir private Path folder;

    private final long seed = Seeds.of("soak.seed", InstancesSoakIT.class);
    private final Random random = new Random(seed);
    private final Map<Fault, Integer> happened = new EnumMap<>(Fault.class);
    private MovedSource source;
    private ProxiedInstances instances;
    private ComparedClients clients;
    private long compared;

    private enum Fault {
        KILL,
        DRAIN,
        PAUSE,
        STATE_OUTAGE,
        UPDATE,
        FAILOVER
    }

    @Test
    void noRowIsLostOrRepeated() throws Exception {
        say("seed " + seed);
        try (var kafka = TestKafka.start(Map.of());
                var moved = new MovedSource(seed, PAUSE_NANOS * SUBSCRIBERS);
                var proxied = new ProxiedInstances(INSTANCES, folder, settings(kafka, moved))) {
            source = moved;
            instances = proxied;
            await("a writer to Kafka").atMost(PATIENCE).until(this::isWrittenToKafka);
            clients = new ComparedClients(subscribe());
            source.write();
            try {
                check("at the beginning");
                long start = System.nanoTime();
                List<Fault> plan =
                        MINUTES == 0
                                ? List.of(Fault.KILL, Fault.UPDATE, Fault.FAILOVER)
                                : List.of(
                                        Fault.FAILOVER,
                                        Fault.STATE_OUTAGE,
                                        Fault.UPDATE,
                                        Fault.FAILOVER,
                                        Fault.FAILOVER);
                for (int i = 0; i < plan.size(); i++) {
                    beAtRandomUntil(start + (i + 1) * length() / (plan.size() + 1));
                    befall(plan.get(i));
                }
                beAtRandomUntil(start + length());
                source.end();
                check("at the end");
            } finally {
                clients.close();
            }
            List<? extends ReturningClient> copies =
                    clients.all().stream().filter(ReturningClient::keepsCopy).toList();
            copies.forEach(source::assertHeldBy);
            assertThat(clients.connections())
                    .as("a subscriber was cut off at least once")
                    .isGreaterThan(2 * SUBSCRIBERS);
            int written = compareTopics(kafka);
            say(
                    "%d subscribers, %d changes to each, %d connections, %d copies; %d rows in topics; %s"
                            .formatted(
                                    SUBSCRIBERS,
                                    compared,
                                    clients.connections(),
                                    copies.size(),
                                    written,
                                    happened));
        }
    }

    private static long length() {
        return TimeUnit.MINUTES.toNanos(MINUTES);
    }

    private static void say(String what) {
        System.out.println(
                "InstancesSoakIT: " + LocalTime.now().truncatedTo(ChronoUnit.SECONDS) + " " + what);
    }

    private static Map<String, String> settings(TestKafka kafka, MovedSource source) {
        Map<String, String> settings =
                new HashMap<>(
                        WriterSettings.of(
                                kafka, source.uri(), SOURCE, MovedSource.TOPIC_SCHEMA + ".*"));
        settings.put("fustor.kafka.sources." + SOURCE + ".snapshot", "none");
        settings.put("fustor.web.drain", "1s");
        settings.put("server.address", "127.0.0.1");
        return settings;
    }

    private boolean isWrittenToKafka() {
        for (int i = 0; i < INSTANCES; i++) {
            JsonNode kafka = instances.api(i).source(SOURCE).path("kafka");
            boolean isWriter = kafka.path("writer").isString();
            if (isWriter && !kafka.path("position").isNull() && kafka.path("error").isNull()) {
                return true;
            }
        }
        return false;
    }

    /// By SSE, as lines, and by pages, in turn.
    private List<ReturningClient> subscribe() {
        String tables = MovedSource.FEED_SCHEMA + ".*";
        FeedRequest feed = instances.api().feed(SOURCE).with("tables", tables);
        URI stream = instances.api().base().resolve("/api/sources/" + SOURCE + "/stream");
        FeedRequest pages = FeedRequest.to(stream).with("tables", tables);
        String start = instances.api().tokenOfNow(SOURCE);
        List<ReturningClient> all = new ArrayList<>();
        for (int i = 0; i < SUBSCRIBERS; i++) {
            boolean keepsCopy = i < COPIES;
            all.add(
                    switch (i % 3) {
                        case 0 -> new ResumingClient(feed, start, keepsCopy);
                        case 1 -> new PagingClient(pages, start, keepsCopy);
                        default -> new ResumingClient(feed.ndjson(), start, keepsCopy);
                    });
        }
        return all;
    }

    private void check(String what) throws Exception {
        List<KeyChange> expected = source.changesToMark();
        try {
            clients.check(expected, source.mark(), what);
        } catch (AssertionError e) {
            say(e.getMessage());
            throw e;
        }
        compared += expected.size();
        say(
                "%s: %d changes equal, %d connections"
                        .formatted(what, compared, clients.connections()));
    }

    private void beAtRandomUntil(long end) throws Exception {
        Fault[] faults = {Fault.KILL, Fault.DRAIN, Fault.PAUSE};
        while (System.nanoTime() < end) {
            befall(faults[random.nextInt(faults.length)]);
            awaitMillis(random.nextInt(8_000));
        }
    }

    private static void awaitMillis(long millis) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        await().atMost(Duration.ofMillis(millis + 60_000)).until(() -> System.nanoTime() >= until);
    }

    private void befall(Fault fault) throws Exception {
        int number = random.nextInt(INSTANCES);
        ServiceProcess service = instances.service(number);
        String what = fault + " " + number;
        say(what);
        switch (fault) {
            case KILL -> {
                service.kill();
                service.startAgain();
            }
            case DRAIN -> {
                service.terminate();
                service.startAgain();
            }
            case PAUSE -> pause(service, instances.service((number + 1) % INSTANCES));
            case STATE_OUTAGE -> stateOutage();
            case UPDATE -> update();
            case FAILOVER -> {
                // Its clients come back to the other server with places of this one.
                service.kill();
                source.failOver();
                service.startAgain();
            }
        }
        happened.merge(fault, 1, Integer::sum);
        check(what);
    }

    /// Another one may die while this one stands still.
    private void pause(ServiceProcess service, ServiceProcess other) {
        long millis = 1_000L * (1 + random.nextInt(MOST_PAUSE_SECONDS));
        service.freeze();
        try {
            if (random.nextBoolean() && INSTANCES > 2) {
                other.kill();
                other.startAgain();
            }
            awaitMillis(millis);
        } finally {
            service.thaw();
        }
    }

    /// Streams go on without the state database, and writes are refused.
    private void stateOutage() {
        String path = "/api/sources/" + SOURCE + "/checkpoints/soak";
        Map<String, String> position = Map.of("position", instances.api().tokenOfNow(SOURCE));
        instances.postgres().kill();
        try {
            awaitMillis(STATE_OUTAGE_SECONDS * 1_000L);
            assertThat(instances.api(0).put(path, position).status()).isEqualTo(503);
        } finally {
            instances.postgres().startAgain();
        }
        await("the state database")
                .atMost(PATIENCE)
                .until(() -> instances.api(0).put(path, position).status() == 200);
        for (int i = 0; i < INSTANCES; i++) {
            assertThat(instances.api(i).get(path).status()).isEqualTo(200);
        }
    }

    /// One instance after the other becomes a newer build, which adds to the schema. Meanwhile, an
    /// older one is killed and starts again.
    private void update() throws Exception {
        NewerBuild build = new NewerBuild(Files.createDirectories(folder.resolve("newer")), NEWER);
        for (int i = 0; i < INSTANCES; i++) {
            ServiceProcess service = instances.service(i);
            service.terminate();
            service.startAgain(build);
            assertThat(service.log()).contains("version=" + NEWER);
            if (i + 1 < INSTANCES) {
                ServiceProcess older = instances.service(i + 1);
                older.kill();
                older.startAgain();
                assertThat(older.log()).doesNotContain("version=" + NEWER);
            }
            check("updated " + i);
        }
    }

    private int compareTopics(TestKafka kafka) throws Exception {
        String schema = MovedSource.TOPIC_SCHEMA;
        try (TopicReader reader = new TopicReader(kafka, SOURCE + "." + schema)) {
            List<TopicReader.Read> records = reader.readToTheEnd(PATIENCE);
            // What came twice would come now.
            reader.readFor(300);
            FoldedTopics.of(records).assertHolds(source.primary(), SOURCE, schema, Traffic.TABLES);
            // A tombstone has no value.
            assertThat(records.reversed().stream().filter(one -> !one.isTombstone()))
                    .first()
                    .extracting(one -> one.json().path("source").path("version").asString())
                    .isEqualTo(NEWER);
            return ComparedTopics.assertSameByTransaction(source.primary(), schema, records);
        }
    }
}
