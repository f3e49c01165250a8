package io.fustor.source.mysql.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.shyiko.mysql.binlog.network.AuthenticationException;
import com.github.shyiko.mysql.binlog.network.ServerException;
import io.fustor.source.mysql.connection.ConnectionProperties;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.connection.ServerErrors;
import io.fustor.source.mysql.connection.SqlErrors;
import io.fustor.source.mysql.connection.TlsMode;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.SourceException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// That an error of a server is the same failure whichever connection it came on.
class ServerErrorsTests {

    /// The manual's numbers end before 14000; MySQL and MariaDB give no other to a client.
    private static final int NUMBERS = 20_000;

    private static final String STATE = "HY000";
    private static final String WORDS = "the server's words";
    private static final ServerAccess ACCESS =
            new ServerAccess(
                    new ServerAddress("db.example.org", 3306),
                    new Credential("user", "a-password"),
                    new ConnectionProperties(
                            Duration.ofSeconds(1),
                            Duration.ofSeconds(3),
                            TlsMode.DISABLED,
                            null,
                            ""));

    @Test
    void everyNumberIsTheSameFailureOnEveryConnection() {
        IntStream.range(1, NUMBERS)
                .forEach(
                        number -> {
                            var overSql = SqlErrors.translate(sql(number), ACCESS);
                            assertThat(overSql.code()).isEqualTo(ServerErrors.code(number));
                            assertThat(elsewhere(number))
                                    .as("error %d", number)
                                    .allSatisfy(
                                            failure -> {
                                                assertThat(failure.code())
                                                        .isEqualTo(overSql.code());
                                                assertThat(failure)
                                                        .hasMessage(overSql.getMessage());
                                            });
                        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1820, 1862, 3118, 3955, 4151})
    void aLockedAccountAndAnExpiredPasswordStopASourceAtTheReplicationLogin(int number) {
        var failure =
                NetworkErrors.translate(new AuthenticationException(WORDS, number, STATE), ACCESS);

        assertThat(failure.code()).isEqualTo(FailureCode.ACCESS_DENIED);
        assertThat(failure.recovery()).isEqualTo(Recovery.STOP);
        assertThat(failure).hasMessage("db.example.org:3306 denied access: " + WORDS);
    }

    private static Stream<SourceException> elsewhere(int number) {
        IOException login = new AuthenticationException(WORDS, number, STATE);
        IOException dump = new ServerException(WORDS, number, STATE);
        return Stream.of(
                SqlErrors.whileConnecting(sql(number), ACCESS),
                NetworkErrors.translate(login, ACCESS),
                NetworkErrors.translate(dump, ACCESS));
    }

    private static SQLException sql(int number) {
        return new SQLException(WORDS, STATE, number);
    }
}
