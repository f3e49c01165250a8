package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/// The parameter `without`: all columns but some.
@RunningService
class WithoutColumnsIT {

    private static final String SOURCE = "without";

    private final TestMySql mysql = TestMySql.shared();

    @LocalServerPort private int port;

    private ServiceApi api;

    @BeforeAll
    void makeTables() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource(SOURCE, mysql);
        mysql.execute(
                "CREATE DATABASE without_columns",
                "CREATE TABLE without_columns.people (id INT PRIMARY KEY, name VARCHAR(20),"
                        + " Password VARCHAR(20))",
                "CREATE TABLE without_columns.secrets (Password VARCHAR(20) PRIMARY KEY)",
                "CREATE TABLE without_columns.wide (id INT PRIMARY KEY, "
                        + IntStream.range(0, 999)
                                .mapToObj(i -> wideColumn(i) + " TINYINT")
                                .collect(Collectors.joining(", "))
                        + ")",
                "INSERT INTO without_columns.people VALUES (1, 'a', 'x'), (2, 'b', 'y'),"
                        + " (3, 'c', 'z')",
                "INSERT INTO without_columns.secrets VALUES ('x')");
    }

    private static String wideColumn(int number) {
        return "a_column_with_the_longest_name_that_a_server_takes_in_tables_%03d"
                .formatted(number);
    }

    private FeedRequest feed(String without) {
        return api.feed(SOURCE).with("tables", "without_columns.*").with("without", without);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "without_columns.people.password,without_columns.secrets.*",
                "*.*.PASSWORD",
                "without_columns.*.pass*"
            })
    void changesComeWithoutTheColumnsAndTablesOfNoOther(String without) {
        String start = api.tokenOfNow(SOURCE);
        mysql.execute(
                "INSERT INTO without_columns.secrets VALUES ('s')",
                "INSERT INTO without_columns.people VALUES (10, 'n', 'p')",
                "UPDATE without_columns.people SET name = 'm', Password = 'q' WHERE id = 10",
                "DELETE FROM without_columns.people WHERE id = 10",
                "DELETE FROM without_columns.secrets WHERE Password = 's'");

        try (FeedClient client = feed(without).after(start).open()) {
            ChangeEvent insert = client.change();
            assertThat(insert.table()).isEqualTo("without_columns.people");
            assertThat(insert.fields()).containsExactly("id", "name");
            assertThat(insert.rows()).containsExactly("{\"id\":10,\"name\":\"n\"}");
            ChangeEvent update = client.change();
            assertThat(update.beforeRows()).containsExactly("{\"id\":10,\"name\":\"n\"}");
            assertThat(update.rows()).containsExactly("{\"id\":10,\"name\":\"m\"}");
            assertThat(client.change().rows()).containsExactly("{\"id\":10,\"name\":\"m\"}");
        }
    }

    @Test
    void isAmongWhatTheSourceTellsOfASubscriber() {
        try (FeedClient client = feed("*.*.Password,without_columns.people.id").open()) {
            client.hello();
            assertThat(api.source(SOURCE).path("subscribers").valueStream())
                    .extracting(one -> one.path("filter").path("without").toString())
                    .contains("[\"*.*.password\",\"without_columns.people.id\"]");
        }
    }

    @Test
    void snapshotComesWithoutThemAndResumesByAKeyThatIsLeftOut() {
        FeedRequest feed =
                feed("*.*.password,without_columns.people.id,without_columns.wide.*")
                        .with("snapshot", "only")
                        .with("batch", 1);
        try (FeedClient client = feed.open()) {
            ChangeEvent first = client.change();
            assertThat(first.rows()).containsExactly("{\"name\":\"a\"}");
            client.cut();
            try (FeedClient again = feed.after(first.token()).open()) {
                assertThat(again.change().rows()).containsExactly("{\"name\":\"b\"}");
                assertThat(again.change().rows()).containsExactly("{\"name\":\"c\"}");
            }
        }
    }

    @Test
    void leavesOneOfAThousandColumnsOut() {
        String start = api.tokenOfNow(SOURCE);
        mysql.execute("INSERT INTO without_columns.wide (id) VALUES (1)");

        try (FeedClient client =
                feed("without_columns.wide." + wideColumn(500)).after(start).open()) {
            assertThat(client.change().fields())
                    .hasSize(999)
                    .contains(wideColumn(499), wideColumn(501))
                    .doesNotContain(wideColumn(500));
        }
    }

    /// A letter short, and the column would come.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "without_columns.people.pasword",
                "without_columns.peopel.password",
                "without_columns.people",
                "password",
                "without_columns.people.password,"
            })
    void refusesNamesOfWhatIsNotThere(String without) {
        try (FeedClient client = feed(without).send()) {
            assertThat(client.status()).isEqualTo(400);
            assertThat(client.problem().path("detail").asString()).contains("without");
        }
    }
}
