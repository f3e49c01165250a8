package io.fustor.source.mysql.page;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Overlap;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.position.StreamOffset;
import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests for pages and feeds as old, picky and hostile clients send them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PickyRequestsIT {

    private static final int TIMEOUT_MILLIS = 60_000;

    private final TestMySql mysql = TestMySql.shared();
    private LocalService service;
    private PageClient pages;
    private String start;
    private PageClient.Fetched page;

    @BeforeAll
    void start() {
        service =
                LocalService.start(
                        Map.of(
                                "fustor.mysql.tls", "disabled",
                                "fustor.feed.heartbeat", "1s",
                                "fustor.pages.long-poll", "1s"));
        URI uri = URI.create("http://127.0.0.1:" + service.port());
        new ServiceApi(uri).addSource("picky", mysql);
        mysql.execute(
                "DROP DATABASE IF EXISTS picky",
                "CREATE DATABASE picky",
                "CREATE TABLE picky.t (id INT PRIMARY KEY, v VARCHAR(4000))");
        pages = PageClient.of(uri, "picky").with("tables", "picky.*");
        start = pages.get("now").next();
        mysql.execute(
                "INSERT INTO picky.t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM"
                        + " n WHERE i < 50) SELECT i, REPEAT('x', 2000) FROM n");
        page = pages.get(start);
    }

    @AfterAll
    void stop() {
        service.close();
    }

    private record Raw(String head, byte[] body) {

        String header(String name) {
            return head.lines()
                    .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst()
                    .orElse("");
        }

        String status() {
            return head.split(" ", 3)[1];
        }
    }

    /// Everything up to the end of the connection.
    private Raw send(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", service.port())) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            String all = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
            int end = all.indexOf("\r\n\r\n");
            return new Raw(all.substring(0, end), all.substring(end + 4).getBytes(ISO_8859_1));
        }
    }

    private String target() {
        return "/api/sources/picky/stream?offset=" + start + pages.query();
    }

    @Test
    void oldClientsGetTheSamePage() throws Exception {
        Raw plain = send("GET " + target() + " HTTP/1.0\r\n\r\n");
        Raw coded = send("GET " + target() + " HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n");

        assertThat(plain.header("Transfer-Encoding")).isEmpty();
        assertThat(new String(plain.body(), UTF_8)).isEqualTo(page.body());
        assertThat(coded.header("Transfer-Encoding")).isEmpty();
        assertThat(coded.header("Content-Encoding")).isEqualTo("gzip");
        assertThat(unzip(coded.body())).isEqualTo(page.body());
    }

    private static String unzip(byte[] coded) throws IOException {
        return new String(
                new GZIPInputStream(new ByteArrayInputStream(coded)).readAllBytes(), UTF_8);
    }

    @Test
    void oldClientsGetTheSameStream() throws Exception {
        String feed = "/api/sources/picky/events?until=now&last_event_id=" + start + pages.query();
        Raw plain = send("GET " + feed + " HTTP/1.0\r\nAccept: application/x-ndjson\r\n\r\n");
        Raw coded =
                send(
                        "GET "
                                + feed
                                + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAccept:"
                                + " Application/X-NDJSON\r\nAccept-Encoding: br;q=1, GZIP;q=0.5,"
                                + " identity;q=0\r\n\r\n");

        assertThat(plain.header("Transfer-Encoding")).isEmpty();
        assertThat(plain.header("Content-Type")).isEqualTo("application/x-ndjson");
        assertThat(new String(plain.body(), UTF_8))
                .endsWith("\n")
                .contains("\"id\":50,", "\"reason\":\"until\"");
        assertThat(coded.header("Connection")).isEqualTo("close");
        assertThat(coded.header("Content-Type")).isEqualTo("application/x-ndjson");
        assertThat(coded.header("Content-Encoding")).isEqualTo("gzip");
    }

    @Test
    void headHasNoBodyAndNoCoding() throws Exception {
        Raw head =
                send(
                        "HEAD "
                                + target()
                                + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAccept-Encoding:"
                                + " gzip\r\nIf-None-Match: *\r\nRange: bytes=0-0\r\n\r\n");

        assertThat(head.status()).isEqualTo("200");
        assertThat(head.body()).isEmpty();
        assertThat(head.header("Content-Encoding")).isEmpty();
        assertThat(head.header("Stream-Next-Offset")).isNotEmpty();
    }

    /// A part of a page is of no use, and its dates are not known.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Range: bytes=0-10",
                "Range: bytes=5-, 7-9, -1",
                "If-Range: \"x\"",
                "If-Modified-Since: Sat, 29 Oct 2033 19:43:31 GMT",
                "If-Unmodified-Since: Sat, 29 Oct 1994 19:43:31 GMT",
                "If-None-Match: nonsense",
                "Accept: text/html",
                "Accept: */*;q=0",
                "Accept-Encoding: identity;q=0",
                "Accept-Encoding: , ,,;q=1,*;q=0"
            })
    void otherConditionsGetTheWholePage(String header) {
        int colon = header.indexOf(':');
        Answer answer =
                service.get(target(), header.substring(0, colon), header.substring(colon + 2));

        assertThat(answer.expect(200).body()).isEqualTo(page.body());
        assertThat(answer.header("ETag")).isEqualTo(page.answer().header("ETag"));
        assertThat(answer.header("Content-Range")).isEmpty();
    }

    @Test
    void manyCodingsAreOneList() throws Exception {
        Raw coded =
                send(
                        "GET "
                                + target()
                                + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAccept-Encoding: "
                                + "x-unknown;q=0.9, ".repeat(300)
                                + "br\r\nACCEPT-ENCODING: *;q=0, Gzip ; Q=0.001\r\n\r\n");

        assertThat(coded.header("Content-Encoding")).isEqualTo("gzip");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-1",
                "99999999999999999999",
                "999999999999999999",
                "1e9",
                "%00",
                "%0d%0aX:1",
                "..",
                "٣"
            })
    void anyCursorIsAnsweredWithANumber(String cursor) {
        Answer answer =
                service.get(
                        target() + "&live=long-poll&cursor=" + URLEncoder.encode(cursor, UTF_8));

        assertThat(answer.expect(200).header("Stream-Cursor")).matches("[0-9]{1,19}");
        assertThat(answer.header("X")).isEmpty();
    }

    /// Each has a right checksum.
    private Map<String, String> forged() {
        StreamOffset given = StreamOffset.parse(page.next());
        FeedToken token = given.token();
        Place at = token.position();
        Place later =
                new Place(
                        at.server(),
                        at.fileNumber(),
                        at.offset() + (1L << 32),
                        at.evidence(),
                        0,
                        at.executed(),
                        null);
        Place otherFile =
                new Place(at.server(), at.fileNumber() + 1000, 4, at.evidence(), 0, null, null);
        Place lastFile =
                new Place(
                        at.server(), Long.MAX_VALUE, Long.MAX_VALUE, at.evidence(), 0, null, null);
        Place otherServer =
                new Place(
                        at.server() + 1,
                        at.fileNumber(),
                        at.offset(),
                        at.evidence(),
                        0,
                        null,
                        null);
        SnapshotPlace table =
                new SnapshotPlace("picky", "t", 1, new byte[] {1, 2, 3}, (1L << 40) - 1);
        SnapshotPlace noTable = new SnapshotPlace("picky", "'; --", 1, new byte[0], 1);
        Overlap overlap = new Overlap(at.server(), Long.MAX_VALUE, Long.MAX_VALUE);
        int source = token.source();
        Map<String, String> tokens = new LinkedHashMap<>();
        tokens.put("later in its file", of(source, later, null, null));
        tokens.put("in a file to come", of(source, otherFile, null, null));
        tokens.put("in the last file of all", of(source, lastFile, null, null));
        tokens.put("of another server", of(source, otherServer, null, null));
        tokens.put("in a table of other columns", of(source, at, table, null));
        tokens.put("in no table", of(source, at, noTable, null));
        tokens.put("of a snapshot to come", of(source, lastFile, table, null));
        tokens.put("with an endless overlap, later", of(source, later, null, overlap));
        tokens.put("with a broken overlap", of(source, at, null, Overlap.BROKEN));
        return tokens;
    }

    private static String of(
            int source, Place place, @Nullable SnapshotPlace snapshot, @Nullable Overlap overlap) {
        return new FeedToken(source, place, snapshot, overlap).toString();
    }

    @Test
    void forgedPlacesAreRefusedByName() {
        forged().forEach(
                        (what, token) -> {
                            assertRefused(what, pages.get(token).answer());
                            assertRefused(
                                    what + " in a feed",
                                    service.get(
                                            "/api/sources/picky/events?tables=picky.*",
                                            "Last-Event-ID",
                                            token));
                        });
    }

    private static void assertRefused(String what, Answer answer) {
        assertThat(answer.status()).as(what + answer.body()).isIn(400, 410);
        assertThat(answer.json().path("code").asString()).as(what).matches("[A-Z_]+");
    }

    @Test
    void damagedOffsetsAreRefused() {
        Random random = new Random(7);
        String whole = page.next();
        for (int i = 0; i < 200; i++) {
            StringBuilder damaged = new StringBuilder(whole);
            switch (i % 4) {
                case 0 -> damaged.setLength(random.nextInt(1, whole.length()));
                case 1 -> damaged.deleteCharAt(random.nextInt(whole.length()));
                case 2 ->
                        damaged.insert(random.nextInt(whole.length()), "0.Az_-".charAt(i / 4 % 6));
                default -> {
                    int at = random.nextInt(whole.length());
                    damaged.setCharAt(at, damaged.charAt(at) == '1' ? '2' : '1');
                }
            }
            if (!damaged.toString().equals(whole)) {
                Answer answer = pages.get(damaged.toString()).answer();
                assertThat(answer.status()).as(damaged + answer.body()).isEqualTo(400);
            }
        }
        for (String text : List.of("%20", "%00", "now%00", "-1-1", "NOW", "%2e%2e%2f", "-2", "é")) {
            assertThat(pages.get(text.replace("é", "%C3%A9")).answer().status())
                    .as(text)
                    .isEqualTo(400);
        }
    }
}
