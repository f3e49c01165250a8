package io.fustor.source.mysql.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.capture.Committers.Logged;
import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.connection.ConnectionProperties;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.connection.TlsMode;
import io.fustor.source.mysql.instance.Budget;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schemahistory.StateDatabase;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.snapshot.ConsistentView;
import io.fustor.source.mysql.support.Settings;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Hand-overs while sixteen sessions commit, each compared with what its view holds and what the
/// binlog turns out to hold.
class HandOverIT {

    /// What a source has to have, and no more.
    private static final TestMySql.Login MINIMAL =
            new TestMySql.Login("minimal", "minimal-password-of-tests");

    private static final String CREATE_MINIMAL =
            "CREATE USER minimal IDENTIFIED BY '" + MINIMAL.password() + "'";
    private static final String GRANT_MINIMAL =
            "GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO minimal";

    /// Transactions before a hand-over, the second more than a place without GTIDs lies back.
    private static final int SOME = 100;

    private static final int FAR = 1_500;

    private static TestMySql mysql;
    private static String gtidMode = "ON";

    /// What was seen at one hand-over.
    private record Seen(Place place, BinlogPosition overlapEnd, Set<Long> ids) {}

    private interface Opening {
        HandOver open() throws SQLException;
    }

    @BeforeAll
    static void startServer() {
        mysql = TestMySql.start("--sync-binlog=1");
        prepare(mysql);
    }

    private static void prepare(TestMySql server) {
        server.execute(CREATE_MINIMAL, GRANT_MINIMAL);
        Committers.createTables(server);
    }

    @AfterAll
    static void stopServer() {
        mysql.close();
    }

