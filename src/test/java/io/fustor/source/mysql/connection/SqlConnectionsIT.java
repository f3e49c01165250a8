package io.fustor.source.mysql.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.mysql.cj.NativeSession;
import com.mysql.cj.jdbc.JdbcConnection;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.support.TestMySql;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqlConnectionsIT {

    private static final String CAPTURE = TestMySql.CAPTURE.user();
    private static final String PASSWORD = TestMySql.CAPTURE.password();

    private final TestMySql mysql = TestMySql.shared();

    @Test
    void logsInOverTlsWhereTheServerOffersIt() throws SQLException {
        try (var connection = SqlConnections.open(access(TlsMode.PREFERRED))) {
            assertThat(query(connection, "SHOW SESSION STATUS LIKE 'Ssl_version'"))
                    .startsWith("TLSv1");
        }
    }

    @Test
    void logsInWithoutTls() throws SQLException {
        try (var connection = SqlConnections.open(access(TlsMode.DISABLED))) {
            assertThat(query(connection, "SHOW SESSION STATUS LIKE 'Ssl_version'")).isEmpty();
        }
    }

    @Test
    void setsTheSessionToUtc() throws SQLException {
        try (var connection = SqlConnections.open(access(TlsMode.PREFERRED))) {
            assertThat(query(connection, "SELECT 'zone', @@session.time_zone")).isEqualTo("+00:00");
            assertThat(connection.getAutoCommit()).isTrue();
        }
    }

    @Test
    void waitsForAnswersAsLongAsTheReadTimeout() throws SQLException {
        try (var connection = SqlConnections.open(access(TlsMode.DISABLED))) {
            assertThat(connection.getNetworkTimeout()).isEqualTo(4_000);
        }
    }

    @Test
    void namesADeniedUserWithoutThePassword() {
        var failure =
                failureOf(
                        () ->
                                SqlConnections.open(
                                        new ServerAccess(
                                                address(),
                                                new Credential(CAPTURE, "not-the-password"),
                                                properties(TlsMode.PREFERRED, null))));

        assertThat(failure.code()).isEqualTo(FailureCode.ACCESS_DENIED);
        assertThat(failure).hasMessageContaining("'" + CAPTURE + "'@'");
        assertThat(failure.getMessage()).doesNotContain("not-the-password");
    }

    @Test
    void doesNotTrustAStrangersCertificate() {
        var failure = failureOf(() -> SqlConnections.open(access(TlsMode.VERIFY_CA)));

        assertThat(failure.code()).isEqualTo(FailureCode.TLS_FAILED);
        assertThat(failure).hasMessageContaining("verify-ca");
    }

    @Test
    void trustsTheCertificatesOfItsTrustStore(@TempDir Path folder) throws Exception {
        var pem = Files.writeString(folder.resolve("trusted.pem"), serversCertificates());
        var access =
                new ServerAccess(
                        address(),
                        new Credential(CAPTURE, PASSWORD),
                        properties(TlsMode.VERIFY_CA, pem));

        try (var connection = SqlConnections.open(access)) {
            assertThat(query(connection, "SHOW SESSION STATUS LIKE 'Ssl_version'"))
                    .startsWith("TLSv1");
        }
    }

    @Test
    void checksTheHostsNameWhereAsked(@TempDir Path folder) throws Exception {
        var pem = Files.writeString(folder.resolve("trusted.pem"), serversCertificates());
        var access =
                new ServerAccess(
                        address(),
                        new Credential(CAPTURE, PASSWORD),
                        properties(TlsMode.VERIFY_IDENTITY, pem));

        assertThat(failureOf(() -> SqlConnections.open(access)).code())
                .isEqualTo(FailureCode.TLS_FAILED);
    }

    @Test
    void namesATrustStoreThatItCannotRead(@TempDir Path folder) {
        var missing = folder.resolve("missing.pem");
        var access =
                new ServerAccess(
                        address(),
                        new Credential(CAPTURE, PASSWORD),
                        properties(TlsMode.VERIFY_CA, missing));

        assertThat(failureOf(() -> SqlConnections.open(access)))
                .hasMessageContaining(missing.toString());
    }

    @Test
    void namesAMissingPrivilege() throws SQLException {
        var access = access(TestMySql.UNPRIVILEGED);
        try (var connection = SqlConnections.open(access)) {
            var e =
                    catchThrowableOfType(
                            SQLException.class, () -> query(connection, "SHOW BINARY LOGS"));

            assertThat(SqlErrors.translate(e, access).code())
                    .isEqualTo(FailureCode.PRIVILEGE_MISSING);
        }
    }

    @Test
    void keepsAStatementThatTheServerCannotParseToItself() throws SQLException {
        var access = access(TlsMode.PREFERRED);
        try (var connection = SqlConnections.open(access)) {
            var e =
                    catchThrowableOfType(
                            SQLException.class, () -> query(connection, "SELECT 'a-secret' FRM x"));

            var failure = SqlErrors.translate(e, access);
            assertThat(failure.code()).isEqualTo(FailureCode.SERVER_ERROR);
            assertThat(failure.getMessage()).contains("1064").doesNotContain("a-secret");
        }
    }

    @Test
    void tellsAStalledServerFromALostConnection() throws SQLException {
        try (var own = TestMySql.start()) {
            var access =
                    new ServerAccess(
                            ServerAddress.parse(own.uri()),
                            new Credential(CAPTURE, PASSWORD),
                            properties(TlsMode.DISABLED, null));
            try (var connection = SqlConnections.open(access)) {
                own.freeze();
                var stalled =
                        catchThrowableOfType(
                                SQLException.class, () -> query(connection, "SELECT 1, 1"));
                own.thaw();

                assertThat(SqlErrors.translate(stalled, access).code())
                        .isEqualTo(FailureCode.SERVER_STALLED);
            }
            try (var connection = SqlConnections.open(access)) {
                own.kill();
                var lost =
                        catchThrowableOfType(
                                SQLException.class, () -> query(connection, "SELECT 1, 1"));

                assertThat(SqlErrors.translate(lost, access).code())
                        .isEqualTo(FailureCode.CONNECTION_LOST);
            }
        }
    }

    @Test
    void saysThatTheServerWantsEncryption() {
        try (var own = TestMySql.start("--require-secure-transport=ON")) {
            var access =
                    new ServerAccess(
                            ServerAddress.parse(own.uri()),
                            new Credential(CAPTURE, PASSWORD),
                            properties(TlsMode.DISABLED, null));

            assertThat(failureOf(() -> SqlConnections.open(access)).code())
                    .isEqualTo(FailureCode.TLS_REQUIRED);
        }
    }

    private String serversCertificates() throws Exception {
        try (var connection = SqlConnections.open(access(TlsMode.REQUIRED))) {
            var session = (NativeSession) connection.unwrap(JdbcConnection.class).getSession();
            var socket = session.getProtocol().getSocketConnection().getMysqlSocket();
            var pem = new StringBuilder();
            for (var certificate : ((SSLSocket) socket).getSession().getPeerCertificates()) {
                pem.append("-----BEGIN CERTIFICATE-----\n")
                        .append(Base64.getMimeEncoder().encodeToString(certificate.getEncoded()))
                        .append("\n-----END CERTIFICATE-----\n");
            }
            return pem.toString();
        }
    }

    private ServerAccess access(TlsMode tls) {
        return new ServerAccess(
                address(), new Credential(CAPTURE, PASSWORD), properties(tls, null));
    }

    private ServerAccess access(TestMySql.Login login) {
        return new ServerAccess(
                address(),
                new Credential(login.user(), login.password()),
                properties(TlsMode.PREFERRED, null));
    }

    private ServerAddress address() {
        return ServerAddress.parse(mysql.uri());
    }

    private static ConnectionProperties properties(TlsMode tls, Path trustStore) {
        return new ConnectionProperties(
                Duration.ofSeconds(5), Duration.ofSeconds(4), tls, trustStore, "");
    }

    private static String query(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(2);
        }
    }

    private static SourceException failureOf(Supplier<?> attempt) {
        return catchThrowableOfType(SourceException.class, attempt::get);
    }
}
