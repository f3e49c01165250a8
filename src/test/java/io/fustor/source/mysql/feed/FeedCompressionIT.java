package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/// Compressed streams have the contents of plain ones.
@RunningService
class FeedCompressionIT {

    private static final int ROWS = 2_500;
    private static final int CUTS = 25;
    private static final String SOURCE = "compressed";

    private final TestMySql mysql = TestMySql.shared();

    @LocalServerPort private int port;

    private ServiceApi api;

    @BeforeAll
    void addSource() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource(SOURCE, mysql);
        mysql.execute(
                "CREATE DATABASE compressed",
                "CREATE TABLE compressed.big (id INT PRIMARY KEY, v LONGTEXT)",
                "CREATE TABLE compressed.people (id INT AUTO_INCREMENT PRIMARY KEY,"
                        + " name VARCHAR(40), n INT)",
                "CREATE TABLE compressed.quiet (id INT AUTO_INCREMENT PRIMARY KEY)");
    }

    private FeedRequest feed(String table) {
        return api.feed(SOURCE).with("tables", "compressed." + table);
    }

    private static FeedRequest coded(FeedRequest feed, String coding) {
        return feed.header("Accept-Encoding", coding);
    }

    /// Every reader follows the traffic live, is cut off, and comes back to what it missed: in each
    /// coding and framing it gets what an uncut reader of the plain stream gets.
    @Test
    void changesAreThoseOfThePlainStreamHoweverOftenItIsCutOff() throws Exception {
        long seed = System.nanoTime();
        System.out.println("FeedCompressionIT: seed " + seed);
        Traffic traffic = new Traffic(mysql, "compressed_cuts", seed);
        FeedRequest feed = api.feed(SOURCE).with("tables", "compressed_cuts.*");
        String start = api.tokenOfNow(SOURCE);
        Map<String, FeedRequest> cases = new LinkedHashMap<>();
        for (String coding : List.of("gzip", "zstd", "identity")) {
            cases.put(coding + " SSE", coded(feed, coding));
            cases.put(coding + " NDJSON", coded(feed.ndjson(), coding));
        }
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<List<FeedRow>> uncut =
                    readers.submit(() -> Traffic.readToTheEnd(feed.after(start)));
            Map<String, Future<List<FeedRow>>> cut = new LinkedHashMap<>();
            cases.forEach(
                    (name, request) ->
                            cut.put(
                                    name,
                                    readers.submit(
                                            () ->
                                                    readWithCuts(
                                                            request,
                                                            start,
                                                            seed + name.hashCode()))));
            traffic.run(3, ROWS, 300);
            traffic.end();

            List<FeedRow> expected = uncut.get(60, TimeUnit.SECONDS);
            assertThat(expected).hasSize((int) traffic.committedRows());
            for (Map.Entry<String, Future<List<FeedRow>>> reader : cut.entrySet()) {
                System.out.println("FeedCompressionIT: " + reader.getKey());
                FeedRow.assertSameSequence(expected, reader.getValue().get(60, TimeUnit.SECONDS));
            }
        }
    }

    private static List<FeedRow> readWithCuts(FeedRequest feed, String start, long seed) {
        Random random = new Random(seed);
        List<FeedRow> rows = new ArrayList<>();
        String token = start;
        for (int cutsLeft = CUTS; ; cutsLeft--) {
            int mean = Math.max(1, ROWS - rows.size()) / (Math.max(0, cutsLeft) + 5);
            int wanted = cutsLeft > 0 ? rows.size() + random.nextInt(1 + mean) : Integer.MAX_VALUE;
            int batch = random.nextBoolean() ? 1 : 100;
            try (FeedClient client = feed.with("batch", batch).after(token).open()) {
                client.hello();
                while (rows.size() < wanted) {
                    rows.addAll(client.change().flatten());
                    if (Traffic.isEnd(rows.getLast(), null)) {
                        return rows;
                    }
                }
                token = client.token() == null ? token : client.token();
                client.cut();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zstd"})
    void snapshotAndItsEndAreThoseOfThePlainStream(String coding) {
        mysql.execute(
                """
                INSERT INTO compressed.people (name, n) WITH RECURSIVE n (i) AS
                    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900)
                SELECT CONCAT('name ', i), i FROM n""");
        FeedRequest snapshot = feed("people").with("snapshot", "only");

        List<String> plain = readToTheEnd(snapshot);

        assertThat(plain).hasSizeGreaterThanOrEqualTo(900);
        assertThat(readToTheEnd(coded(snapshot, coding))).isEqualTo(plain);
        assertThat(readToTheEnd(coded(snapshot.ndjson(), coding))).isEqualTo(plain);
    }

    /// The rows of a stream that ends, and nothing is missing where its coding ends.
    private static List<String> readToTheEnd(FeedRequest feed) {
        List<String> rows = new ArrayList<>();
        try (FeedClient client = feed.open()) {
            Frame frame = client.frame();
            while (!frame.isControl("end")) {
                if (frame.isChange()) {
                    rows.addAll(frame.change().rows());
                }
                frame = client.frame();
            }
            assertThat(client.frameOrEnd()).isEmpty();
            return rows;
        }
    }

    /// Both are sent while they are encoded: one from the live window's place, one from the binlog.
    @Test
    void largeRowsAreWhole() {
        String start = api.tokenOfNow(SOURCE);
        try (FeedClient gzip = coded(feed("big"), "gzip").open();
                FeedClient zstd = coded(feed("big").ndjson(), "zstd").open()) {
            gzip.hello();
            zstd.hello();
            mysql.execute(
                    "INSERT INTO compressed.big VALUES"
                            + " (1, REPEAT('0123456789', 200000)), (2, REPEAT('\u00e9', 30000)), (3, '')",
                    "UPDATE compressed.big SET v = CONCAT(v, 'x')");
            try (FeedClient plain = feed("big").after(start).open();
                    FeedClient late = coded(feed("big"), "gzip").after(start).open()) {
                List<FeedRow> expected = withoutTokens(plain.rows(6));

                assertThat(withoutTokens(gzip.rows(6))).isEqualTo(expected);
                assertThat(withoutTokens(zstd.rows(6))).isEqualTo(expected);
                assertThat(withoutTokens(late.rows(6))).isEqualTo(expected);
            }
        }
    }

    private static List<FeedRow> withoutTokens(List<FeedRow> rows) {
        return rows.stream()
                .map(
                        row ->
                                new FeedRow(
                                        null,
                                        row.transaction(),
                                        row.number(),
                                        row.table(),
                                        row.operation(),
                                        row.row(),
                                        row.before()))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zstd"})
    void heartbeatsAreNotHeldBack(String coding) {
        try (FeedClient client = coded(feed("quiet"), coding).open()) {
            client.hello();
            mysql.execute("INSERT INTO compressed.people (name, n) VALUES ('other', 0)");

            assertThat(client.heartbeat()).isNotEmpty();
            mysql.execute("INSERT INTO compressed.quiet VALUES ()");
            assertThat(client.change().rows()).hasSize(1);
        }
    }

    /// The subscribers of one form share blocks, those of others never see them: two of each kind
    /// are live at the same events.
    @Test
    void subscribersWithDifferentFormsNeverShareABlock() {
        Map<String, String> masks = Map.of("compressed.people.name", "fixed:***");
        Map<String, String> credential =
                Map.of("user", TestMySql.CAPTURE.user(), "passwd", TestMySql.CAPTURE.password());
        api.post(
                        "/api/configs/sources/compressed-masked",
                        Map.of(
                                "config",
                                Map.of(
                                        "uri",
                                        mysql.uri(),
                                        "credential",
                                        credential,
                                        "masks",
                                        masks)))
                .expect(201);
        ServiceApi masked = api.as(api.addReader("compressed-masked", Map.of()));
        ServiceApi conditioned =
                api.as(
                        api.addReader(
                                "compressed-odd",
                                Map.of(
                                        "where",
                                        List.of("compressed.people: n in (1001, 1003)"),
                                        "unmasked",
                                        true)));
        String source = "compressed-masked";
        FeedRequest all = api.feed(source).with("tables", "compressed.people");
        FeedRequest some = masked.feed(source).with("tables", "compressed.people");
        FeedRequest odd = conditioned.feed(source).with("tables", "compressed.people");
        List<FeedClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 2; i++) {
                for (FeedRequest one :
                        List.of(
                                all,
                                some,
                                odd,
                                all.with("batch", 1),
                                all.with("fields", "compressed.people.n"))) {
                    clients.add(coded(one, "gzip").open());
                    clients.add(coded(one, "zstd").open());
                    clients.add(coded(one.ndjson(), "gzip").open());
                }
            }
            clients.forEach(FeedClient::hello);
            for (int n = 1_001; n <= 1_004; n++) {
                mysql.execute(
                        "INSERT INTO compressed.people (name, n) VALUES ('in clear', %d)"
                                .formatted(n));
            }
            for (int i = 0; i < clients.size(); i++) {
                boolean isOdd = i / 3 % 5 == 2;
                List<String> rows =
                        clients.get(i).rows(isOdd ? 2 : 4).stream().map(FeedRow::row).toList();
                assertThat(rows)
                        .as("client %s", i)
                        .hasSize(isOdd ? 2 : 4)
                        .allMatch(
                                switch (i / 3 % 5) {
                                    case 1 ->
                                            row ->
                                                    row.contains("\"***\"")
                                                            && !row.contains("in clear");
                                    case 4 -> row -> !row.contains("name");
                                    default -> row -> row.contains("in clear");
                                });
            }
        } finally {
            clients.forEach(FeedClient::close);
        }
    }

    @Test
    void streamOfAGrantThatEndsIsComplete() {
        ServiceApi reader = api.as(api.addReader("compressed-gone", Map.of()));
        FeedRequest feed = reader.feed(SOURCE).with("tables", "compressed.quiet");
        try (FeedClient client = coded(feed, "gzip").open()) {
            client.hello();
            api.delete("/api/readers/compressed-gone").expect(204);
            Frame next = client.frame();
            while (!next.isControl("end")) {
                next = client.frame();
            }

            assertThat(next.data()).contains("authorization");
            assertThat(client.frameOrEnd()).as("after the checksum").isEmpty();
        }
    }

    @Test
    void headersTellTheCodingAndWhatItDependsOn() {
        String path = "/api/sources/" + SOURCE + "/events";
        for (String accepted : List.of("gzip", "zstd", "identity", "gzip;q=0", "br")) {
            try (FeedClient client = coded(feed("quiet"), accepted).open()) {
                boolean isCoded = accepted.equals("gzip") || accepted.equals("zstd");

                assertThat(client.header("content-encoding")).isEqualTo(isCoded ? accepted : null);
                assertThat(client.header("vary")).isEqualTo("Accept-Encoding");
                assertThat(client.header("content-type")).startsWith("text/event-stream");
            }
        }
        try (FeedClient client = coded(feed("quiet"), "gzip").with("tables", "none").send()) {
            assertThat(client.status()).isEqualTo(400);
            assertThat(client.header("content-encoding")).isNull();
            assertThat(client.header("vary")).isEqualTo("Accept-Encoding");
        }
        for (String refused : List.of(path + "?from=never", "/api/sources/none/events")) {
            assertThat(api.get(refused).header("vary")).isEqualTo("Accept-Encoding");
        }
        assertThat(api.get("/api/sources").header("vary")).isEmpty();
    }

    @Test
    void headHasTheHeadersWithoutAStream() throws Exception {
        HttpRequest head =
                HttpRequest.newBuilder(feed("quiet").uri())
                        .method("HEAD", BodyPublishers.noBody())
                        .header("Accept-Encoding", "gzip")
                        .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<byte[]> answer = http.send(head, BodyHandlers.ofByteArray());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Encoding")).contains("gzip");
            assertThat(answer.headers().allValues("Vary")).containsExactly("Accept-Encoding");
            assertThat(answer.body()).isEmpty();
        }
    }
}
