package io.fustor.source.mysql.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.support.FakeMySql;
import io.fustor.source.mysql.support.FakeServer;
import io.fustor.source.mysql.support.FakeServer.Conversation;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Packets that a server sends before they are asked for, which a driver reads ahead.
class AnswerFramesTests {

    /// A count of columns that no array is long enough for.
    private static final byte[] COLUMNS = {(byte) 0xFE, 0, 0, 0, 0x70, 0, 0, 0, 0};

    @Test
    void answerThatComesWithTheGreetingIsRefused() {
        assertRefused(
                (in, out) -> {
                    var ahead = new ByteArrayOutputStream();
                    ahead.writeBytes(FakeMySql.greeting());
                    ahead.writeBytes(FakeMySql.ok(2));
                    ahead.writeBytes(FakeMySql.packet(1, COLUMNS));
                    out.write(ahead.toByteArray());
                    FakeMySql.stall();
                });
    }

    @Test
    void answerThatComesWithTheLoginsEndIsRefused() {
        assertRefused(
                (in, out) -> {
                    out.write(FakeMySql.greeting());
                    FakeMySql.read(in);
                    var ahead = new ByteArrayOutputStream();
                    ahead.writeBytes(FakeMySql.ok(2));
                    ahead.writeBytes(FakeMySql.packet(1, COLUMNS));
                    out.write(ahead.toByteArray());
                    FakeMySql.stall();
                });
    }

    @Test
    void loginsWithoutEndAreRefused() {
        assertRefused(
                (in, out) -> {
                    out.write(FakeMySql.greeting());
                    FakeMySql.read(in);
                    while (true) {
                        out.write(FakeMySql.switchTo(2, "mysql_native_password"));
                    }
                });
    }

    private static void assertRefused(Conversation conversation) {
        try (var server = FakeServer.start(conversation)) {
            var access =
                    new ServerAccess(
                            new ServerAddress("127.0.0.1", server.port()),
                            new Credential("user", "a-password"),
                            new ConnectionProperties(
                                    Duration.ofSeconds(20),
                                    Duration.ofSeconds(20),
                                    TlsMode.DISABLED,
                                    null,
                                    ""));
            var failure =
                    catchThrowableOfType(
                            SourceException.class, () -> SqlConnections.open(access).close());

            assertThat(failure.code()).isEqualTo(FailureCode.ANSWER_REFUSED);
            assertThat(failure).hasMessageContaining("was not requested");
        }
    }
}
