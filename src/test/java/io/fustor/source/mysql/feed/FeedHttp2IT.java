package io.fustor.source.mysql.feed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Certificates;
import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.Folder;
import io.fustor.source.mysql.support.Http2Client;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The same changes over HTTP/1.1 and HTTP/2, with and without TLS, whole and cut.
class FeedHttp2IT {

    private static final String SCHEMA = "feed_http2";
    private static final int CUTS = Integer.getInteger("http2.cuts", 20);

    private static final TestMySql MYSQL = TestMySql.shared();
    private static final Folder FOLDER = Folder.temporary("fustor-http2-");
    private static LocalService plain;
    private static LocalService secure;
    private static SSLContext tls;
    private static List<FeedRow> expected;
    private static String start;

    @BeforeAll
    static void start() throws Exception {
        Certificates certificates = Certificates.in(FOLDER.path());
        Path certificate = FOLDER.path().resolve("certificate.pem");
        Path key = FOLDER.path().resolve("key.pem");
        Files.writeString(certificate, certificates.certificate());
        Files.writeString(key, certificates.key());
        tls = trusting(certificates.authority());
        plain = LocalService.start(properties(Map.of()));
        secure =
                LocalService.start(
                        properties(
                                Map.of(
                                        "server.ssl.certificate", certificate.toString(),
                                        "server.ssl.certificate-private-key", key.toString())));
        long seed = System.nanoTime();
        System.out.println("FeedHttp2IT: seed " + seed);
        Traffic traffic = new Traffic(MYSQL, SCHEMA, seed);
        try (FeedClient client = feed().open()) {
            start = client.hello();
            traffic.run(2, 600, 100);
            traffic.end();
            expected = rest(client);
        }
        assertThat(expected).hasSizeGreaterThan(500);
    }

    private static Map<String, String> properties(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(more);
        all.put("server.address", "127.0.0.1");
        all.put("server.http2.enabled", "true");
        all.put("fustor.mysql.tls", "disabled");
        all.put("fustor.feed.heartbeat", "1s");
        all.put("fustor.sources.shop.uri", MYSQL.uri());
        all.put("fustor.sources.shop.credential.user", TestMySql.CAPTURE.user());
        all.put("fustor.sources.shop.credential.passwd", TestMySql.CAPTURE.password());
        return all;
    }

