package io.fustor.source.mysql.servers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// A feed of a server with `lower_case_table_names=1`: any spelling of a name means the same table,
/// and events carry the server's. On a server with `0` another spelling is another table.
@RunningService
class NamesInLowerCaseIT {

    @LocalServerPort private int port;

    private TestMySql mysql;
    private ServiceApi api;

    @BeforeAll
    void start() {
        mysql = TestMySql.startMariaDb("--binlog-row-metadata=FULL", "--lower-case-table-names=1");
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("lower", mysql);
        api.addSource("exact", TestMySql.shared());
        mysql.execute(
                "CREATE DATABASE Shop",
                "CREATE TABLE Shop.`GRÜN` (Id INT PRIMARY KEY, V INT)",
                "INSERT INTO shop.`grün` VALUES (1, 1)");
    }

    @AfterAll
    void stop() {
        mysql.close();
    }

    private FeedRequest feed() {
        return api.feed("lower").with("tables", "SHOP.Grün").with("fields", "shop.GRÜN.ID");
    }

    @Test
    void selectsATableByAnySpelling() {
        try (FeedClient client = feed().open()) {
            client.hello();
            mysql.execute("INSERT INTO SHOP.`Grün` VALUES (2, 2)", "TRUNCATE Shop.`gRÜN`");

            ChangeEvent change = client.change();
            assertThat(change.table()).isEqualTo("shop.grün");
            assertThat(change.row(0).toString()).isEqualTo("{\"Id\":2}");
            JsonNode truncate = client.control("truncate");
            assertThat(truncate.path("table").asString()).isEqualTo("grün");
        }
        mysql.execute("INSERT INTO shop.`grün` VALUES (3, 3)");
        try (FeedClient client = feed().with("snapshot", "only").open()) {
            client.hello();
            assertThat(client.rows(1).getFirst().row()).isEqualTo("{\"Id\":3}");
        }
    }

    @Test
    void refusesAnotherSpellingWhereItIsAnotherTable() {
        TestMySql.shared()
                .execute(
                        "CREATE DATABASE IF NOT EXISTS names_exact",
                        "CREATE TABLE IF NOT EXISTS names_exact.t (id INT PRIMARY KEY)");
        FeedRequest exact = api.feed("exact");
        try (FeedClient client = exact.with("tables", "names_exact.T").send()) {
            assertThat(client.status()).isEqualTo(400);
            assertThat(client.problem().path("detail").asString()).contains("names_exact.T");
        }
        try (FeedClient client = exact.with("fields", "names_exact.t.ID").open()) {
            assertThat(client.status()).isEqualTo(200);
        }
    }
}
