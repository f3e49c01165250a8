package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.state.TestState;
import java.util.UUID;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/// A state database in memory with the tables of schema histories.
public final class StateDatabase {

    private final DriverManagerDataSource source =
            new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");

    public StateDatabase() {
        new ResourceDatabasePopulator(
                        new ClassPathResource("db/h2/V3__schema_history.sql"),
                        new ClassPathResource("db/migration/V6__history_of_one_binlog.sql"))
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
        return new JdbcSchemaHistoryStore(JdbcClient.create(source), TestState.over(source));
    }
}
