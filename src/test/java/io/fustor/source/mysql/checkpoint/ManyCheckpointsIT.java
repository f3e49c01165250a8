package io.fustor.source.mysql.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A source with as many checkpoints as a reader may store.
class ManyCheckpointsIT {

    private static final int MOST = 60;
    private static final String ALL = "/api/sources/many/checkpoints";

    @Test
    void areBoundedListedInPagesAndCostTheServerOneQuestion() {
        TestMySql mysql = TestMySql.shared();
        try (var service =
                LocalService.start(Map.of("fustor.feed.max-checkpoints", String.valueOf(MOST)))) {
            var api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
            api.addSource("many", mysql);
            var token = Map.of("position", api.tokenOfNow("many"));
            api.put(ALL + "/c000", token).expect(200);
            long forOne = questionsOf(api, mysql);
            for (int i = 1; i < MOST; i++) {
                api.put(ALL + "/c%03d".formatted(i), token).expect(200);
            }

            assertThat(api.put(ALL + "/another", token).expect(409).detail())
                    .contains("fustor.feed.max-checkpoints");
            api.put(ALL + "/c007", token).expect(200);
            assertThat(questionsOf(api, mysql)).isLessThanOrEqualTo(forOne + 3);
            assertThat(pages(service)).hasSize(MOST).isSorted().doesNotHaveDuplicates();
            for (String wrong : List.of("limit=0", "limit=1001", "limit=x", "limit=-1")) {
                api.get(ALL + "?" + wrong).expect(400);
            }

            api.delete(ALL + "/c007").expect(204);
            api.put(ALL + "/another", token).expect(200);
        }
    }

    /// What the server was asked for a list; others may ask it meanwhile.
    private static long questionsOf(ServiceApi api, TestMySql mysql) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long before = questions(mysql);
            api.get(ALL).expect(200);
            least = Math.min(least, questions(mysql) - before);
        }
        return least;
    }

    private static long questions(TestMySql mysql) {
        try (var connection = mysql.jdbc();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SHOW GLOBAL STATUS LIKE 'Questions'")) {
            row.next();
            return row.getLong(2);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> pages(LocalService service) {
        var consumers = new ArrayList<String>();
        String path = ALL + "?limit=7";
        while (!path.isEmpty()) {
            var answer = service.get(path);
            answer.json().forEach(one -> consumers.add(one.path("consumer").asString()));
            String link = answer.header("Link");
            path = link.isEmpty() ? "" : link.substring(1, link.indexOf('>'));
        }
        return consumers;
    }
}
