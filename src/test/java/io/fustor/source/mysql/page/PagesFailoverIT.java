package io.fustor.source.mysql.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Offsets across files, a failover and the way back: two servers replicate each other, and the
/// source's address leads to one of them. Two instances share one state database.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PagesFailoverIT {

    private static final Duration LONGEST = Duration.ofSeconds(60);

    private TestMySql first;
    private TestMySql second;
    private TcpProxy proxy;
    private LocalService one;
    private LocalService other;
    private PageClient pages;
    private int ids;

    @BeforeAll
    void start() {
        first = TestMySql.start();
        second = TestMySql.start("--server-id=2", "--binlog-row-event-max-size=1024");
        replicate(second, first);
        replicate(first, second);
        proxy = TcpProxy.to(first);
        first.execute("CREATE DATABASE moved", "CREATE TABLE moved.t (id INT PRIMARY KEY, v TEXT)");
        one = service();
        other = service();
        ServiceApi api = new ServiceApi(uri(one));
        api.addSource("pages", proxy.uri(), TestMySql.CAPTURE);
        pages = PageClient.of(uri(one), "pages").with("tables", "moved.*");
    }

    private static LocalService service() {
        return LocalService.start(
                Map.of(
                        "spring.datasource.url",
                        "jdbc:h2:mem:pages-failover;DB_CLOSE_DELAY=-1",
                        "fustor.security.encryption-key",
                        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                        "fustor.mysql.tls",
                        "disabled"));
    }

    @AfterAll
    void stop() {
        one.close();
        other.close();
        proxy.close();
        second.close();
        first.close();
    }

    private static URI uri(LocalService service) {
        return URI.create("http://127.0.0.1:" + service.port());
    }

    private static void replicate(TestMySql replica, TestMySql primary) {
        replica.execute(
                """
                CHANGE REPLICATION SOURCE TO SOURCE_HOST = '%s', SOURCE_PORT = %d,
                SOURCE_USER = '%s', SOURCE_PASSWORD = '%s', SOURCE_AUTO_POSITION = 1,
                SOURCE_CONNECT_RETRY = 1, GET_SOURCE_PUBLIC_KEY = 1"""
                        .formatted(
                                primary.host(), primary.port(), primary.user(), primary.password()),
                "START REPLICA");
    }

    /// Rows in small transactions, in files of the server's own.
    private List<Integer> write(TestMySql server, int count) {
        List<Integer> written = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            server.execute("INSERT INTO moved.t VALUES (" + ++ids + ", REPEAT('x', 900))");
            written.add(ids);
        }
        server.execute("FLUSH BINARY LOGS");
        return written;
    }

    private void moveTo(TestMySql next, TestMySql previous) {
        String executed = Sql.value(previous, "SELECT @@GLOBAL.gtid_executed");
        String sql = "SELECT GTID_SUBSET('" + executed + "', @@GLOBAL.gtid_executed)";
        await("the replica").atMost(LONGEST).until(() -> Sql.value(next, sql).equals("1"));
        proxy.redirect(next);
        proxy.cut();
    }

    private static List<Integer> ids(List<PageClient.Fetched> read) {
        return read.stream()
                .flatMap(page -> page.changes().stream())
                .map(change -> change.row(0).path("id").asInt())
                .toList();
    }

    /// Reads on with one instance until a number of rows has come.
    private static List<PageClient.Fetched> read(PageClient client, String offset, int rows) {
        List<PageClient.Fetched> read = new ArrayList<>();
        String[] next = {offset};
        await("pages")
                .atMost(LONGEST)
                .until(
                        () -> {
                            PageClient.Fetched page = client.get(next[0]);
                            if (page.answer().status() == 503) {
                                return false; // The server moves.
                            }
                            page.answer().expect(200);
                            read.add(page);
                            next[0] = page.next();
                            return ids(read).size() >= rows;
                        });
        return read;
    }

    @Test
    void offsetsSortAcrossServersAndTheWayBack() {
        String start = pages.get("now").next();
        String lagging = start;
        List<Integer> expected = new ArrayList<>(write(first, 400));
        List<PageClient.Fetched> read = new ArrayList<>(read(pages, start, 400));
        moveTo(second, first);
        expected.addAll(write(second, 50));
        read.addAll(read(pages, read.getLast().next(), 50));
        String onSecond = read.getLast().next();
        moveTo(first, second);
        expected.addAll(write(first, 50));
        PageClient elsewhere = pages.at(uri(other));
        read.addAll(read(elsewhere, onSecond, 50));

        assertThat(ids(read)).isEqualTo(expected);
        List<String> offsets = read.stream().map(PageClient.Fetched::next).toList();
        assertThat(offsets).isSorted();
        assertThat(start).isLessThan(offsets.getFirst());
        assertThat(offsets.stream().map(offset -> offset.substring(0, 4)).distinct())
                .containsExactly("0001", "0002", "0003");
        // Two instances agree, and so do readers that come late.
        List<PageClient.Fetched> late = read(pages, lagging, expected.size());
        assertThat(ids(late)).isEqualTo(expected);
        assertThat(late.stream().map(PageClient.Fetched::next).toList()).isSorted();
        for (PageClient.Fetched page : late) {
            if (page.isLasting()) {
                assertThat(elsewhere.get(page.offset()).identity()).isEqualTo(page.identity());
            }
        }
        assertThat(late.getFirst().identity()).isEqualTo(pages.get(lagging).identity());
    }

    /// The rows of the table, among which others are written, come from both servers.
    @Test
    void snapshotInPagesGoesOnOnAnotherServerAndOnTheWayBack() {
        first.execute("CREATE TABLE moved.rows_of (id INT PRIMARY KEY, v TEXT)");
        first.execute(
                "INSERT INTO moved.rows_of WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT"
                        + " i + 1 FROM n WHERE i < 900) SELECT i * 10, REPEAT('a', 5000) FROM n");
        PageClient rows =
                PageClient.of(uri(one), "pages")
                        .with("tables", "moved.rows_of")
                        .with("snapshot", "initial");
        Map<Integer, String> copy = new TreeMap<>();
        List<String> offsets = new ArrayList<>(List.of("-1"));
        apply(rows, offsets, copy);
        assertThat(copy).hasSizeBetween(100, 400);
        change(first, 1);
        moveTo(second, first);
        change(second, 2);
        apply(rows, offsets, copy);
        assertThat(copy).hasSizeBetween(300, 700);
        moveTo(first, second);
        change(first, 3);
        PageClient elsewhere = rows.at(uri(other));
        PageClient.Fetched last = apply(elsewhere, offsets, copy);
        while (!last.isUpToDate() || !last.changes().isEmpty()) {
            last = apply(elsewhere, offsets, copy);
        }

        assertThat(copy).isEqualTo(table(first));
        assertThat(offsets.subList(1, offsets.size())).isSorted();
        assertThat(offsets.getLast()).startsWith(epochOf(pages.get("now").next()));
    }

    private static String epochOf(String offset) {
        return offset.substring(0, 4);
    }

    /// Rows before, at and after any place in the table.
    private static void change(TestMySql server, int mark) {
        server.execute(
                "UPDATE moved.rows_of SET v = 'changed " + mark + "' WHERE id % 7 = " + mark,
                "DELETE FROM moved.rows_of WHERE id % 11 = " + mark,
                "INSERT INTO moved.rows_of SELECT id + "
                        + mark
                        + ", v FROM moved.rows_of"
                        + " WHERE id % 130 = 0",
                "UPDATE moved.rows_of SET id = id + 5 WHERE id % 170 = 0");
    }

    /// Reads the next page into a copy by key, as docs/feed.md says.
    private static PageClient.Fetched apply(
            PageClient client, List<String> offsets, Map<Integer, String> copy) {
        PageClient.Fetched[] page = new PageClient.Fetched[1];
        await("a page")
                .atMost(LONGEST)
                .until(
                        () -> {
                            page[0] = client.get(offsets.getLast());
                            return page[0].answer().status() != 503; // The server moves.
                        });
        page[0].answer().expect(200);
        offsets.add(page[0].next());
        for (ChangeEvent change : page[0].changes()) {
            boolean isDelete = change.operation().equals("delete");
            for (int i = 0; i < change.rows().size(); i++) {
                int id = change.row(i).path("id").asInt();
                if (change.metadata().path("key_changed").asBoolean()) {
                    copy.remove(change.before(i).path("id").asInt());
                }
                if (isDelete) {
                    copy.remove(id);
                } else {
                    copy.put(id, change.row(i).path("v").asString());
                }
            }
        }
        return page[0];
    }

    private static Map<Integer, String> table(TestMySql server) {
        Map<Integer, String> rows = new TreeMap<>();
        List<String> ids = Sql.column(server, "SELECT id, v FROM moved.rows_of ORDER BY id", 1);
        List<String> values = Sql.column(server, "SELECT id, v FROM moved.rows_of ORDER BY id", 2);
        for (int i = 0; i < ids.size(); i++) {
            rows.put(Integer.parseInt(ids.get(i)), values.get(i));
        }
        return rows;
    }
}