    private static ServerAccess access(TestMySql server, TestMySql.Login login) {
        return new ServerAccess(
                new ServerAddress(server.host(), server.port()),
                new Credential(login.user(), login.password()),
                new ConnectionProperties(
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30),
                        TlsMode.PREFERRED,
                        null,
                        ""));
    }

    private static Capture capture(TestMySql server, TestMySql.Login login) {
        return new Capture(
                access(server, login),
                new RetryPolicy(0, Duration.ofSeconds(1)),
                Settings.feed("window", "1MB"),
                new StateDatabase().histories(),
                Budget.local(32));
    }

    /// Steps through the modes between, as the server demands.
    private static void changeGtidMode(String wanted) {
        List<String> modes = List.of("OFF", "OFF_PERMISSIVE", "ON_PERMISSIVE", "ON");
        while (!gtidMode.equals(wanted)) {
            int at = modes.indexOf(gtidMode);
            gtidMode = modes.get(at + (modes.indexOf(wanted) > at ? 1 : -1));
            mysql.execute("SET GLOBAL gtid_mode = " + gtidMode);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ON, ON, 0, 65536",
        "ON, ON, 50000, 1073741824",
        "ON, ON, 1000000, 1073741824",
        "ON, OFF, 0, 65536",
        "ON, OFF, 1000000, 1073741824",
        "ON_PERMISSIVE, ON, 50000, 1073741824",
        "OFF, OFF, 0, 65536",
        "OFF, OFF, 1000000, 1073741824",
        "OFF, ON, 0, 65536",
        "OFF, ON, 50000, 1073741824",
        "OFF, ON, 1000000, 1073741824"
    })
    void placeIsAfterNoTransactionThatTheViewLacks(
            String gtids, String ordered, int delayMicros, long fileSize) throws Exception {
        changeGtidMode(gtids);
        mysql.execute(
                "SET GLOBAL binlog_order_commits = " + ordered,
                "SET GLOBAL max_binlog_size = " + fileSize);
        boolean byCount = gtids.equals("OFF") && ordered.equals("ON") && delayMicros > 0;
        try (Capture capture = capture(mysql, MINIMAL)) {
            List<Seen> handOvers = new ArrayList<>();
            List<Seen> naive = new ArrayList<>();

            List<Logged> logged =
                    whileCommitting(
                            mysql,
                            byCount ? FAR : SOME,
                            delayMicros,
                            () -> {
                                handOvers.add(see(() -> capture.handOver(false)));
                                naive.add(see(() -> openNaively(capture.server())));
                            });

            assertThat(handOvers).isNotEmpty();
            assertThat(handOvers).allSatisfy(seen -> assertTied(seen, logged));
            int lost = 0;
            for (Seen seen : naive) {
                lost += countLost(seen, logged);
            }
            System.out.printf(
                    "HandOverIT: gtid_mode=%s order=%s delay=%d file_size=%d: %d hand-overs, %d transactions, overlap %d; the"
                            + " binlog's end as the place lost %d%n",
                    gtids,
                    ordered,
                    delayMicros,
                    fileSize,
                    handOvers.size(),
                    logged.size(),
                    countOverlap(handOvers.getLast(), logged),
                    lost);
            if (delayMicros == 1_000_000) {
                assertThat(lost).isPositive();
            }
            if (ordered.equals("ON")) {
                assertThat(naive).allSatisfy(seen -> assertLastOnesAreLost(seen, logged));
            }
            if (byCount) {
                assertThat(handOvers.getLast().place().offset())
                        .isGreaterThan(BinlogPosition.FIRST_EVENT);
            }
        }
    }

    /// The file that the commit stands in may be another than the one where the binlog ends.
    @ParameterizedTest
    @CsvSource({
        "ON, ON, true", "ON, OFF, true", "OFF, ON, true",
        "ON, ON, false", "OFF, ON, false", "OFF, OFF, false"
    })
    void placeIsNotAfterAnXaCommitOnItsWay(String gtids, String ordered, boolean rotates)
            throws Exception {
        changeGtidMode(gtids);
        mysql.execute(
                "TRUNCATE TABLE " + Committers.LOG,
                "FLUSH BINARY LOGS",
                "SET GLOBAL binlog_order_commits = " + ordered,
                "XA START 'slow'",
                "INSERT INTO handover.log VALUES (1)",
                "XA END 'slow'",
                "XA PREPARE 'slow'");
        try (Capture capture = capture(mysql, MINIMAL);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            BinlogPosition start = capture.server().status().position();
            setDelay(mysql, 1_000_000);
            Future<?> commit = threads.submit(() -> mysql.execute("XA COMMIT 'slow'"));
            await().until(() -> !capture.server().status().position().equals(start));
            if (rotates) {
                mysql.execute("FLUSH BINARY LOGS");
            }

            Seen seen = see(() -> capture.handOver(false));
            commit.get(60, TimeUnit.SECONDS);

            setDelay(mysql, 0);
            List<Logged> logged = Committers.logged(capture.server(), start);
            assertThat(logged).hasSize(1);
            assertTied(seen, logged);
        }
    }

    /// The control: the binlog's end, asked for right before the view is opened.
    private static HandOver openNaively(MySqlServer server) {
        ConsistentView view = ConsistentView.connect(server.access());
        Place place = server.status().place();
        view.begin();
        // The set of a status is that of the visible transactions, but a reader begins at the
        // offset.
        Place atOffset =
                new Place(place.server(), place.fileNumber(), place.offset(), 0, 0, null, null);
        return new HandOver(view, atOffset, server.status().position());
    }

    private interface Round {
        void run() throws SQLException;
    }

    /// Runs rounds while transactions commit, and returns all of these.
    ///
    /// @param before how many to wait for first
    private static List<Logged> whileCommitting(
            TestMySql server, int before, int delayMicros, Round round)
            throws SQLException, InterruptedException, ExecutionException {
        server.execute("TRUNCATE TABLE " + Committers.LOG, "FLUSH BINARY LOGS");
        long seed = System.nanoTime();
        System.out.println("HandOverIT: seed " + seed);
        try (MySqlServer root =
                        new MySqlServer(
                                access(
                                        server,
                                        new TestMySql.Login(server.user(), server.password())));
                Committers committers = Committers.start(server, seed)) {
            BinlogPosition from = root.status().position();
            await().until(() -> committers.committed() > before);
            setDelay(server, delayMicros);
            long end = System.nanoTime() + Duration.ofMillis(800).toNanos();
            for (int rounds = 0; rounds < 2 || System.nanoTime() < end; rounds++) {
                round.run();
            }
            setDelay(server, 0);
            committers.stop();
            return Committers.logged(root, from);
        }
    }

    private static void setDelay(TestMySql server, int micros) {
        server.execute(
                server == mysql
                        ? "SET GLOBAL binlog_group_commit_sync_delay = " + micros
                        : "SET GLOBAL binlog_commit_wait_usec = " + micros);
    }

    private static Seen see(Opening opening) throws SQLException {
        HandOver handOver = opening.open();
        try (ConsistentView view = handOver.view()) {
            return new Seen(
                    handOver.place(), handOver.overlapEnd(), Committers.visible(view.connection()));
        }
    }

    private static void assertTied(Seen seen, List<Logged> logged) {
        assertThat(countLost(seen, logged)).as("transactions lost at %s", seen.place()).isZero();
        for (Logged each : logged) {
            assertThat(seen.ids().contains(each.id()) && !each.startsBefore(seen.overlapEnd()))
                    .as("%s is in the view but after %s", each, seen.overlapEnd())
                    .isFalse();
        }
    }

    /// What counting back from the binlog's end stands on: with ordered commits the transactions
    /// that are not visible yet are the last ones, and no more than sessions that commit.
    private static void assertLastOnesAreLost(Seen seen, List<Logged> logged) {
        boolean anyLost = false;
        for (Logged each : logged) {
            if (each.isBefore(seen.place())) {
                boolean isLost = !seen.ids().contains(each.id());
                assertThat(anyLost && !isLost).as("%s is visible before others", each).isFalse();
                anyLost = isLost;
            }
        }
        assertThat(countLost(seen, logged)).isLessThanOrEqualTo(Committers.SESSIONS);
    }

    /// How many transactions are neither in the view nor delivered after the place.
    private static int countLost(Seen seen, List<Logged> logged) {
        int lost = 0;
        for (Logged each : logged) {
            if (each.isBefore(seen.place()) && !seen.ids().contains(each.id())) {
                lost++;
            }
        }
        return lost;
    }

    private static int countOverlap(Seen seen, List<Logged> logged) {
        int overlap = 0;
        for (Logged each : logged) {
            if (!each.isBefore(seen.place()) && each.startsBefore(seen.overlapEnd())) {
                overlap++;
            }
        }
        return overlap;
    }

    /// Nothing is between the place and the overlap's end.
    private static void assertExact(Seen seen, List<Logged> logged) {
        assertTied(seen, logged);
        assertThat(seen.place().offset()).isEqualTo(seen.overlapEnd().offset());
        assertThat(seen.place().fileNumber()).isEqualTo(seen.overlapEnd().fileNumber());
    }

    @ParameterizedTest
    @CsvSource({"ON", "ON_PERMISSIVE", "OFF"})
    void readerFollowsFromThePlace(String gtids) throws Exception {
        changeGtidMode(gtids);
        try (Capture capture = capture(mysql, MINIMAL)) {
            mysql.execute("REPLACE INTO " + Committers.LOG + " VALUES (-2)");
            HandOver handOver = capture.handOver(false);
            handOver.view().close();
            mysql.execute("REPLACE INTO " + Committers.LOG + " VALUES (-3)");

            List<Long> ids = new ArrayList<>();
            Place end = capture.server().status().place();
            BinlogReader reader =
                    capture.catchUpReaders()
                            .open(handOver.place(), (_, _) -> true, capture.catchUpTurns().ask());
            Delivered delivered = new Delivered(handOver.place());
            while (end.isAfter(reader.position()) || reader.hasBuffered()) {
                BinlogEvent event = reader.next();
                if (event instanceof RowsEvent rows
                        && rows.table().id().table().equals("log")
                        && !delivered.includes(event)) {
                    ids.add(Committers.id(rows));
                }
            }
            capture.catchUpReaders().close(reader);

            assertThat(ids).endsWith(-3L);
            if (gtids.equals("ON")) {
                assertThat(ids).containsExactly(-3L);
            }
            mysql.execute("DELETE FROM " + Committers.LOG + " WHERE id < 0");
        }
    }

    @Test
    void lockMakesThePlaceExactAndIsGoneAfterwards() throws Exception {
        changeGtidMode("ON");
        mysql.execute("SET GLOBAL binlog_order_commits = ON");
        try (Capture capture = capture(mysql, TestMySql.CAPTURE)) {
            List<Seen> handOvers = new ArrayList<>();

            List<Logged> logged =
                    whileCommitting(
                            mysql,
                            SOME,
                            50_000,
                            () -> handOvers.add(see(() -> capture.handOver(true))));

            assertThat(handOvers).hasSizeGreaterThan(1);
            assertThat(handOvers).allSatisfy(seen -> assertExact(seen, logged));
            HandOver open = capture.handOver(true);
            try (ConsistentView view = open.view()) {
                mysql.execute("INSERT INTO " + Committers.LOG + " VALUES (-1)");
                assertThat(Committers.visible(view.connection())).doesNotContain(-1L);
            }
        }
    }

    @Test
    void goesOnWithoutALockThatItMayNotTake() throws Exception {
        changeGtidMode("ON");
        try (Capture capture = capture(mysql, MINIMAL)) {
            HandOver handOver = capture.handOver(true);
            try (ConsistentView view = handOver.view()) {
                assertThat(handOver.place().executed()).isNotNull();
                assertThat(view.server().uuid())
                        .isEqualTo(Sql.value(mysql, "SELECT @@server_uuid"));
            }
        }
    }

    @Test
    void goesOnWithoutALockThatOthersWithhold() throws Exception {
        changeGtidMode("ON");
        try (Capture capture = capture(mysql, TestMySql.CAPTURE);
                var other = mysql.jdbc();
                var statement = other.createStatement()) {
            statement.execute("LOCK TABLES handover.shared WRITE");

            HandOver handOver = capture.handOver(true);

            try (ConsistentView view = handOver.view()) {
                assertThat(handOver.place().executed()).isNotNull();
                statement.execute("UPDATE handover.shared SET n = 0 WHERE id = 0");
                statement.execute("UNLOCK TABLES");
                assertThat(view.connection().isValid(1)).isTrue();
            }
        }
    }

    @Test
    void mariaDbSaysTheExactPlace() throws Exception {
        try (TestMySql mariaDb = TestMySql.startMariaDb("--sync-binlog=1")) {
            prepare(mariaDb);
            mariaDb.execute("SET GLOBAL binlog_commit_wait_count = 1000");
            try (Capture capture = capture(mariaDb, MINIMAL)) {
                List<Seen> handOvers = new ArrayList<>();

                List<Logged> logged =
                        whileCommitting(
                                mariaDb,
                                SOME,
                                50_000,
                                () -> handOvers.add(see(() -> capture.handOver(false))));

                assertThat(handOvers).hasSizeGreaterThan(1);
                assertThat(handOvers).allSatisfy(seen -> assertExact(seen, logged));
            }
        }
    }
}
