package io.fustor.source.mysql.values;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// Sessions whose row images lack columns: what is absent in the binlog is absent in the JSON, in
/// either format, and no row is lost, not even one without a column.
@RunningService
class RowImagesIT {

    private static final String SCHEMA = "row_images";

    private final TestMySql mysql = TestMySql.shared();

    @LocalServerPort private int port;

    private ServiceApi api;

    @BeforeAll
    void addSource() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("images", mysql);
        mysql.execute(
                "CREATE DATABASE " + SCHEMA,
                """
                CREATE TABLE row_images.keyed (id INT PRIMARY KEY DEFAULT 4, a VARCHAR(9), b BLOB,
                  c INT NOT NULL DEFAULT 5)""",
                "CREATE TABLE row_images.bare (a INT, b BLOB, c VARCHAR(9) DEFAULT 'x')",
                "CREATE TABLE row_images.blobs (a BLOB)");
    }

    /// Runs statements with a row image, and returns a line for each row of the feed: operation,
    /// before image, after image.
    private List<String> changes(String format, String image, List<String> statements) {
        mysql.execute("DELETE FROM row_images.keyed", "DELETE FROM row_images.bare");
        String start = api.tokenOfNow("images");
        List<String> all = new ArrayList<>();
        all.add("SET SESSION binlog_row_image = " + image);
        all.addAll(statements);
        all.add("INSERT INTO row_images.blobs VALUES ('')");
        mysql.execute(all.toArray(String[]::new));
        List<String> changes = new ArrayList<>();
        try (FeedClient client =
                api.feed("images")
                        .with("tables", SCHEMA + ".*")
                        .with("format", format)
                        .after(start)
                        .open()) {
            while (changes.isEmpty() || !changes.getLast().equals("insert null {\"a\":\"\"}")) {
                if (format.equals("debezium")) {
                    changes.add(envelope(ChangeEvent.JSON.readTree(next(client))));
                } else {
                    client.change().flatten().forEach(row -> changes.add(line(row)));
                }
            }
        }
        return changes.subList(0, changes.size() - 1);
    }

    private static String next(FeedClient client) {
        while (true) {
            var frame = client.frame();
            if (frame.isChange()) {
                return frame.data();
            }
        }
    }

    private static String line(FeedRow row) {
        return row.operation().equals("delete")
                ? "delete " + row.row() + " null"
                : row.operation() + " " + row.before() + " " + row.row();
    }

    private static String envelope(JsonNode envelope) {
        String operation =
                switch (envelope.path("op").asString()) {
                    case "c" -> "insert";
                    case "u" -> "update";
                    default -> "delete";
                };
        return operation + " " + envelope.path("before") + " " + envelope.path("after");
    }

    private void assertChanges(String image, List<String> statements, String... expected) {
        assertThat(changes("fustor", image, statements)).containsExactly(expected);
        assertThat(changes("debezium", image, statements)).containsExactly(expected);
    }

    @Test
    void minimalImagesOfATableWithAKey() {
        assertChanges(
                "MINIMAL",
                List.of(
                        "INSERT INTO row_images.keyed (id, a) VALUES (1, NULL)",
                        "UPDATE row_images.keyed SET b = 'x'",
                        "UPDATE row_images.keyed SET c = c",
                        "UPDATE row_images.keyed SET a = NULL, b = NULL",
                        "REPLACE INTO row_images.keyed (id, c) VALUES (1, 8)",
                        "DELETE FROM row_images.keyed",
                        "INSERT INTO row_images.keyed () VALUES ()"),
                "insert null {\"id\":1,\"a\":null}",
                "update {\"id\":1} {\"b\":\"eA==\"}",
                "update {\"id\":1} {\"a\":null,\"b\":null}",
                "update {\"id\":1} {\"id\":1,\"a\":null,\"b\":null,\"c\":8}",
                "delete {\"id\":1} null",
                "insert null {}");
    }

    @Test
    void minimalImagesOfATableWithoutAKey() {
        assertChanges(
                "MINIMAL",
                List.of(
                        "INSERT INTO row_images.bare (a) VALUES (1), (NULL)",
                        "UPDATE row_images.bare SET c = NULL WHERE a = 1",
                        "INSERT INTO row_images.bare () VALUES ()",
                        "INSERT INTO row_images.bare () VALUES ()",
                        "DELETE FROM row_images.bare WHERE c IS NULL"),
                "insert null {\"a\":1}",
                "insert null {\"a\":null}",
                "update {\"a\":1,\"b\":null,\"c\":\"x\"} {\"c\":null}",
                "insert null {}",
                "insert null {}",
                "delete {\"a\":1,\"b\":null,\"c\":null} null");
    }

    @Test
    void imagesWithoutBlobs() {
        assertChanges(
                "NOBLOB",
                List.of(
                        "INSERT INTO row_images.keyed (id, a) VALUES (3, 'q')",
                        "UPDATE row_images.keyed SET a = 'r'",
                        "UPDATE row_images.keyed SET b = 'z'",
                        "DELETE FROM row_images.keyed",
                        "INSERT INTO row_images.bare (b) VALUES ('y')",
                        "UPDATE row_images.bare SET a = 1",
                        "DELETE FROM row_images.bare",
                        "INSERT INTO row_images.blobs () VALUES ()"),
                "insert null {\"id\":3,\"a\":\"q\",\"c\":5}",
                "update {\"id\":3,\"a\":\"q\",\"c\":5} {\"id\":3,\"a\":\"r\",\"c\":5}",
                "update {\"id\":3,\"a\":\"r\",\"c\":5} {\"id\":3,\"a\":\"r\",\"b\":\"eg==\",\"c\":5}",
                "delete {\"id\":3,\"a\":\"r\",\"c\":5} null",
                "insert null {\"a\":null,\"b\":\"eQ==\",\"c\":\"x\"}",
                "update {\"a\":null,\"b\":\"eQ==\",\"c\":\"x\"} {\"a\":1,\"c\":\"x\"}",
                "delete {\"a\":1,\"b\":\"eQ==\",\"c\":\"x\"} null",
                "insert null {}");
    }

    /// The one row event without any byte in it stands for one row: it has a token of its own, and
    /// a client that resumes around it misses nothing.
    @Test
    void resumesAroundARowWithoutColumns() {
        String start = api.tokenOfNow("images");
        mysql.execute(
                "SET SESSION binlog_row_image = MINIMAL",
                "BEGIN",
                "INSERT INTO row_images.bare (a) VALUES (7)",
                "INSERT INTO row_images.bare () VALUES ()",
                "INSERT INTO row_images.bare (a) VALUES (8)",
                "COMMIT");
        var feed = api.feed("images").with("tables", SCHEMA + ".bare");
        List<FeedRow> rows;
        try (FeedClient client = feed.after(start).open()) {
            rows = client.rows(3);
        }
        assertThat(rows).extracting(FeedRow::row).containsExactly("{\"a\":7}", "{}", "{\"a\":8}");
        assertThat(rows).extracting(FeedRow::number).containsExactly(0L, 1L, 2L);
        for (int i = 0; i < 2; i++) {
            try (FeedClient client = feed.after(rows.get(i).token()).open()) {
                FeedRow.assertSameSequence(rows.subList(i + 1, 3), client.rows(2 - i));
            }
        }
    }
}
