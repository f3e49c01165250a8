package io.fustor.source.mysql.history;

import java.util.UUID;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.transaction.support.TransactionTemplate;

/// A state database in memory with the tables of schema histories.
public final class StateDatabase {

    private final DriverManagerDataSource source =
            new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");

    public StateDatabase() {
        new ResourceDatabasePopulator(new ClassPathResource("db/migration/V3__schema_history.sql"))
                .execute(source);
    }

    public SchemaHistories histories() {
        return new SchemaHistories(store());
    }

    int versions() {
        return JdbcClient.create(source)
                .sql("SELECT COUNT(*) FROM schema_version")
                .query(Integer.class)
                .single();
    }

    void drop() {
        JdbcClient.create(source).sql("DROP TABLE schema_history").update();
    }

    SchemaHistoryStore store() {
        return new JdbcSchemaHistoryStore(
                JdbcClient.create(source),
                new TransactionTemplate(new DataSourceTransactionManager(source)));
    }
}
