package io.fustor.source.mysql.bench;

import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/// Sources of the same server beside the one that is measured, each with a live subscriber, to whom
/// nothing comes.
final class IdleSources implements AutoCloseable {

    private static final String USER = "idle_";
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    private final BenchmarkStage stage;
    private final List<FeedStream> subscribers = new ArrayList<>();

    /// @param isApart whether they have credentials of their own, and so a capture of their own
    IdleSources(BenchmarkStage stage, int count, boolean isApart) throws IOException {
        this.stage = stage;
        for (int i = 0; i < count; i++) {
            stage.api()
                    .addSource(id(i), stage.mysql().uri(), isApart ? login(i) : TestMySql.CAPTURE);
            subscribers.add(subscribe(i));
        }
        if (isApart) {
            Awaitility.await("a capture of each source")
                    .atMost(LONGEST_WAIT)
                    .until(() -> captures() == count);
        }
    }

    private static String id(int number) {
        return "idle-" + number;
    }

    private TestMySql.Login login(int number) {
        TestMySql.Login login = new TestMySql.Login(USER + number, TestMySql.CAPTURE.password());
        stage.mysql()
                .execute(
                        "CREATE USER '%s'@'%%' IDENTIFIED BY '%s'"
                                .formatted(login.user(), login.password()),
                        "GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO '%s'@'%%'"
                                .formatted(login.user()));
        return login;
    }

    private FeedStream subscribe(int number) throws IOException {
        return FeedStream.open(
                stage.service().port(),
                "/api/sources/" + id(number) + "/events?tables=" + BenchmarkTable.ARCHIVE);
    }

    /// How many of the sources follow the binlog by a connection of their own.
    private int captures() {
        return Integer.parseInt(
                Sql.value(
                        stage.mysql(),
                        """
                        SELECT COUNT(DISTINCT USER) FROM information_schema.PROCESSLIST
                        WHERE USER LIKE '%s%%' AND COMMAND LIKE 'Binlog Dump%%'"""
                                .formatted(USER)));
    }

    @Override
    public void close() throws IOException {
        for (int i = 0; i < subscribers.size(); i++) {
            subscribers.get(i).close();
            stage.api().delete("/api/configs/sources/" + id(i)).expect(204);
        }
    }
}
