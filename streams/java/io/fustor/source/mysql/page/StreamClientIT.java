package io.fustor.source.mysql.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// The client that the authors of the Durable Streams protocol publish, in Node.js. Its numbers are
/// doubles, so the traffic's are compared as it prints them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StreamClientIT {

    private static final Path NPM = Path.of(System.getProperty("streams.npm"));
    private static final int CHANGES = Integer.getInteger("streams.changes", 100_000);

    private final TestMySql mysql = TestMySql.shared();
    private LocalService service;
    private ServiceApi api;
    private String start;
    private Traffic traffic;
    private final List<FeedRow> expected = new ArrayList<>();

    @BeforeAll
    void start() {
        service = LocalService.start(Map.of("fustor.mysql.tls", "disabled"));
        api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
        api.addSource("streams", mysql);
        traffic = new Traffic(mysql, "streams", 11);
        start = pages().get("now").next();
        traffic.run(4, CHANGES, 300);
        traffic.end();
        try (FeedClient feed =
                api.feed("streams")
                        .with("tables", "streams.*")
                        .with("big_numbers", "string")
                        .after(start)
                        .open()) {
            Traffic.readToTheEnd(feed, expected);
        }
    }

    @AfterAll
    void stop() {
        service.close();
    }

    private PageClient pages() {
        return pages("streams.*");
    }

    private PageClient pages(String tables) {
        return PageClient.of(URI.create("http://127.0.0.1:" + service.port()), "streams")
                .with("tables", tables)
                .with("big_numbers", "string");
    }

    @ParameterizedTest
    @CsvSource({"false,0", "long-poll,0", "long-poll,2000", "sse,0", "sse,5000", "true,3000"})
    void readsWhatTheFeedHas(String live, int cut) throws Exception {
        List<String> elements = new ArrayList<>();
        pages().readToTheEnd(start)
                .forEach(page -> page.changes().forEach(change -> elements.add(change.token())));
        List<FeedRow> found = new ArrayList<>();
        List<String> tokens = new ArrayList<>();
        for (ChangeEvent change : read(pages(), start, elements.size(), live, cut, _ -> {})) {
            tokens.add(change.token());
            found.addAll(change.flatten());
        }
        assertThat(tokens).isEqualTo(elements);
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            FeedRow one = found.get(i);
            FeedRow other = expected.get(i);
            assertThat(one.transaction()).isEqualTo(other.transaction());
            assertThat(one.number()).isEqualTo(other.number());
            assertThat(doubles(one.row())).isEqualTo(doubles(other.row()));
        }
    }

    /// The pages with the rows, and then the change that follows them.
    @ParameterizedTest
    @CsvSource({"false,0", "long-poll,0", "long-poll,700", "true,1500"})
    void readsTheRowsOfASnapshotFirst(String live, int cut) throws Exception {
        // Not among the rows that the others expect.
        mysql.execute(
                "DROP DATABASE IF EXISTS later",
                "CREATE DATABASE later",
                "CREATE TABLE later.t (id INT KEY)");
        PageClient rows =
                pages("streams.*,later.t").with("snapshot", "initial").with("batch", "1");
        List<FeedRow> all = PageClient.rows(rows.readToTheEnd("-1"));
        boolean goesOn = !live.equals("false");
        List<ChangeEvent> found =
                read(
                        rows,
                        "-1",
                        all.size() + (goesOn ? 1 : 0),
                        live,
                        cut,
                        count -> {
                            if (goesOn && count == all.size()) {
                                mysql.execute("INSERT INTO later.t VALUES (7)");
                            }
                        });

        assertThat(all).hasSizeGreaterThan(1_000);
        for (int i = 0; i < all.size(); i++) {
            assertThat(doubles(found.get(i).rows().getFirst()))
                    .isEqualTo(doubles(all.get(i).row()));
        }
        if (goesOn) {
            assertThat(found.getLast().table()).isEqualTo("later.t");
        }
        assertThat(found).hasSize(all.size() + (goesOn ? 1 : 0));
    }

    /// Lets the client read.
    ///
    /// @param wanted how many elements
    /// @param had gets the number of elements that came, after each
    private static List<ChangeEvent> read(
            PageClient pages, String offset, int wanted, String live, int cut, IntConsumer had)
            throws Exception {
        Files.copy(
                Path.of("streams/read.mjs"),
                NPM.resolve("read.mjs"),
                StandardCopyOption.REPLACE_EXISTING);
        String url = pages.stream() + "?" + pages.query().substring(1);
        Process node =
                new ProcessBuilder(
                                "node",
                                "read.mjs",
                                url,
                                offset,
                                Integer.toString(wanted),
                                live,
                                Integer.toString(cut))
                        .directory(NPM.toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        List<ChangeEvent> found = new ArrayList<>();
        try (BufferedReader lines = reader(node)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                found.add(ChangeEvent.parse(line));
                had.accept(found.size());
            }
        }
        assertThat(node.waitFor()).isZero();
        return found;
    }

    private static BufferedReader reader(Process node) throws IOException {
        return new BufferedReader(
                new InputStreamReader(node.getInputStream(), StandardCharsets.UTF_8));
    }

    /// The row with its numbers as Node.js has them.
    private static List<String> doubles(String row) {
        List<String> columns = new ArrayList<>();
        for (Map.Entry<String, JsonNode> column : ChangeEvent.JSON.readTree(row).properties()) {
            JsonNode value = column.getValue();
            columns.add(
                    column.getKey() + "=" + (value.isNumber() ? value.doubleValue() : value));
        }
        return columns;
    }
}
