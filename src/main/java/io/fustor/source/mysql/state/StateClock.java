package io.fustor.source.mysql.state;

import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The clock of the state database, the only one by which instances judge each other. Clocks of
/// machines may differ. Any thread may call.
@Component
public class StateClock {

    private static final String MYSQL =
            "SELECT CAST(UNIX_TIMESTAMP(CURRENT_TIMESTAMP(3)) * 1000 AS SIGNED)";
    private static final String POSTGRESQL =
            "SELECT CAST(EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000 AS BIGINT)";
    private static final String H2 =
            "SELECT CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) * 1000 AS BIGINT)";

    private final JdbcClient database;
    private final String question;
    private final boolean isShareable;

    StateClock(JdbcClient database, Environment environment) {
        String url = environment.getProperty("spring.datasource.url", "");
        this.database = database;
        this.question = question(url);
        this.isShareable = StateFile.of(environment) == null;
    }

    private static String question(String url) {
        if (url.startsWith("jdbc:postgresql:")) {
            return POSTGRESQL;
        }
        return url.startsWith("jdbc:h2:") ? H2 : MYSQL;
    }

    /// Whether several instances can use the state database: it is not the embedded one.
    public boolean isShareable() {
        return isShareable;
    }

    /// Milliseconds since 1970.
    public long millis() {
        return database.sql(question).query(Long.class).single();
    }
}
