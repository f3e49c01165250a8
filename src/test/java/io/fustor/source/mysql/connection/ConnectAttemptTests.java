package io.fustor.source.mysql.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.binlog.BinlogStart;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.support.FakeMySql;
import io.fustor.source.mysql.support.FakeServer;
import io.fustor.source.mysql.support.FakeServer.Conversation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a server can do to keep a connection from ever being open or refused.
class ConnectAttemptTests {

    private static final Duration TIMEOUT = Duration.ofMillis(600);
    private static final CountDownLatch NEVER = new CountDownLatch(1);

    enum Kind {
        SQL(SqlConnections::open),
        REPLICATION(
                access ->
                        BinlogReader.open(
                                new MySqlServer(access),
                                new BinlogStart.AfterGtids(1, GtidSet.parse("")),
                                false));

        private final Function<ServerAccess, AutoCloseable> opening;

        Kind(Function<ServerAccess, AutoCloseable> opening) {
            this.opening = opening;
        }
    }

    /// The driver's classes take longer to load than the tests let it take to connect.
    @BeforeAll
    static void loadDrivers() {
        for (var kind : Kind.values()) {
            connect(kind, (_, out) -> out.write(FakeMySql.errorAsGreeting(1129, "")), 20_000);
        }
    }

    @ParameterizedTest
    @EnumSource
    void silenceEndsInTime(Kind kind) {
        var failure = connect(kind, (_, _) -> FakeMySql.stall());

        assertThat(failure.code()).isEqualTo(FailureCode.CONNECT_TIMEOUT);
        assertThat(failure).hasMessageContaining("0.6 s");
    }

    @ParameterizedTest
    @EnumSource
    void drippingGreetingEndsInTime(Kind kind) {
        var failure =
                connect(
                        kind,
                        (_, out) -> {
                            for (byte next : FakeMySql.greeting()) {
                                out.write(next);
                                NEVER.await(50, TimeUnit.MILLISECONDS);
                            }
                        });

        assertThat(failure.code()).isEqualTo(FailureCode.CONNECT_TIMEOUT);
    }

    @ParameterizedTest
    @EnumSource
    void silenceAfterTheGreetingEndsInTime(Kind kind) {
        var failure =
                connect(
                        kind,
                        (_, out) -> {
                            out.write(FakeMySql.greeting());
                            FakeMySql.stall();
                        });

        assertThat(failure.code()).isEqualTo(FailureCode.CONNECT_TIMEOUT);
    }

    @ParameterizedTest
    @EnumSource
    void endlessGreetingFillsNoMemory(Kind kind) {
        var part = new byte[0xFF_FFFF];
        var failure =
                connect(
                        kind,
                        (_, out) -> {
                            for (int number = 0; ; number++) {
                                out.write(FakeMySql.packet(number, part));
                            }
                        });

        assertThat(failure.code()).isEqualTo(FailureCode.NOT_MYSQL);
    }

    @ParameterizedTest
    @EnumSource
    void garbageIsNoMySql(Kind kind) {
        var failure =
                connect(kind, (_, out) -> out.write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes()));

        assertThat(failure.code()).isIn(FailureCode.NOT_MYSQL, FailureCode.CONNECTION_LOST);
    }

    @Test
    void errorInPlaceOfTheGreetingIsTold() {
        var blocked = FakeMySql.errorAsGreeting(1129, "Host 'x' is blocked");
        var full = FakeMySql.errorAsGreeting(1040, "Too many connections");

        assertThat(connect(Kind.SQL, (_, out) -> out.write(blocked)).code())
                .isEqualTo(FailureCode.HOST_BLOCKED);
        assertThat(connect(Kind.SQL, (_, out) -> out.write(full)).code())
                .isEqualTo(FailureCode.TOO_MANY_CONNECTIONS);
    }

    @ParameterizedTest
    @EnumSource
    void forbiddenHostIsNeverConnectedTo(Kind kind) {
        var connections = new AtomicInteger();
        try (var server = FakeServer.start((_, _) -> connections.incrementAndGet())) {
            var access =
                    new ServerAccess(
                            new ServerAddress("127.0.0.1", server.port()),
                            new Credential("user", "a-password"),
                            properties(600),
                            new HostRule(List.of("*.example.org")));
            var failure =
                    catchThrowableOfType(
                            SourceException.class, () -> kind.opening.apply(access).close());

            assertThat(failure.code()).isEqualTo(FailureCode.HOST_FORBIDDEN);
            assertThat(connections).hasValue(0);
        }
    }

    /// An attacker between client and server could read it.
    @ParameterizedTest
    @EnumSource
    void passwordIsNotSaidAsItIsWithoutTls(Kind kind) {
        List<byte[]> answers = new CopyOnWriteArrayList<>();
        Conversation asking =
                (in, out) -> {
                    out.write(FakeMySql.greeting());
                    answers.add(FakeMySql.read(in));
                    out.write(FakeMySql.switchTo(2, "mysql_clear_password"));
                    answers.add(FakeMySql.read(in));
                };

        var failure = connect(kind, asking, 20_000);

        assertThat(failure.code()).isEqualTo(FailureCode.TLS_REQUIRED);
        assertThat(failure).hasMessageContaining("mysql_clear_password");
        assertThat(answers)
                .allSatisfy(
                        answer ->
                                assertThat(new String(answer, StandardCharsets.ISO_8859_1))
                                        .doesNotContain("a-password"));
    }

    private static SourceException connect(Kind kind, Conversation conversation) {
        return connect(kind, conversation, TIMEOUT.toMillis());
    }

    private static SourceException connect(Kind kind, Conversation conversation, long millis) {
        try (var server = FakeServer.start(conversation)) {
            var access =
                    new ServerAccess(
                            new ServerAddress("127.0.0.1", server.port()),
                            new Credential("user", "a-password"),
                            properties(millis));
            long start = System.nanoTime();
            var failure =
                    catchThrowableOfType(
                            SourceException.class, () -> kind.opening.apply(access).close());

            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(Duration.ofMillis(millis + 1_000));
            return failure;
        }
    }

    private static ConnectionProperties properties(long connectMillis) {
        return new ConnectionProperties(
                Duration.ofMillis(connectMillis),
                Duration.ofSeconds(3),
                TlsMode.PREFERRED,
                null,
                "");
    }
}
