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

    /// As a server does whose patience with a slow client is over, in mid-login or later.
    @Test
    void errorThatEndsAConnectionUnaskedIsNoHostileServer() {
        String words = "Got timeout reading communication packets";
        var failure =
                failure(
                        (in, out) -> {
                            var ahead = new ByteArrayOutputStream();
                            ahead.writeBytes(FakeMySql.greeting());
                            ahead.writeBytes(FakeMySql.errorAsGreeting(1159, "#08S01" + words));
                            out.write(ahead.toByteArray());
                            FakeMySql.stall();
                        });

        assertThat(failure.code()).isEqualTo(FailureCode.CONNECTION_LOST);
        assertThat(failure).hasMessageEndingWith("was ended: " + words);
    }

    @Test
    void emptyPacketThatWasNotRequestedIsRefused() {
        assertRefused(
                (in, out) -> {
                    var ahead = new ByteArrayOutputStream();
                    ahead.writeBytes(FakeMySql.greeting());
                    ahead.writeBytes(FakeMySql.packet(1, new byte[0]));
                    out.write(ahead.toByteArray());
                    FakeMySql.stall();
                });
    }

    private static void assertRefused(Conversation conversation) {
        var failure = failure(conversation);
        assertThat(failure.code()).isEqualTo(FailureCode.ANSWER_REFUSED);
        assertThat(failure).hasMessageContaining("was not requested");
    }

    private static SourceException failure(Conversation conversation) {
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
            return catchThrowableOfType(
                    SourceException.class, () -> SqlConnections.open(access).close());
        }
    }
}
