package io.fustor.source.mysql.state;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.flywaydb.core.Flyway;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.env.MockEnvironment;

/// The embedded database opened as the service opens it, without the rest of the service.
final class EmbeddedState implements AutoCloseable {

    final HikariDataSource pool = new HikariDataSource();
    final StateCondition condition = new StateCondition();
    final WriteMark mark;
    final StateFile file;
    final FileIdentity identity;
    final StateDatabase database;
    private final MockEnvironment environment = new MockEnvironment();

    private EmbeddedState(Path folder, String fileSystem) {
        environment.setProperty("fustor.data-dir", folder.toString());
        environment.setProperty(
                "spring.datasource.url",
                "jdbc:h2:"
                        + fileSystem
                        + ":"
                        + folder
                        + "/fustor;WRITE_DELAY=0;RETENTION_TIME=1000;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0");
        pool.setJdbcUrl(environment.getProperty("spring.datasource.url"));
        pool.setConnectionTimeout(2000);
        pool.setMaximumPoolSize(4);
        file = StateFile.of(environment);
        mark = new WriteMark(environment);
        identity = new FileIdentity(environment);
        database = TestState.over(pool, mark, condition, identity);
    }

    static EmbeddedState open(Path folder) {
        return open(folder, "async", false);
    }

    static EmbeddedState restore(Path folder) {
        return open(folder, "async", true);
    }

    /// @param fileSystem one of H2's, such as `async`
    static EmbeddedState open(Path folder, String fileSystem, boolean restore) {
        var state = new EmbeddedState(folder, fileSystem);
        try {
            state.open(new StateProperties(Duration.ofMinutes(10), 3, restore));
            return state;
        } catch (RuntimeException e) {
            state.close();
            throw e;
        }
    }

    private void open(StateProperties properties) {
        var beans = new StaticListableBeanFactory();
        beans.addBean("properties", properties);
        beans.addBean("condition", condition);
        beans.addBean("mark", mark);
        beans.addBean("identity", identity);
        new StateOpening(
                        environment,
                        beans.getBeanProvider(StateProperties.class),
                        beans.getBeanProvider(StateCondition.class),
                        beans.getBeanProvider(WriteMark.class),
                        beans.getBeanProvider(FileIdentity.class))
                .postProcessAfterInitialization(pool, "dataSource");
        new SchemaVersion(environment).migrate(flyway());
    }

    private Flyway flyway() {
        return Flyway.configure()
                .dataSource(pool)
                .locations("classpath:db/migration", "classpath:db/h2")
                .load();
    }

    JdbcClient sql() {
        return JdbcClient.create(pool);
    }

    /// Stores a checkpoint, as the service does.
    void store(String token) {
        database.write(
                write -> {
                    write.update("delete from checkpoint");
                    write.update(
                            "insert into checkpoint (source_id, consumer, token, updated) values ('shop', 'c', ?, 1)",
                            token);
                });
    }

    String stored() {
        return sql().sql("select token from checkpoint").query(String.class).single();
    }

    Backups backups() {
        return new Backups(file.backups(), 3, InstantSource.system());
    }

    void backUp() throws Exception {
        try (var connection = pool.getConnection()) {
            backups().write(connection);
        }
    }

    @Override
    public void close() {
        pool.close();
        try {
            mark.destroy();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
