package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ConditionedOrders;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/// Snapshots of the rows that meet a condition: what the server reads for them by its indexes, and
/// where they go on.
@RunningService
class SnapshotConditionsIT {

    private static final int ROWS = 20_000;

    private final TestMySql mysql = TestMySql.shared();

    @LocalServerPort private int port;

    private ServiceApi api;

    @BeforeAll
    void addSource() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("narrowed", mysql);
        ConditionedOrders.create(mysql, "narrowed", "utf8mb4_0900_ai_ci", ROWS);
    }

    private FeedRequest feed(String condition) {
        return feed("narrowed.orders", condition);
    }

    private FeedRequest feed(String table, String condition) {
        return api.feed("narrowed")
                .with("tables", table)
                .with("snapshot", "only")
                .with("where", table + ": " + condition);
    }

    private List<Integer> read(String condition) {
        return ConditionedOrders.counts(SnapshotStream.toTheEnd(feed(condition)));
    }

    @Test
    void anIndexOfTheConditionIsUsed() {
        assertThat(read("customer = 17")).containsExactly(20, 20);
        assertThat(read("customer = 17 and note like '%x'")).containsExactly(20, 20);
        assertThat(read("status = 'new'")).containsExactly(50, 150);
    }

    @Test
    void theKeyIsUsedWhereItServes() {
        assertThat(read("id between 100 and 199")).containsExactly(100, 100);
        assertThat(read("id in (1, 5, 90000)")).containsExactly(2, 2);
    }

    @Test
    void theServerLeavesOutWhatItCan() {
        assertThat(read("total = 12.5 or total > 98")).containsExactly(200, 200);
        assertThat(read("made >= '2026-01-14T00:00:00' and made < '2026-01-14T01:00:00'"))
                .containsExactly(60, 60);
        assertThat(read("status is null and total < 50 and not total < 49"))
                .containsExactly(200, 9_800);
    }

    /// MySQL takes -0.005 for 0.00 beside such a column, so that 0.00 would not be greater.
    @Test
    void numbersBetweenTwoValuesOfAColumnAreExact() {
        assertThat(read("total > -0.005 and total < 0.005").getFirst()).isEqualTo(200);
        assertThat(read("total >= -0.995 and total <= 0.995").getFirst()).isEqualTo(200);
        assertThat(read("customer > -0.5 and customer < 0.5")).containsExactly(20, 40);
    }

    /// The server refuses to compare a text of utf8mb3 with a character of four bytes.
    @Test
    void textsOfThreeBytesACharacterStandBesideCharactersOfFour() {
        mysql.execute(
                "CREATE TABLE narrowed.tags (tag CHAR(9) CHARACTER SET utf8mb3 PRIMARY KEY)",
                "INSERT INTO narrowed.tags VALUES ('é'), ('a'), ('日本')");

        assertThat(readTags("tag in ('é', '😀')")).containsExactly(1, 3);
        assertThat(readTags("tag = '😀'")).containsExactly(0, 3);
        assertThat(readTags("tag in ('é', '日本')")).containsExactly(2, 2);
    }

    private List<Integer> readTags(String condition) {
        return ConditionedOrders.counts(SnapshotStream.toTheEnd(feed("narrowed.tags", condition)));
    }

    @Test
    void theServiceLeavesOutTheRest() {
        assertThat(read("note like 'x_'")).containsExactly(ROWS / 50, ROWS);
        assertThat(read("not customer = 17")).containsExactly(ROWS - 20, ROWS);
        assertThat(read("status > 'o'").getLast()).isEqualTo(ROWS);
    }

    @Test
    void aSnapshotGoesOnWhereItWasCut() {
        FeedRequest request = feed("customer < 3 or note = 'xx'").with("batch", 20);
        List<String> whole = ConditionedOrders.ids(SnapshotStream.toTheEnd(request));
        List<String> cut = new ArrayList<>();
        String token = null;
        for (boolean isOver = false; !isOver; ) {
            FeedRequest next = request.after(token);
            SnapshotStream part =
                    SnapshotStream.until(next, frame -> frame.isChange() || frame.isControl("end"));
            cut.addAll(ConditionedOrders.ids(part));
            token = part.token();
            isOver = part.frames().getLast().isControl("end");
        }

        assertThat(whole).hasSize(40 + ROWS / 50);
        assertThat(cut).isEqualTo(whole);
    }
}
