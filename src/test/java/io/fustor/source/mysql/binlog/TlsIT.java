package io.fustor.source.mysql.binlog;

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
import io.fustor.source.mysql.snapshot.RowStream;
import io.fustor.source.mysql.support.Certificates;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// TLS in every mode and on every kind of connection. The server accepts TLS 1.3 only. Its
/// certificate, from the test's own authority, is valid for `localhost` and not for `127.0.0.1`.
class TlsIT {

    @TempDir private static Path folder;
    private static Path trusted;
    private static Path stranger;
    private static TestMySql mysql;

    @BeforeAll
    static void start() throws IOException {
        var certificates = Certificates.in(folder);
        trusted = Files.writeString(folder.resolve("trusted.pem"), certificates.authority());
        stranger = Files.writeString(folder.resolve("stranger.pem"), certificates.stranger());
        mysql = TestMySql.start("--secure-file-priv=");
        certificates.install(mysql);
        mysql.execute(
                "CREATE DATABASE tls",
                "CREATE TABLE tls.t (id INT PRIMARY KEY)",
                "INSERT INTO tls.t VALUES (1)",
                "CREATE USER 'tls_only'@'%' IDENTIFIED BY 'tls-only-of-tests' REQUIRE SSL",
                "GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'tls_only'@'%'");
    }

    @AfterAll
    static void stop() {
        mysql.close();
    }

    @ParameterizedTest
    @EnumSource(TlsMode.class)
    void everyModeServesQuestionsSnapshotsAndTheBinlog(TlsMode mode) throws SQLException {
        var access = access("localhost", mode, trusted);

        try (var connection = SqlConnections.open(access)) {
            assertThat(tlsVersion(connection)).isEqualTo(mode == TlsMode.DISABLED ? "" : "TLSv1.3");
            assertThat(rows(connection, access)).isEqualTo(1);
        }
        assertThat(ReplicationProof.readOneEvent(access, Duration.ofSeconds(10)))
                .startsWith("binlog");
    }

    /// The host is another than the certificate's; only one mode minds.
    @ParameterizedTest
    @CsvSource({"PREFERRED, true", "REQUIRED, true", "VERIFY_CA, true", "VERIFY_IDENTITY, false"})
    void onlyVerifyIdentityMindsTheHostsName(TlsMode mode, boolean isServed) throws SQLException {
        var access = access("127.0.0.1", mode, trusted);

        if (isServed) {
            SqlConnections.open(access).close();
            ReplicationConnection.open(access).close();
        } else {
            assertRefused(access);
        }
    }

    /// Neither of the verifying modes trusts an authority that it was not told of.
    @ParameterizedTest
    @EnumSource(
            value = TlsMode.class,
            names = {"VERIFY_CA", "VERIFY_IDENTITY"})
    void verifyingModesRefuseAStrangersCertificate(TlsMode mode) {
        assertRefused(access("localhost", mode, stranger));
        assertRefused(access("localhost", mode, null));
    }

    /// Its user may not log in without TLS.
    @Test
    void aSourceIsServedOverVerifiedTls() {
        try (var service = LocalService.start(configuration())) {
            var uri = URI.create("http://127.0.0.1:" + service.port() + "/api/sources/shop/events");
            try (var feed = FeedRequest.to(uri).with("snapshot", "initial").open()) {
                assertThat(feed.change().table()).isEqualTo("tls.t");
                mysql.execute("INSERT INTO tls.t VALUES (2)");
                assertThat(feed.change().table()).isEqualTo("tls.t");
            }
        }
    }

    private static Map<String, String> configuration() {
        return Map.of(
                "fustor.mysql.tls", "verify-identity",
                "fustor.mysql.trust-store", trusted.toString(),
                "fustor.sources.shop.uri", "localhost:" + mysql.port(),
                "fustor.sources.shop.credential.user", "tls_only",
                "fustor.sources.shop.credential.passwd", "tls-only-of-tests");
    }

    /// Both kinds of connections say the same.
    private static void assertRefused(ServerAccess access) {
        for (Runnable attempt :
                List.<Runnable>of(
                        () -> SqlConnections.open(access),
                        () -> ReplicationConnection.open(access))) {
            var failure = catchThrowableOfType(SourceException.class, attempt::run);
            assertThat(failure.code()).isEqualTo(FailureCode.TLS_FAILED);
            assertThat(failure)
                    .hasMessageContaining(access.address().toString())
                    .hasMessageContaining("verify-");
        }
    }

    private static ServerAccess access(String host, TlsMode mode, @Nullable Path trustStore) {
        return new ServerAccess(
                new ServerAddress(host, mysql.port()),
                new Credential(TestMySql.CAPTURE.user(), TestMySql.CAPTURE.password()),
                new ConnectionProperties(
                        Duration.ofSeconds(10), Duration.ofSeconds(10), mode, trustStore, ""));
    }

    private static String tlsVersion(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SHOW SESSION STATUS LIKE 'Ssl_version'")) {
            rows.next();
            return rows.getString(2);
        }
    }

    private static int rows(Connection connection, ServerAccess access) {
        int count = 0;
        try (var rows = RowStream.open(connection, access, "SELECT id FROM tls.t WHERE id = 1")) {
            while (!rows.isOver()) {
                count += rows.next() ? 1 : 0;
            }
        }
        return count;
    }
}
