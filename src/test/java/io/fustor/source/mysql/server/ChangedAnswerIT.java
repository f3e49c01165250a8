package io.fustor.source.mysql.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.connection.ConnectionProperties;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.connection.TlsMode;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.support.Fault;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A byte that the network changes in an answer of the server.
class ChangedAnswerIT {

    /// Bytes after the uuid, up to the answer's end: the packet that ends it, and the last digits
    /// of the GTID set.
    private static final int AFTER_THE_UUID = 16;

    private static final int SEVENTH_BIT = 0x40;

    @Test
    void answerThatCannotBeReadEndsTheConnectionAndIsAskedForAgain() {
        TestMySql mysql = TestMySql.shared();
        mysql.execute("CREATE DATABASE IF NOT EXISTS changed_answer");
        try (TcpProxy proxy = TcpProxy.to(mysql);
                MySqlServer server = new MySqlServer(access(proxy))) {
            for (int i = 0; i < 10; i++) {
                BinlogStatus right = server.status();
                long length = lengthOfAnswer(proxy, server);
                proxy.inject(
                        new Fault.Corrupt(
                                Fault.Way.TO_CLIENT, length - AFTER_THE_UUID - i, SEVENTH_BIT));

                assertThatThrownBy(server::status)
                        .isInstanceOfSatisfying(
                                SourceException.class,
                                e -> assertThat(e.code()).isEqualTo(FailureCode.CONNECTION_LOST));
                assertThat(server.status()).isEqualTo(right);
            }
        }
    }

    private static long lengthOfAnswer(TcpProxy proxy, MySqlServer server) {
        long before = proxy.passed(Fault.Way.TO_CLIENT);
        server.status();
        return proxy.passed(Fault.Way.TO_CLIENT) - before;
    }

    private static ServerAccess access(TcpProxy proxy) {
        return new ServerAccess(
                ServerAddress.parse(proxy.uri()),
                new Credential(TestMySql.CAPTURE.user(), TestMySql.CAPTURE.password()),
                new ConnectionProperties(
                        Duration.ofSeconds(5), Duration.ofSeconds(5), TlsMode.DISABLED, null, ""));
    }
}
