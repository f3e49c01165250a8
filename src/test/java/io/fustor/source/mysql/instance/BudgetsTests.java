package io.fustor.source.mysql.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.state.TestState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.mock.env.MockEnvironment;

/// Budgets of several instances over one database, each of which looks when the test tells it to.
class BudgetsTests {

    private final DataSource source =
            new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");

    /// One instance.
    private record One(Budgets budgets, Instances instances, Membership membership) {
        void look() {
            instances.look();
        }
    }

    @BeforeEach
    void create() {
        new ResourceDatabasePopulator(
                        new ClassPathResource("db/migration/V11__expand_instances.sql"))
                .execute(source);
    }

    private One instance(String name) {
        var environment = new MockEnvironment();
        environment.setProperty("spring.datasource.url", "jdbc:h2:mem:shared");
        environment.setProperty("fustor.agent-id", name);
        environment.setProperty("server.port", "1");
        var jdbc = JdbcClient.create(source);
        var clock = TestState.clock(jdbc, environment);
        var store = new InstanceStore(jdbc, clock);
        var state = TestState.over(source);
        var membership = new Membership(environment, clock);
        var budgets = new Budgets(store, state, membership);
        var listeners = new StaticListableBeanFactory().getBeanProvider(Listener.class);
        return new One(
                budgets, new Instances(store, state, membership, budgets, listeners), membership);
    }

    @Test
    void oneInstanceHasTheWholeBudgetWithoutFurtherQuestions() {
        One one = instance("a");
        one.look();
        Budget snapshots = one.budgets().counted("snapshots", 10);
        assertThat(snapshots.take()).isTrue();
        JdbcClient.create(source).sql("DROP TABLE budget_lease").update();
        for (int i = 1; i < 10; i++) {
            assertThat(snapshots.take()).isTrue();
        }
        assertThat(one.membership().isReachable()).isTrue();
        assertThat(snapshots.tryTake()).isFalse();
        snapshots.giveBack();
        assertThat(snapshots.take()).isTrue();
    }

    @Test
    void instancesTogetherNeverHoldMoreThanTheBudget() throws Exception {
        var all = List.of(instance("a"), instance("b"), instance("c"));
        all.forEach(One::look);
        all.forEach(One::look);
        var taken = new ArrayList<Future<Boolean>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 60; i++) {
                One one = all.get(i % 3);
                taken.add(threads.submit(() -> one.budgets().takeOf("streams:reader:x", 7)));
            }
        }
        int count = 0;
        for (var one : taken) {
            count += one.get() ? 1 : 0;
        }
        assertThat(count).isEqualTo(7);
    }

    /// The first one holds all turns, since it was alone, and uses some of them.
    @Test
    void anInstanceThatWasAloneGivesUpWhatItDoesNotUse() {
        One one = instance("a");
        one.look();
        Budget first = one.budgets().queued("catch-up:db", 32);
        for (int i = 0; i < 20; i++) {
            assertThat(first.tryTake()).isTrue();
        }
        One other = instance("b");
        other.look();
        Budget second = other.budgets().queued("catch-up:db", 32);
        assertThat(second.tryTake()).isFalse();

        one.look();
        other.look();
        assertThat(takeAll(second)).isEqualTo(12);
        assertThat(takeAll(first)).isZero();
        second.demand(5);
        await().until(
                        () -> {
                            one.look();
                            return first.isOverdrawn();
                        });
        for (int i = 0; i < 4; i++) {
            first.giveBack();
        }
        assertThat(first.isOverdrawn()).isFalse();
        await().until(
                        () -> {
                            one.look();
                            other.look();
                            return second.tryTake();
                        });
        assertThat(takeAll(second)).isEqualTo(3);
        assertThat(takeAll(first)).isZero();
    }

    private static int takeAll(Budget budget) {
        int count = 0;
        while (budget.tryTake()) {
            count++;
        }
        return count;
    }

    @Test
    void leasesOfADeadInstanceAreFreeWithinSeconds() {
        One dead = instance("dead");
        dead.look();
        Budget snapshots = dead.budgets().counted("snapshots", 4);
        assertThat(snapshots.take()).isTrue();
        assertThat(snapshots.take()).isTrue();
        One alive = instance("alive");
        alive.look();
        dead.look();
        Budget others = alive.budgets().counted("snapshots", 4);
        assertThat(others.take()).isTrue();
        assertThat(others.take()).isTrue();
        assertThat(others.take()).isFalse();

        long begun = System.nanoTime();
        await().atMost(Duration.ofSeconds(6))
                .until(
                        () -> {
                            alive.look();
                            return others.take();
                        });
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
        assertThat(alive.membership().others()).isEmpty();

        // It was paused, not dead: it joins again, and what it uses counts.
        dead.look();
        alive.look();
        assertThat(others.take()).isFalse();
        assertThat(snapshots.take()).isFalse();
    }

    @Test
    void withoutTheDatabaseEachInstanceGoesByItsOwnLimits() {
        One one = instance("a");
        one.look();
        Budget snapshots = one.budgets().counted("snapshots", 2);
        JdbcClient.create(source)
                .sql("ALTER TABLE state_change RENAME TO state_change_gone")
                .update();
        one.look();
        assertThat(one.membership().isReachable()).isFalse();
        assertThat(snapshots.take()).isTrue();
        assertThat(snapshots.take()).isTrue();
        assertThat(snapshots.take()).isFalse();
        JdbcClient.create(source)
                .sql("ALTER TABLE state_change_gone RENAME TO state_change")
                .update();
        one.look();
        assertThat(one.membership().isReachable()).isTrue();
        snapshots.giveBack();
        assertThat(snapshots.take()).isTrue();
    }
}
