package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// XA transactions of MySQL 5.7 come where they are committed too.
class FeedXa57IT {

    private static void prepare(TestMySql mysql, String xid, String... statements) {
        List<String> all = new ArrayList<>();
        all.add("XA START " + xid);
        all.addAll(List.of(statements));
        all.add("XA END " + xid);
        all.add("XA PREPARE " + xid);
        // Its session ends with it, after which another may commit.
        mysql.execute(all.toArray(String[]::new));
    }

    private static String insert(int id) {
        return "INSERT INTO xa.t VALUES (" + id + ")";
    }

    private static List<Integer> ids(FeedClient client, int count) {
        return client.rows(count).stream()
                .map(row -> ChangeEvent.JSON.readTree(row.row()).path("id").asInt())
                .toList();
    }

    private static void commitOneToSix(TestMySql mysql) {
        prepare(mysql, "'a'", insert(3), insert(4));
        prepare(mysql, "'b','branch',7", insert(2));
        prepare(mysql, "'never'", insert(100));
        mysql.execute(
                insert(1),
                "FLUSH BINARY LOGS",
                "XA COMMIT 'b','branch',7",
                "XA ROLLBACK 'never'",
                "FLUSH BINARY LOGS",
                "XA COMMIT 'a'",
                "XA START 'c'",
                insert(5),
                "XA END 'c'",
                "XA COMMIT 'c' ONE PHASE",
                insert(6));
    }

    @Test
    void rowsComeAtTheirCommitLiveAndLater() {
        try (var mysql = TestMySql.start(ServerRelease.MYSQL_5_7);
                var service = LocalService.start(Map.of())) {
            mysql.execute("CREATE DATABASE xa", "CREATE TABLE xa.t (id INT PRIMARY KEY)");
            var api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
            api.addSource("old", mysql);
            var request = api.feed("old").with("tables", "xa.t");
            String before;
            try (FeedClient live = request.open()) {
                before = live.hello();
                commitOneToSix(mysql);

                assertThat(ids(live, 6)).containsExactly(1, 2, 3, 4, 5, 6);
            }
            try (FeedClient later = request.with("last_event_id", before).open()) {
                later.hello();

                assertThat(ids(later, 6)).containsExactly(1, 2, 3, 4, 5, 6);
            }
        }
    }
}
