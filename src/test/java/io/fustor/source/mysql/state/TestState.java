package io.fustor.source.mysql.state;

import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.transaction.support.TransactionTemplate;

/// The state database as the stores of other modules see it, over any data source.
public final class TestState {

    private TestState() {}

    public static StateDatabase over(DataSource database) {
        var elsewhere = new MockEnvironment();
        return over(
                database,
                new WriteMark(elsewhere),
                new StateCondition(),
                new FileIdentity(elsewhere));
    }

    /// The clock of an embedded database, which is never asked.
    public static StateClock clockOfEmbedded() {
        var environment =
                new MockEnvironment()
                        .withProperty("fustor.data-dir", "data")
                        .withProperty("spring.datasource.url", "jdbc:h2:file:data/fustor;A=B");
        return new StateClock(
                JdbcClient.create(new DriverManagerDataSource("jdbc:h2:mem:")), environment);
    }

    /// The clock of a database that instances share.
    public static StateClock clock(JdbcClient database, MockEnvironment environment) {
        return new StateClock(database, environment);
    }

    static StateDatabase over(
            DataSource database, WriteMark mark, StateCondition condition, FileIdentity identity) {
        return new StateDatabase(
                JdbcClient.create(database),
                new TransactionTemplate(new JdbcTransactionManager(database)),
                mark,
                condition,
                identity);
    }
}
