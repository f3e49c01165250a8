package io.fustor.source.mysql.state;

import com.zaxxer.hikari.HikariDataSource;
import org.jspecify.annotations.Nullable;

/// Time limits for questions to a state database over a network. Without them a thread would wait
/// for a server that stands still, and no failure would be noticed. Parameters in the URL win.
final class StateTimeouts {

    private static final int CONNECT_SECONDS = 5;
    private static final int ANSWER_SECONDS = 10;

    private StateTimeouts() {}

    static void apply(HikariDataSource pool) {
        String url = pool.getJdbcUrl();
        if (is(url, "jdbc:postgresql:")) {
            add(pool, "connectTimeout", CONNECT_SECONDS);
            add(pool, "socketTimeout", ANSWER_SECONDS);
        } else if (is(url, "jdbc:mysql:")) {
            add(pool, "connectTimeout", CONNECT_SECONDS * 1_000);
            add(pool, "socketTimeout", ANSWER_SECONDS * 1_000);
        }
    }

    private static boolean is(@Nullable String url, String beginning) {
        return url != null && url.startsWith(beginning);
    }

    private static void add(HikariDataSource pool, String name, int value) {
        if (!pool.getJdbcUrl().contains(name + "=")) {
            pool.addDataSourceProperty(name, Integer.toString(value));
        }
    }
}
