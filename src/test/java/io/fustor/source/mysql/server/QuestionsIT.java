package io.fustor.source.mysql.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fustor.source.mysql.connection.ConnectionProperties;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.connection.SqlConnections;
import io.fustor.source.mysql.connection.TlsMode;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.support.Fault;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/// Questions end, whatever the server does.
class QuestionsIT {

    private static final Duration LONGEST = Duration.ofSeconds(2);

    private static String version(Connection open) throws SQLException {
        try (Statement statement = open.createStatement();
                ResultSet row = statement.executeQuery("SELECT @@version")) {
            row.next();
            return row.getString(1);
        }
    }

    /// Every read is within its timeout, and the answer would take a minute.
    @Test
    void answersThatDripAreCutForAllWhoWait() {
        try (TcpProxy proxy = TcpProxy.to(TestMySql.shared());
                Questions questions = new Questions(access(proxy), LONGEST);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            String version = questions.ask(QuestionsIT::version);
            proxy.injectAll(new Fault.Throttle(Fault.Way.TO_CLIENT, 1));
            long start = System.nanoTime();
            List<CompletableFuture<SourceException>> asked = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                asked.add(CompletableFuture.supplyAsync(() -> failure(questions), callers));
            }

            assertThat(asked.stream().map(CompletableFuture::join))
                    .extracting(SourceException::code)
                    .isSubsetOf(FailureCode.SERVER_STALLED, FailureCode.CONNECT_TIMEOUT);
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(LONGEST.multipliedBy(8));
            proxy.heal();
            assertThat(questions.ask(QuestionsIT::version)).isEqualTo(version);
        }
    }

    private static SourceException failure(Questions questions) {
        return catchThrowableOfType(
                SourceException.class, () -> questions.ask(QuestionsIT::version));
    }

    @Test
    void sessionsWaitForLocksForSecondsOnly() throws SQLException {
        try (TcpProxy proxy = TcpProxy.to(TestMySql.shared());
                Connection connection = SqlConnections.open(access(proxy));
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT @@session.lock_wait_timeout")) {
            row.next();

            assertThat(row.getInt(1)).isBetween(1, 5);
        }
    }

    private static ServerAccess access(TcpProxy proxy) {
        return new ServerAccess(
                ServerAddress.parse(proxy.uri()),
                new Credential(TestMySql.CAPTURE.user(), TestMySql.CAPTURE.password()),
                new ConnectionProperties(
                        Duration.ofSeconds(3), Duration.ofSeconds(30), TlsMode.DISABLED, null, ""));
    }
}
