package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.LocalService;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// That pages of other sites make a visitor's browser start nothing, where no token is wanted.
class ForeignPagesIT {

    private static final String FEED = "/api/sources/none/events?snapshot=only";

    private static LocalService local;
    private static LocalService open;

    @BeforeAll
    static void start() {
        local = LocalService.start(Map.of("fustor.web.allowed-origins", "https://ui.example.org"));
        open =
                LocalService.start(
                        Map.of(
                                "fustor.security.open",
                                "true",
                                "fustor.web.allowed-hosts",
                                "fustor.example.org"));
    }

    @AfterAll
    static void stop() {
        local.close();
        open.close();
    }

    @ParameterizedTest
    @CsvSource({
        "Sec-Fetch-Site, cross-site",
        "Sec-Fetch-Site, same-site",
        "Sec-Fetch-Site, nonsense",
        "Origin, https://evil.example",
        "Origin, null",
        "Referer, http://evil.example/page"
    })
    void aForeignPageStartsNoSubscriptionAndNoSnapshot(String header, String value) {
        for (String method : new String[] {"GET", "HEAD", "POST", "DELETE", "PUT"}) {
            assertThat(local.send(method, FEED, null, header, value).status())
                    .as(method)
                    .isEqualTo(403);
        }
        assertThat(local.get("/api/sources", header, value).status()).isEqualTo(403);
        assertThat(local.get(FEED, header, value, "Cookie", "fustor_session=x").status())
                .isEqualTo(403);
    }

    @Test
    void anImageOrALinkOnAForeignPageStartsNothing() {
        assertThat(
                        local.get(
                                        FEED,
                                        "Sec-Fetch-Site",
                                        "cross-site",
                                        "Sec-Fetch-Mode",
                                        "no-cors",
                                        "Sec-Fetch-Dest",
                                        "image")
                                .status())
                .isEqualTo(403);
        assertThat(
                        local.get(
                                        FEED,
                                        "Sec-Fetch-Site",
                                        "cross-site",
                                        "Sec-Fetch-Mode",
                                        "navigate",
                                        "Sec-Fetch-Dest",
                                        "document")
                                .status())
                .isEqualTo(403);
    }

    /// 404: it passed, and there is no such source.
    @Test
    void programsOwnPagesAndAllowedOriginsPass() {
        String own = "http://127.0.0.1:" + local.port();

        assertThat(local.get(FEED).status()).isEqualTo(404);
        assertThat(local.get(FEED, "Sec-Fetch-Site", "same-origin").status()).isEqualTo(404);
        assertThat(local.get(FEED, "Sec-Fetch-Site", "none").status()).isEqualTo(404);
        assertThat(local.get(FEED, "Referer", own + "/console/").status()).isEqualTo(404);
        assertThat(
                        local.get(
                                        FEED,
                                        "Origin",
                                        "https://ui.example.org",
                                        "Sec-Fetch-Site",
                                        "cross-site")
                                .status())
                .isEqualTo(404);
        assertThat(
                        local.get(
                                        FEED,
                                        "Authorization",
                                        "Bearer any",
                                        "Sec-Fetch-Site",
                                        "cross-site")
                                .status())
                .isEqualTo(404);
        assertThat(local.get("/", "Sec-Fetch-Site", "cross-site").status()).isNotEqualTo(403);
        assertThat(local.get("/actuator/health", "Sec-Fetch-Site", "cross-site").status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"rebound.example", "fustor.example.org.evil.net", "evil-fustor.example.org"})
    void aNameThatIsNotOursIsRefusedWhereNamesAreListed(String host) throws IOException {
        assertThat(status(open, host)).isEqualTo(403);
        assertThat(status(local, host)).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fustor.example.org",
                "FUSTOR.example.org:8080",
                "10.0.0.5:8080",
                "[fd00::1]",
                "localhost"
            })
    void ownNamesAndAddressesPass(String host) throws IOException {
        assertThat(status(open, host)).isEqualTo(404);
    }

    private static int status(LocalService service, String host) throws IOException {
        try (var socket = new Socket("127.0.0.1", service.port())) {
            socket.getOutputStream()
                    .write(
                            ("GET /api/sources/none HTTP/1.1\r\nHost: "
                                            + host
                                            + "\r\nConnection: close\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return Integer.parseInt(answer.substring(9, 12));
        }
    }
}
