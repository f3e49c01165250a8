package io.fustor.source.mysql.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.connection.ConnectionProperties;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.connection.SqlConnections;
import io.fustor.source.mysql.connection.TlsMode;
import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.support.Fault;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Connections that are cut while they are made, in the greeting, the handshake of TLS, the login
/// and what is asked then: each is worth another attempt, for the server may just restart.
class CutLoginIT {

    private interface Opening {
        AutoCloseable open(ServerAccess access) throws Exception;
    }

    @ParameterizedTest
    @EnumSource(names = {"DISABLED", "PREFERRED"})
    void replicationConnectionIsTriedAgain(TlsMode tls) throws Exception {
        cutEverywhere(tls, ReplicationConnection::open);
    }

    @ParameterizedTest
    @EnumSource(names = {"DISABLED", "PREFERRED"})
    void connectionForQuestionsIsTriedAgain(TlsMode tls) throws Exception {
        cutEverywhere(tls, SqlConnections::open);
    }

    /// Cuts further and further on, until the connection is made before the cut.
    private static void cutEverywhere(TlsMode tls, Opening opening) throws Exception {
        try (TcpProxy proxy = TcpProxy.to(TestMySql.shared())) {
            ServerAccess access = access(proxy, tls);
            for (int bytes = 0; ; bytes += 1 + bytes / 8) {
                proxy.injectNext(new Fault.Cut(Fault.Way.TO_CLIENT, bytes, bytes % 2 == 0));
                try (AutoCloseable _ = opening.open(access)) {
                    assertThat(bytes).isGreaterThan(100);
                    return;
                } catch (SourceException e) {
                    assertThat(e.recovery())
                            .as("after %d bytes: %s %s", bytes, e.code(), e.getMessage())
                            .isEqualTo(Recovery.RETRY);
                }
            }
        }
    }

    private static ServerAccess access(TcpProxy proxy, TlsMode tls) {
        return new ServerAccess(
                ServerAddress.parse(proxy.uri()),
                new Credential(TestMySql.CAPTURE.user(), TestMySql.CAPTURE.password()),
                new ConnectionProperties(
                        Duration.ofSeconds(5), Duration.ofSeconds(5), tls, null, ""));
    }
}
