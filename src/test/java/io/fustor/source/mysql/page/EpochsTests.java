package io.fustor.source.mysql.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.state.TestState;
import io.fustor.source.mysql.support.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/// Two instances over one state database.
class EpochsTests {

    private static final long X = 7;
    private static final long Y = 9;

    private final DriverManagerDataSource database =
            new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    private final Epochs one;
    private final Epochs other;

    EpochsTests() {
        new ResourceDatabasePopulator(new ClassPathResource("db/migration/V10__stream_epochs.sql"))
                .execute(database);
        one = instance();
        other = instance();
    }

    private Epochs instance() {
        return new Epochs(new EpochStore(JdbcClient.create(database), TestState.over(database)));
    }

    private static Place at(long server, long offset) {
        return new Place(server, 1, offset, 0, 0, null, null);
    }

    @Test
    void sourceBeginsWithItsFirstServer() {
        assertThat(one.ofStart("s", at(X, 100), 0)).isZero();
        assertThat(one.ofNext("s", 0, at(X, 100), at(X, 200), () -> at(X, 500))).isEqualTo(1);
        assertThat(other.ofStart("s", at(X, 50), 0)).isEqualTo(1);
        assertThat(other.ofNext("t", 0, at(Y, 1), at(Y, 2), () -> at(Y, 2))).isEqualTo(1);
    }

    @Test
    void failoverAndTheWayBackAreEpochsOfTheirOwn() {
        assertThat(one.ofNext("s", 0, at(X, 100), at(X, 200), () -> at(X, 900))).isEqualTo(1);
        assertThat(one.ofNext("s", 1, at(X, 200), at(Y, 5), () -> at(Y, 50))).isEqualTo(2);
        assertThat(other.ofNext("s", 2, at(Y, 40), at(Y, 60), () -> at(Y, 60))).isEqualTo(2);
        // Back at the first server: its binlog has 2000 bytes now.
        assertThat(other.ofNext("s", 2, at(Y, 60), at(X, 1500), () -> at(X, 2000))).isEqualTo(3);
        assertThat(one.ofNext("s", 3, at(X, 1500), at(X, 1600), () -> at(X, 2000))).isEqualTo(3);
        // A reader that slept since the first epoch keeps it up to the end of then.
        assertThat(one.ofNext("s", 1, at(X, 200), at(X, 2000), () -> at(X, 2500))).isEqualTo(1);
        assertThat(one.ofNext("s", 1, at(X, 200), at(X, 2001), () -> at(X, 2500))).isEqualTo(3);
        assertThat(one.ofStart("s", at(X, 2001), 0)).isEqualTo(3);
        assertThat(one.ofStart("s", at(X, 1500), 3)).isEqualTo(3);
    }

    @Test
    void restOfATransactionStaysInItsEpoch() {
        one.ofNext("s", 0, at(X, 100), at(X, 200), () -> at(X, 900));

        Place rest = at(Place.BY_GTIDS, 200);
        assertThat(one.ofNext("s", 1, at(X, 200), rest, () -> at(Y, 50))).isEqualTo(1);
        assertThat(one.ofNext("s", 1, rest, at(Y, 5), () -> at(Y, 50))).isEqualTo(2);
    }

    @Test
    void endOfAThirdServerBeginsNoEpoch() {
        one.ofNext("s", 0, at(X, 100), at(X, 200), () -> at(X, 900));

        assertThatThrownBy(() -> one.ofNext("s", 1, at(X, 200), at(Y, 5), () -> at(X, 900)))
                .isInstanceOf(SourceException.class);
    }

    @Test
    void epochThatHasNotBegunIsRefused() {
        assertThatThrownBy(() -> one.ofStart("s", at(X, 1), 1))
                .isInstanceOf(RequestException.class);
    }

    @Test
    void instancesThatBeginAnEpochAtOneTimeAgree() throws Exception {
        for (int round = 0; round < 50; round++) {
            String source = "s" + round;
            one.ofNext(source, 0, at(X, 1), at(X, 2), () -> at(X, 9));
            Set<Integer> epochs = ConcurrentHashMap.newKeySet();
            try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
                List<Future<?>> all = new ArrayList<>();
                for (Epochs instance : List.of(one, other, one, other)) {
                    all.add(
                            threads.submit(
                                    () ->
                                            epochs.add(
                                                    instance.ofNext(
                                                            source,
                                                            1,
                                                            at(X, 9),
                                                            at(Y, 5),
                                                            () -> at(Y, 50)))));
                }
                for (Future<?> each : all) {
                    each.get();
                }
            }
            assertThat(epochs).containsExactly(2);
        }
    }

    /// Whatever servers readers are led to, each reader's epochs never fall, and the epoch after a
    /// place of a server is the same whenever it is asked for.
    @RepeatedTest(20)
    void epochsNeverFallAndNeverChange(RepetitionInfo repetition) {
        long seed = Seeds.of("epochs.seed", EpochsTests.class) + repetition.getCurrentRepetition();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        long[] ends = {0, 0};
        record Step(int from, Place start, Place next, int epoch) {}
        List<Step> steps = new ArrayList<>();
        int[] epochs = new int[5];
        Place[] places = new Place[5];
        int server = 0;
        for (int i = 0; i < 300; i++) {
            server = random.nextInt(20) == 0 ? 1 - server : server;
            ends[server] += random.nextInt(50);
            long end = ends[server];
            int here = server;
            int reader = random.nextInt(places.length);
            Place start = places[reader];
            long from =
                    start != null && start.server() == here + 1
                            ? start.offset()
                            : random.nextLong(end + 1);
            Place next = at(here + 1, from + random.nextLong(end - Math.min(from, end) + 1));
            Place before = start == null ? next : start;
            int epoch = one.ofNext("s", epochs[reader], before, next, () -> at(here + 1, end));
            assertThat(epoch).isGreaterThanOrEqualTo(Math.max(1, epochs[reader]));
            if (before.server() != next.server()) {
                assertThat(epoch).isGreaterThan(epochs[reader]);
            } else if (epochs[reader] > 0) {
                steps.add(new Step(epochs[reader], before, next, epoch));
            }
            epochs[reader] = epoch;
            places[reader] = next;
        }
        for (Step step : steps) {
            if (step.next().server() == server + 1) {
                assertThat(other.ofNext("s", step.from(), step.start(), step.next(), () -> null))
                        .isEqualTo(step.epoch());
            }
        }
    }
}
