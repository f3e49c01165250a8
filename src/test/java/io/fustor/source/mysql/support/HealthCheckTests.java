package io.fustor.source.mysql.support;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;

/// The image's health check: what it makes of the address that the service gives it.
class HealthCheckTests {

    private static final String PATH = "/actuator/health/liveness";

    @TempDir Path folder;
    private HttpServer server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(0);
        }
    }

    private String serve(HttpServer made, int status) throws IOException {
        server = made;
        server.createContext("/", exchange -> exchange.sendResponseHeaders(404, -1));
        server.createContext(PATH, exchange -> exchange.sendResponseHeaders(status, -1));
        server.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.start();
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private Command check(String address) throws IOException {
        var file = folder.resolve("health");
        Files.writeString(file, address + "\n");
        return check(file);
    }

    private static Command check(Path file) {
        return Command.run(
                List.of("bash", "src/image/health.sh", file.toString()),
                Map.of(),
                Path.of("/dev/null"));
    }

    private HttpsServer tls() throws IOException {
        var certificates = Certificates.in(folder);
        var store =
                PemSslStoreDetails.forCertificate(certificates.certificate())
                        .withPrivateKey(certificates.key());
        var made = HttpsServer.create();
        made.setHttpsConfigurator(
                new HttpsConfigurator(
                        SslBundle.of(new PemSslStoreBundle(store, null)).createSslContext()));
        return made;
    }

    @Test
    void aServiceThatAnswersIsHealthy() throws IOException {
        var check = check("http://" + serve(HttpServer.create(), 200) + PATH);

        assertThat(check.succeeded()).as(check.output()).isTrue();
    }

    @Test
    void aServiceThatAnswersOverTlsIsHealthy() throws IOException {
        var check = check("https://" + serve(tls(), 200) + PATH);

        assertThat(check.succeeded()).as(check.output()).isTrue();
    }

    @Test
    void aServiceThatSaysItIsDownIsNot() throws IOException {
        var check = check("http://" + serve(HttpServer.create(), 503) + PATH);

        assertThat(check.succeeded()).isFalse();
        assertThat(check.output()).contains("503");
    }

    @Test
    void aServiceThatSaysSoOverTlsIsNot() throws IOException {
        var check = check("https://" + serve(tls(), 503) + PATH);

        assertThat(check.succeeded()).isFalse();
        assertThat(check.output()).contains("503");
    }

    @Test
    void aServiceThatIsNotThereIsNot() throws IOException {
        int port = FreePort.choose();

        assertThat(check("http://127.0.0.1:" + port + PATH).succeeded()).isFalse();
        assertThat(check("https://127.0.0.1:" + port + PATH).succeeded()).isFalse();
    }

    @Test
    void aServiceThatIsNotReadyYetIsNot() throws IOException {
        assertThat(check(folder.resolve("none")).succeeded()).isFalse();
        assertThat(check("nonsense").output()).contains("holds no address");
    }
}
