package io.fustor.source.mysql.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Pages of a MariaDB server, whose GTIDs and proofs of places differ from MySQL's.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PagesMariaDbIT {

    private TestMySql server;
    private LocalService one;
    private LocalService other;

    @BeforeAll
    void start() {
        server = TestMySql.startMariaDb();
        one = service();
        other = service();
        new ServiceApi(uri(one)).addSource("pages", server);
    }

    private static LocalService service() {
        return LocalService.start(
                Map.of(
                        "spring.datasource.url",
                        "jdbc:h2:mem:pages-mariadb;DB_CLOSE_DELAY=-1",
                        "fustor.security.encryption-key",
                        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                        "fustor.mysql.tls",
                        "disabled"));
    }

    private static URI uri(LocalService service) {
        return URI.create("http://127.0.0.1:" + service.port());
    }

    @AfterAll
    void stop() {
        one.close();
        other.close();
        server.close();
    }

    @Test
    void pagesAreTheFeedAndStayAsTheyAre() {
        Traffic traffic = new Traffic(server, "pages_maria", 3);
        PageClient pages = PageClient.of(uri(one), "pages").with("tables", "pages_maria.*");
        String start = pages.get("now").next();
        traffic.run(2, 4_000, 100);
        traffic.end();
        List<FeedRow> expected = new ArrayList<>();
        List<PageClient.Fetched> read;
        try (FeedClient feed =
                new ServiceApi(uri(one))
                        .feed("pages")
                        .with("tables", "pages_maria.*")
                        .after(start)
                        .open()) {
            Traffic.readToTheEnd(feed, expected);
            read = pages.readToTheEnd(start);
        }

        FeedRow.assertSameSequence(expected, PageClient.rows(read));
        assertThat(read.stream().map(PageClient.Fetched::next).toList()).isSorted();
        assertThat(read.stream().filter(PageClient.Fetched::isLasting).count())
                .isGreaterThanOrEqualTo(2);
        for (PageClient.Fetched page : read) {
            if (page.isLasting()) {
                assertThat(pages.at(uri(other)).get(page.offset()).identity())
                        .isEqualTo(page.identity());
            }
        }
    }
}
