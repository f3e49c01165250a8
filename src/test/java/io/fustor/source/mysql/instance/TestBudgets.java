package io.fustor.source.mysql.instance;

import io.fustor.source.mysql.state.TestState;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.mock.env.MockEnvironment;

/// The budgets of an instance with an embedded database.
public final class TestBudgets {

    private TestBudgets() {}

    public static Budgets ofOneInstance() {
        var source = new DriverManagerDataSource("jdbc:h2:mem:");
        var clock = TestState.clockOfEmbedded();
        return new Budgets(
                new InstanceStore(JdbcClient.create(source), clock),
                TestState.over(source),
                new Membership(new MockEnvironment(), clock));
    }
}
