package io.fustor.source.mysql.state;

import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.transaction.support.TransactionTemplate;

/// The state database as the stores of other modules see it, over any data source.
public final class TestState {

    private TestState() {}

    public static StateDatabase over(DataSource database) {
        return over(database, new WriteMark(new MockEnvironment()), new StateCondition());
    }

    static StateDatabase over(DataSource database, WriteMark mark, StateCondition condition) {
        return new StateDatabase(
                JdbcClient.create(database),
                new TransactionTemplate(new JdbcTransactionManager(database)),
                mark,
                condition);
    }
}
