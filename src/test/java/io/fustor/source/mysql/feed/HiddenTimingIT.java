package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/// How long a caller waits for the refusal of what is hidden from it, and of what is missing: many
/// requests in turn, so that what else the machine does delays both.
@RunningService
class HiddenTimingIT {

    private static final int REQUESTS = Integer.getInteger("timing.requests", 300);
    private static final int WARM_UP = 50;

    /// The medians may differ by this part of the smaller one. Another question to a server took
    /// several times that.
    private static final double TOLERANCE = 0.25;

    private final TestMySql mysql = TestMySql.shared();

    @LocalServerPort private int port;

    private ServiceApi reader;

    @BeforeAll
    void makeReader() {
        ServiceApi api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("timing", mysql);
        api.addSource("timing-hidden", mysql);
        mysql.execute(
                "CREATE DATABASE timing",
                "CREATE TABLE timing.shown (id INT PRIMARY KEY, hidden INT)",
                "CREATE TABLE timing.hidden (id INT PRIMARY KEY, v INT)",
                "CREATE TABLE timing.columns (hidden INT PRIMARY KEY)",
                "CREATE TABLE timing.needing (id INT PRIMARY KEY)");
        Map<String, Object> grant =
                Map.of(
                        "sources", List.of("timing"),
                        "tables", List.of("timing.shown", "timing.col*", "timing.need*"),
                        "without", List.of("timing.*.hidden"),
                        "where", List.of("timing.need*: tenant = 7"));
        reader = api.as(api.addReader("timing", grant));
    }

    /// A table that is not granted, one without a visible column, one without the column of a
    /// condition, a column, a table in a condition, a source.
    @ParameterizedTest
    @CsvSource({
        "timing/events?tables=timing.hidden, timing/events?tables=timing.missed",
        "timing/events?tables=timing.columns, timing/events?tables=timing.colonel",
        "timing/events?tables=timing.needing, timing/events?tables=timing.needles",
        "timing/events?fields=timing.shown.hidden, timing/events?fields=timing.shown.missed",
        "timing/events?where=timing.hidden:%20id=1, timing/events?where=timing.missed:%20id=1",
        "timing-hidden/events, timing-missed/events"
    })
    void hiddenTakesAsLongAsMissing(String hidden, String missing) {
        long[] ofHidden = new long[REQUESTS];
        long[] ofMissing = new long[REQUESTS];
        for (int i = -WARM_UP; i < REQUESTS; i++) {
            boolean isHiddenFirst = (i & 1) == 0;
            long first = nanos(isHiddenFirst ? hidden : missing);
            long second = nanos(isHiddenFirst ? missing : hidden);
            if (i >= 0) {
                ofHidden[i] = isHiddenFirst ? first : second;
                ofMissing[i] = isHiddenFirst ? second : first;
            }
        }
        double one = median(ofHidden);
        double other = median(ofMissing);

        System.out.printf("HiddenTimingIT: %s %.0f us, missing %.0f us%n", hidden, one, other);
        assertThat(Math.abs(one - other)).isLessThan(TOLERANCE * Math.min(one, other));
    }

    private long nanos(String path) {
        long start = System.nanoTime();
        int status = reader.get("/api/sources/" + path).status();
        long end = System.nanoTime();
        assertThat(status).isIn(400, 404);
        return end - start;
    }

    /// In microseconds.
    private static double median(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2] / 1e3;
    }
}
