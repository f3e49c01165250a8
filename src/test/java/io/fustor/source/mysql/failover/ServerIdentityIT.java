package io.fustor.source.mysql.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.position.Evidence;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Two servers that share what servers can share: the number, the uuid by a copied data folder, the
/// names and offsets of binlog files, the tables' names, and one after the other the address. No
/// row of one comes under the other's names, and no stream goes on at the other's binlog.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServerIdentityIT {

    private static final String MINIMAL = "--binlog-row-metadata=MINIMAL";
    private static final String FULL = "--binlog-row-metadata=FULL";

    private static final Map<String, String> PROPERTIES =
            Map.of("fustor.feed.heartbeat", "500ms", "fustor.mysql.tls", "disabled");

    private final LocalService service = LocalService.start(PROPERTIES);
    private final ServiceApi api = api(service);

    private enum Pair {
        MARIADB {
            @Override
            TestMySql[] start() {
                return mariaDbs(MINIMAL);
            }
        },
        MARIADB_FULL {
            @Override
            TestMySql[] start() {
                return mariaDbs(FULL);
            }
        },
        COPIED_MYSQL {
            @Override
            TestMySql[] start() throws IOException {
                return copied(MINIMAL, "--gtid-mode=OFF");
            }
        },
        COPIED_MYSQL_FULL {
            @Override
            TestMySql[] start() throws IOException {
                return copied(FULL, "--gtid-mode=OFF");
            }
        },
        COPIED_MYSQL_WITH_GTIDS {
            @Override
            TestMySql[] start() throws IOException {
                return copied(MINIMAL, "--gtid-mode=ON");
            }
        };

        private static TestMySql[] mariaDbs(String option) {
            return new TestMySql[] {TestMySql.startMariaDb(option), TestMySql.startMariaDb(option)};
        }

        /// The second one has the first one's data, and so its uuid.
        private static TestMySql[] copied(String... options) throws IOException {
            TestMySql first = TestMySql.start(options);
            TestMySql second = TestMySql.start(options);
            Path from = folder(first);
            Path to = folder(second);
            first.stop();
            second.kill();
            copy(from, to);
            Stream.of(first, second).parallel().forEach(TestMySql::startAgain);
            return new TestMySql[] {first, second};
        }

        abstract TestMySql[] start() throws IOException;

        static Path folder(TestMySql server) {
            return Path.of(Sql.value(server, "SELECT @@datadir"));
        }

        static void copy(Path from, Path to) throws IOException {
            try (Stream<Path> old = Files.walk(to)) {
                for (Path each : old.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
            try (Stream<Path> files = Files.walk(from)) {
                for (Path each : files.toList()) {
                    Files.copy(each, to.resolve(from.relativize(each)));
                }
            }
        }
    }

    @AfterAll
    void stop() {
        service.close();
    }

    /// The same statements but for the columns' names, so that all else is alike.
    private static void prepare(TestMySql server, String one, String two) {
        server.execute(
                "CREATE DATABASE twin",
                "CREATE TABLE twin.t (id INT PRIMARY KEY, " + one + " INT, " + two + " INT)",
                "INSERT INTO twin.t VALUES (1, 2, 3)");
    }

    private static void alter(TestMySql server, String column, int id) {
        server.execute(
                "INSERT INTO twin.t (id) VALUES (" + id + ")",
                "ALTER TABLE twin.t ADD COLUMN " + column + " INT FIRST",
                "INSERT INTO twin.t (id) VALUES (" + (id + 1) + ")");
    }

    @ParameterizedTest
    @EnumSource
    void serversThatShareWhatTheyCanAreKeptApart(Pair pair) throws IOException {
        TestMySql[] servers = pair.start();
        try (TestMySql first = servers[0];
                TestMySql second = servers[1];
                TcpProxy proxy = TcpProxy.to(first)) {
            prepare(first, "a1", "a2");
            prepare(second, "b1", "b2");
            String name = pair.name().toLowerCase(Locale.ROOT);
            readsBothAtOnce(name, first, second);
            api.addSource(name + "-moved", proxy.uri(), TestMySql.CAPTURE);
            leadsToTheOther(name + "-moved", first, second, proxy);
            api.delete("/api/configs/sources/" + name + "-moved").expect(204);
        }
    }

    /// The other server comes up at the very port of the first, with its own data: while the
    /// capture of the subscriber that left still reads, or while the service is down.
    @ParameterizedTest
    @CsvSource({
        "MARIADB, true",
        "MARIADB_FULL, false",
        "COPIED_MYSQL, false",
        "COPIED_MYSQL_FULL, true",
        "COPIED_MYSQL_WITH_GTIDS, false",
        "COPIED_MYSQL_WITH_GTIDS, true"
    })
    void otherServerAtTheSamePortIsKeptApart(Pair pair, boolean isRestarted, @TempDir Path dataDir)
            throws IOException {
        TestMySql[] servers = pair.start();
        LocalService own = LocalService.on(dataDir, PROPERTIES);
        try (TestMySql first = servers[0];
                TestMySql second = servers[1]) {
            prepare(first, "a1", "a2");
            prepare(second, "b1", "b2");
            ServiceApi before = api(own);
            before.addSource("port", first);
            List<String> tokens = new ArrayList<>();
            try (FeedClient client = before.feed("port").open()) {
                tokens.add(client.hello());
                alter(first, "a0", 10);
                assertThat(client.change().fields()).containsExactly("id", "a1", "a2");
                ChangeEvent last = client.change();
                assertThat(last.fields()).containsExactly("a0", "id", "a1", "a2");
                tokens.add(last.token());
            }
            alter(second, "b0", 10);
            replace(first, second, () -> restart(own, isRestarted));
            LocalService now = isRestarted ? LocalService.on(dataDir, PROPERTIES) : own;
            try {
                ServiceApi after = api(now);
                followsTheOther(after, first);
                tokens.forEach(token -> assertRefused(after, token));
            } finally {
                now.close();
            }
        } finally {
            own.close();
        }
    }

    private static void restart(LocalService service, boolean isRestarted) {
        if (isRestarted) {
            service.close();
        }
    }

    private static ServiceApi api(LocalService service) {
        return new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
    }

    /// Starts the second one's data at the first one's port.
    private static void replace(TestMySql first, TestMySql second, Runnable between)
            throws IOException {
        Path to = Pair.folder(first);
        Path from = Pair.folder(second);
        // A clean shutdown waits for the capture to leave, and nothing of this data is used again.
        first.kill();
        second.stop();
        Pair.copy(from, to);
        between.run();
        first.startAgain();
    }

    private static void followsTheOther(ServiceApi after, TestMySql server) {
        await("a stream of the other server")
                .atMost(Duration.ofSeconds(60))
                .until(() -> isServed(after));
        try (FeedClient fresh = after.feed("port").open()) {
            fresh.hello();
            server.execute("INSERT INTO twin.t (id) VALUES (61)");
            ChangeEvent change = fresh.change();
            assertThat(change.row(0).path("id").asInt()).isEqualTo(61);
            assertThat(change.fields()).containsExactly("b0", "id", "b1", "b2");
        }
    }

    private static boolean isServed(ServiceApi api) {
        try (FeedClient client = api.feed("port").send()) {
            return client.status() == 200;
        }
    }

    private static void assertRefused(ServiceApi api, String token) {
        try (FeedClient resumed = api.feed("port").after(token).send()) {
            assertThat(resumed.status()).isEqualTo(410);
            assertThat(resumed.problem().path("code").asString())
                    .isIn("FOREIGN_SERVER", "POSITION_AHEAD");
        }
    }

    private void readsBothAtOnce(String name, TestMySql first, TestMySql second) {
        api.addSource(name + "-1", first);
        api.addSource(name + "-2", second);
        try (FeedClient one = api.feed(name + "-1").open();
                FeedClient two = api.feed(name + "-2").open()) {
            one.hello();
            two.hello();
            alter(first, "a0", 10);
            alter(second, "b0", 20);
            assertThat(one.change().fields()).containsExactly("id", "a1", "a2");
            assertThat(two.change().fields()).containsExactly("id", "b1", "b2");
            assertThat(two.change().fields()).containsExactly("b0", "id", "b1", "b2");
            assertThat(one.change().fields()).containsExactly("a0", "id", "a1", "a2");
            alter(second, "bb", 30);
            alter(first, "aa", 40);
            assertThat(one.change().fields()).containsExactly("a0", "id", "a1", "a2");
            assertThat(one.change().fields()).containsExactly("aa", "a0", "id", "a1", "a2");
            assertThat(two.change().fields()).containsExactly("b0", "id", "b1", "b2");
            assertThat(two.change().fields()).containsExactly("bb", "b0", "id", "b1", "b2");
        }
        api.delete("/api/configs/sources/" + name + "-1").expect(204);
        api.delete("/api/configs/sources/" + name + "-2").expect(204);
    }

    /// The subscriber that is live ends by name, its id and one that it left before are refused,
    /// and a new subscriber gets nothing but what the other server writes.
    private void leadsToTheOther(String id, TestMySql first, TestMySql second, TcpProxy proxy) {
        String left = api.tokenOfNow(id);
        try (FeedClient live = api.feed(id).open()) {
            live.hello();
            first.execute("INSERT INTO twin.t (id) VALUES (50)");
            ChangeEvent change = live.change();
            assertThat(change.fields()).contains("a1");
            proxy.redirect(second);
            second.execute("INSERT INTO twin.t (id) VALUES (60)");
            try (FeedClient fresh = api.feed(id).open()) {
                fresh.hello();
                second.execute("INSERT INTO twin.t (id) VALUES (61)");
                ChangeEvent first61 = fresh.change();
                assertThat(first61.row(0).path("id").asInt()).isEqualTo(61);
                assertThat(first61.fields()).containsExactly("bb", "b0", "id", "b1", "b2");
            }
            assertThat(live.control("error").path("code").asString())
                    .isIn("FOREIGN_SERVER", "POSITION_AHEAD");
            assertGone(id, change.token());
            assertGone(id, left);
        }
    }

    private void assertGone(String id, String token) {
        try (FeedClient resumed = api.feed(id).after(token).send()) {
            assertThat(resumed.status()).isEqualTo(410);
        }
    }

    /// What the creation of a file in the same second would leave open.
    @ParameterizedTest
    @EnumSource(names = "MARIADB")
    void placeAfterOtherBytesOfAFileOfTheSameSecondIsRefused(Pair pair) throws IOException {
        TestMySql[] servers = pair.start();
        servers[1].close();
        try (TestMySql server = servers[0];
                TestMySql mysql = TestMySql.start()) {
            for (TestMySql each : List.of(server, mysql)) {
                String id = "bytes-" + each.port();
                api.addSource(id, each);
                prepare(each, "a", "b");
                refusesOtherBytes(id, each);
                api.delete("/api/configs/sources/" + id).expect(204);
            }
        }
    }

    private void refusesOtherBytes(String id, TestMySql server) {
        String token;
        try (FeedClient client = api.feed(id).open()) {
            client.hello();
            server.execute(
                    "INSERT INTO twin.t VALUES (2, 3, 4)", "INSERT INTO twin.t VALUES (3, 4, 5)");
            client.change();
            token = client.change().token();
        }
        Place place = FeedToken.parse(token).position();
        assertThat(place.evidence().length()).isPositive();
        Evidence other =
                new Evidence(
                        place.fileCreated(),
                        place.evidence().length(),
                        place.evidence().checksum() + 1);
        Place foreign =
                new Place(
                        place.server(),
                        place.fileNumber(),
                        place.offset(),
                        other,
                        place.rows(),
                        place.executed(),
                        place.gtid());

        // Nothing of the live window, which would not ask the server.
        api.post("/api/instances/sources/" + id + "/_actions/stop", Map.of()).expect(200);
        api.post("/api/instances/sources/" + id + "/_actions/start", Map.of()).expect(200);
        server.execute("INSERT INTO twin.t VALUES (4, 5, 6)");
        try (FeedClient client = api.feed(id).after(token).open()) {
            assertThat(client.change().row(0).path("id").asInt()).isEqualTo(4);
        }
        api.post("/api/instances/sources/" + id + "/_actions/stop", Map.of()).expect(200);
        api.post("/api/instances/sources/" + id + "/_actions/start", Map.of()).expect(200);
        try (FeedClient client = api.feed(id).after(FeedToken.of(id, foreign).toString()).send()) {
            assertThat(client.status()).isEqualTo(410);
            assertThat(client.problem().path("detail").asString()).contains("other bytes stand");
        }
    }

    /// A set with only what was read since would make a failover deliver all else again.
    @Test
    void tokenWhoseSetWasTooLongMakesNoneWithAShortOne() {
        try (TestMySql server = TestMySql.start()) {
            api.addSource("long", server);
            prepare(server, "a", "b");
            Place place = FeedToken.parse(api.tokenOfNow("long")).position();
            assertThat(place.executed()).isNotNull();
            Place withoutSet =
                    new Place(
                            place.server(),
                            place.fileNumber(),
                            place.offset(),
                            place.evidence(),
                            0,
                            null,
                            null);
            server.execute(
                    "INSERT INTO twin.t VALUES (2, 3, 4)", "INSERT INTO twin.t VALUES (3, 4, 5)");
            api.post("/api/instances/sources/long/_actions/stop", Map.of()).expect(200);
            api.post("/api/instances/sources/long/_actions/start", Map.of()).expect(200);
            try (FeedClient client =
                    api.feed("long").after(FeedToken.of("long", withoutSet).toString()).open()) {
                client.change();
                Place next = FeedToken.parse(client.change().token()).position();
                assertThat(next.isAfter(place)).isTrue();
                assertThat(next.executed()).isNull();
            }
            api.delete("/api/configs/sources/long").expect(204);
        }
    }

    @Test
    void tokenWithoutTheBytesBeforeItsPlaceStillResumes() {
        // Ids of releases before: the place's file and its creation only.
        try (TestMySql server = TestMySql.startMariaDb()) {
            api.addSource("older", server);
            prepare(server, "a", "b");
            String token = api.tokenOfNow("older");
            server.execute("INSERT INTO twin.t VALUES (2, 3, 4)");
            Place place = FeedToken.parse(token).position();
            assertThat(place.fileCreated()).isNotZero();
            Place older = place.inFile(place.fileCreated());
            try (FeedClient client =
                    api.feed("older").after(FeedToken.of("older", older).toString()).open()) {
                assertThat(client.change().row(0).path("id").asInt()).isEqualTo(2);
            }
            Place ofAnotherFile = place.inFile(place.fileCreated() + 1);
            try (FeedClient client =
                    api.feed("older")
                            .after(FeedToken.of("older", ofAnotherFile).toString())
                            .send()) {
                assertThat(client.status()).isEqualTo(410);
            }
            api.delete("/api/configs/sources/older").expect(204);
        }
    }
}
