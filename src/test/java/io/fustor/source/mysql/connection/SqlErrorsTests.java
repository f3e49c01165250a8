package io.fustor.source.mysql.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What stands at the other end where no MySQL server does, and the server's error numbers.
class SqlErrorsTests {

    @Test
    void saysThatNothingListens() throws IOException {
        int closed;
        try (var socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }

        assertThat(connect("127.0.0.1", closed).code()).isEqualTo(FailureCode.CONNECTION_REFUSED);
    }

    @Test
    void saysThatAHostIsUnknown() {
        var failure = connect("no-such-host.invalid", 3306);

        assertThat(failure.code()).isEqualTo(FailureCode.HOST_UNKNOWN);
        assertThat(failure).hasMessageContaining("no-such-host.invalid");
    }

    @Test
    void saysThatAnotherProtocolAnswers() throws IOException {
        assertThat(connectTo("SSH-2.0-OpenSSH_9.2\r\n", Keep.OPEN).code())
                .isEqualTo(FailureCode.NOT_MYSQL);
        assertThat(connectTo("HTTP/1.1 400 Bad Request\r\n\r\n", Keep.CLOSED).code())
                .isEqualTo(FailureCode.NOT_MYSQL);
        assertThat(connectTo("\5\0\0\0\13\10\5\32\0", Keep.OPEN).code())
                .isEqualTo(FailureCode.NOT_MYSQL);
    }

    @Test
    void saysThatTheServerDoesNotAnswerInTime() throws IOException {
        var failure = connectTo("", Keep.OPEN);

        assertThat(failure.code()).isEqualTo(FailureCode.CONNECT_TIMEOUT);
        assertThat(failure).hasMessageContaining("0.3 s");
    }

    @Test
    void saysThatTheConnectionWasClosedBeforeTheGreeting() throws IOException {
        assertThat(connectTo("", Keep.CLOSED).code()).isEqualTo(FailureCode.CONNECTION_LOST);
    }

    @Test
    void acceptsEveryFormOfAnAddress() {
        assertThat(connect("::1", 1).code()).isEqualTo(FailureCode.CONNECTION_REFUSED);
        assertThat(connect("fe80::1%lo", 1).code())
                .isIn(
                        FailureCode.CONNECTION_REFUSED,
                        FailureCode.CONNECT_TIMEOUT,
                        FailureCode.HOST_UNKNOWN);
        assertThat(connect("my_db.invalid", 3306).code()).isEqualTo(FailureCode.HOST_UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource({
        "1045, ACCESS_DENIED",
        "1130, ACCESS_DENIED",
        "1251, ACCESS_DENIED",
        "1524, ACCESS_DENIED",
        "1698, ACCESS_DENIED",
        "1820, ACCESS_DENIED",
        "1862, ACCESS_DENIED",
        "3118, ACCESS_DENIED",
        "3955, ACCESS_DENIED",
        "4151, ACCESS_DENIED",
        "1044, PRIVILEGE_MISSING",
        "1142, PRIVILEGE_MISSING",
        "1143, PRIVILEGE_MISSING",
        "1227, PRIVILEGE_MISSING",
        "1370, PRIVILEGE_MISSING",
        "1040, TOO_MANY_CONNECTIONS",
        "1203, TOO_MANY_CONNECTIONS",
        "1226, TOO_MANY_CONNECTIONS",
        "1129, HOST_BLOCKED",
        "3159, TLS_REQUIRED",
        "1205, TABLE_LOCKED",
        "3572, TABLE_LOCKED",
        "1053, CONNECTION_LOST",
        "1152, CONNECTION_LOST",
        "1158, CONNECTION_LOST",
        "1159, CONNECTION_LOST",
        "1160, CONNECTION_LOST",
        "1161, CONNECTION_LOST",
        "1927, CONNECTION_LOST",
        "3169, CONNECTION_LOST",
        "4031, CONNECTION_LOST",
        "1236, SERVER_ERROR",
        "1290, SERVER_ERROR"
    })
    void knowsTheServersErrorNumbers(int number, FailureCode code) {
        var e = new SQLException("the server's words", "HY000", number);

        assertThat(SqlErrors.translate(e, access("127.0.0.1", 3306)).code()).isEqualTo(code);
        assertThat(SqlErrors.whileConnecting(e, access("127.0.0.1", 3306)).code()).isEqualTo(code);
    }

    private enum Keep {
        OPEN,
        CLOSED
    }

    private static SourceException connectTo(String greeting, Keep keep) throws IOException {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.startVirtualThread(
                    () -> {
                        try {
                            var socket = server.accept();
                            socket.getOutputStream()
                                    .write(greeting.getBytes(StandardCharsets.ISO_8859_1));
                            if (keep == Keep.CLOSED) {
                                socket.close();
                            }
                        } catch (IOException _) {
                            // the client's failure is what the test looks at
                        }
                    });
            return connect("127.0.0.1", server.getLocalPort());
        }
    }

    private static SourceException connect(String host, int port) {
        return catchThrowableOfType(
                SourceException.class, () -> SqlConnections.open(access(host, port)));
    }

    private static ServerAccess access(String host, int port) {
        return new ServerAccess(
                new ServerAddress(host, port),
                new Credential("user", "a-password"),
                new ConnectionProperties(
                        Duration.ofMillis(300),
                        Duration.ofSeconds(3),
                        TlsMode.PREFERRED,
                        null,
                        ""));
    }
}
