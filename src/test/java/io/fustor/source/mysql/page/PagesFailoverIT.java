package io.fustor.source.mysql.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
}
