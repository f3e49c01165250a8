package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Certificates;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.Nginx;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The service after `deploy/nginx-tls.conf`, run by Debian's nginx: TLS, HTTP/2, and callers who
/// bring their own credentials.
class NginxTlsIT {

    private static final String SECRET = "a-secret-of-an-administrator";
    private static final TestMySql MYSQL = TestMySql.shared();

    private static LocalService service;
    private static Nginx nginx;
    private static HttpClient http;

    private static String authority;

    @BeforeAll
    static void start() throws GeneralSecurityException, IOException {
        MYSQL.execute("CREATE DATABASE nginx_tls", "CREATE TABLE nginx_tls.t (id INT PRIMARY KEY)");
        service =
                LocalService.start(
                        Map.of(
                                "fustor.security.tokens",
                                "ops:admin:" + SECRET,
                                "server.address",
                                "127.0.0.1",
                                "server.forward-headers-strategy",
                                "native"));
        var direct = URI.create("http://127.0.0.1:" + service.port());
        new ServiceApi(direct).as(SECRET).addSource("tls", MYSQL);
        nginx = Nginx.start(NginxTlsIT::site);
        http = HttpClient.newBuilder().version(Version.HTTP_2).sslContext(trust(authority)).build();
    }

    @AfterAll
    static void stop() {
        http.shutdownNow();
        nginx.close();
        service.close();
        MYSQL.execute("DROP DATABASE nginx_tls");
    }

    private static String site(Path folder, int port) throws IOException {
        var made = Certificates.in(Files.createDirectories(folder.resolve("keys")));
        authority = made.authority();
        var text = Files.readString(Path.of("deploy/nginx-tls.conf"));
        text = replaced(text, "server 127.0.0.1:8080;", "server 127.0.0.1:" + service.port() + ";");
        text = replaced(text, "listen 443 ssl", "listen 127.0.0.1:" + port + " ssl");
        text = replaced(text, "/etc/nginx/tls/feed.crt", write(folder, "crt", made.certificate()));
        return replaced(text, "/etc/nginx/tls/feed.key", write(folder, "key", made.key()));
    }

    private static String write(Path folder, String name, String pem) throws IOException {
        return Files.writeString(folder.resolve(name), pem).toString();
    }

    private static String replaced(String text, String what, String by) {
        assertThat(text).containsOnlyOnce(what);
        return text.replace(what, by);
    }

    private static SSLContext trust(String pem) throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        var bytes = new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
        store.setCertificateEntry(
                "authority", CertificateFactory.getInstance("X.509").generateCertificate(bytes));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static HttpRequest.Builder request(String path) {
        var base = URI.create("https://localhost:" + nginx.port());
        return HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofSeconds(60));
    }

    /// One small event, which a proxy that buffers would keep, on one of two streams of a
    /// connection.
    @Test
    void streamsShareAConnectionAndEventsArriveAtOnce() throws Exception {
        try (var first = stream().body();
                var second = stream().body()) {
            var lines = first.iterator();
            awaitLine(lines, "id:");
            awaitLine(second.iterator(), "id:");
            MYSQL.execute("INSERT INTO nginx_tls.t VALUES (7)");
            assertThat(awaitLine(lines, "data:")).contains("\"id\":7");
        }
    }

    private static HttpResponse<Stream<String>> stream() throws Exception {
        var feed = request("/api/sources/tls/events?tables=nginx_tls.t");
        var answer =
                http.send(
                        feed.header("Accept", "text/event-stream")
                                .header("Authorization", "Bearer " + SECRET)
                                .build(),
                        BodyHandlers.ofLines());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.version()).isEqualTo(Version.HTTP_2);
        return answer;
    }

    private static String awaitLine(Iterator<String> lines, String start) {
        while (lines.hasNext()) {
            var line = lines.next();
            if (line.startsWith(start)) {
                return line;
            }
        }
        throw new AssertionError("the stream ended before " + start);
    }

    @Test
    void aCallerWithoutATokenIsRefusedAndASessionIsSecure() throws Exception {
        var sources = request("/api/sources").build();
        assertThat(http.send(sources, BodyHandlers.ofString()).statusCode()).isEqualTo(401);

        var session =
                request("/api/session")
                        .header("Authorization", "Bearer " + SECRET)
                        .header("Origin", "https://localhost:" + nginx.port())
                        .POST(BodyPublishers.noBody())
                        .build();
        var opened = http.send(session, BodyHandlers.ofString());
        assertThat(opened.statusCode()).as(opened.body()).isEqualTo(200);
        assertThat(opened.headers().firstValue("Set-Cookie").orElseThrow())
                .contains("Secure", "HttpOnly", "SameSite=Strict");
    }
}