    private static SSLContext trusting(String authority) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null);
        byte[] pem = authority.getBytes(UTF_8);
        trusted.setCertificateEntry(
                "authority",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(pem)));
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    @AfterAll
    static void stop() {
        plain.close();
        secure.close();
        FOLDER.delete();
    }

    private static FeedRequest feed() {
        return FeedRequest.to(
                        URI.create("http://127.0.0.1:" + plain.port() + "/api/sources/shop/events"))
                .with("tables", SCHEMA + ".*");
    }

    private static List<FeedRow> rest(FeedClient client) {
        List<FeedRow> rows = new ArrayList<>();
        Traffic.readToTheEnd(client, rows);
        return rows;
    }

    private static Http2Client connection(boolean isSecure) {
        return isSecure
                ? Http2Client.connect(secure.port(), tls)
                : Http2Client.connect(plain.port());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bringsTheSameChanges(boolean isSecure) {
        try (Http2Client connection = connection(isSecure)) {
            List<FeedClient> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                FeedRequest request = feed().after(start).with("batch", i < 2 ? 1 : 500);
                clients.add((i % 2 == 0 ? request : request.ndjson()).open(connection));
            }
            for (FeedClient client : clients) {
                assertThat(client.header("connection")).isNull();
                FeedRow.assertSameSequence(expected, rest(client));
            }
        }
    }

    /// Streams are reset and connections cut at random rows, and resumed by their last id.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void resumesWhereItWasCut(boolean isSecure) {
        long seed = System.nanoTime();
        System.out.println("FeedHttp2IT: cuts by seed " + seed);
        Random random = new Random(seed);
        List<FeedRow> rows = new ArrayList<>();
        String token = start;
        Http2Client connection = connection(isSecure);
        for (int i = 0; i < CUTS; i++) {
            FeedRequest feed = i % 2 == 0 ? feed() : feed().ndjson();
            FeedClient client = feed.with("batch", 7).after(token).open(connection);
            int left = 1 + random.nextInt(expected.size() / CUTS / 2);
            while (left > 0) {
                List<FeedRow> next = client.change().flatten();
                rows.addAll(next);
                left -= next.size();
            }
            token = client.token();
            client.cut();
            if (i % 5 == 4) {
                connection.cut();
                connection = connection(isSecure);
            }
        }
        rows.addAll(rest(feed().after(token).open(connection)));
        connection.close();
        FeedRow.assertSameSequence(expected, rows);
    }

    /// The client of the JDK asks for HTTP/2 by an upgrade from HTTP/1.1, or by ALPN.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void ordinaryClientGetsTheSameBytes(boolean isSecure) throws Exception {
        try (HttpClient http = HttpClient.newBuilder().sslContext(tls).build()) {
            String one = read(http, request(isSecure, HttpClient.Version.HTTP_1_1));
            String two = read(http, request(isSecure, HttpClient.Version.HTTP_2));

            assertThat(two).isEqualTo(one);
        }
    }

    /// The lines of all changes.
    private static String read(HttpClient http, HttpRequest request) throws Exception {
        HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
        assertThat(response.version()).isEqualTo(request.version().orElseThrow());
        assertThat(response.statusCode()).isEqualTo(200);
        StringBuilder lines = new StringBuilder();
        try (BufferedReader body =
                new BufferedReader(new InputStreamReader(response.body(), UTF_8))) {
            for (int rows = 0; rows < expected.size(); ) {
                String line = body.readLine();
                if (line.contains("\"event_type\"")) {
                    lines.append(line).append('\n');
                    rows += ChangeEvent.parse(line).rows().size();
                }
            }
        }
        return lines.toString();
    }

    private static HttpRequest request(boolean isSecure, HttpClient.Version version) {
        String address =
                isSecure
                        ? "https://localhost:" + secure.port()
                        : "http://127.0.0.1:" + plain.port();
        return HttpRequest.newBuilder(
                        URI.create(
                                address
                                        + "/api/sources/shop/events?batch=100&tables="
                                        + SCHEMA
                                        + ".*"))
                .version(version)
                .header("Accept", "application/x-ndjson")
                .header("Last-Event-ID", start)
                .build();
    }

    /// Without a header `Host`, the client's host is that of `:authority`.
    @Test
    void pagesOfOtherSitesAreRefused() throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            String own = "http://127.0.0.1:" + plain.port();
            HttpRequest.Builder asked =
                    HttpRequest.newBuilder(URI.create(own + "/api/sources/shop"));
            // The upgrade is done with the first request; the others are HTTP/2 altogether.
            for (int i = 0; i < 2; i++) {
                assertThat(status(http, asked.copy().header("Origin", own))).isEqualTo(200);
                assertThat(status(http, asked.copy().header("Origin", "http://evil.example")))
                        .isEqualTo(403);
            }
        }
    }

    /// Tomcat would have to hold the body of a request that asks for the upgrade.
    @Test
    void largeBodyOfAFirstRequestIsTaken() throws Exception {
        String config =
                """
                {"config": {"driver": "mysql", "uri": "%s",
                            "credential": {"user": "u", "passwd": "p"}},
                 "discovered_fields": {"properties": {"large.t.c": {"type": "string",
                     "column_index": 0, "mysql_type": "text", "nullable": true,
                     "primary_key": null, "comment": "%s"}}}}"""
                        .formatted(MYSQL.uri(), "x".repeat(2_000_000));
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + plain.port() + "/api/configs/sources/large");
            HttpRequest.Builder asked =
                    HttpRequest.newBuilder(uri)
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(config));
            assertThat(status(http, asked)).isEqualTo(201);
            assertThat(status(http, HttpRequest.newBuilder(uri).DELETE())).isEqualTo(204);
        }
    }

    private static int status(HttpClient http, HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString()).statusCode();
    }

    @Test
    void problemsAreThoseOfHttp1() throws Exception {
        Function<String, FeedRequest> of = tables -> feed().with("tables", tables);
        try (Http2Client connection = connection(false)) {
            FeedClient refused = of.apply("a.b.c").send(connection);

            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.header("content-type")).startsWith("application/problem+json");
            assertThat(refused.problem()).isEqualTo(of.apply("a.b.c").send().problem());
            FeedClient unknown =
                    FeedRequest.to(feed().uri().resolve("/api/nothing")).send(connection);
            assertThat(unknown.status()).isEqualTo(404);
            assertThat(unknown.header("x-content-type-options")).isEqualTo("nosniff");
        } catch (UncheckedIOException e) {
            throw new AssertionError("the connection was closed", e);
        }
    }
}
