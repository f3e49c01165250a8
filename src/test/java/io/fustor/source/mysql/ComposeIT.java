package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// That the server which `docker compose up` sets up is captured by the user that it makes, from
/// the rows that it has: with a server of the same release, without Docker.
class ComposeIT {

    private static final String PASSWORD = "a-password-of-tests";

    /// What the image's entry point hands to the server.
    private static String[] statements(String file) throws IOException {
        var text =
                Files.readString(Path.of("deploy/mysql", file))
                        .replaceAll("(?m)^(#|--).*\n", "")
                        .replaceAll("docker_process_sql <<SQL\n|(?m)^SQL\n", "")
                        .replace("${MYSQL_CAPTURE_PASSWORD}", PASSWORD)
                        .replace("'capture'", "'composed'");
        return Arrays.stream(text.split(";\n"))
                .filter(part -> !part.isBlank())
                .toArray(String[]::new);
    }

    private static String value(FeedRow row, String column) {
        return ChangeEvent.JSON.readTree(row.row()).path(column).asString();
    }

    @Test
    void rowsAndChangesOfTheShopComeWithTheUserThatIsMade() throws Exception {
        try (var mysql = TestMySql.start97()) {
            // MYSQL_DATABASE of docker-compose.yml.
            mysql.execute("CREATE DATABASE shop");
            mysql.execute(statements("capture-user.sh"));
            mysql.execute(statements("shop.sql"));
            try (var service = LocalService.start(Map.of())) {
                var api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
                api.addSource("shop", mysql.uri(), new TestMySql.Login("composed", PASSWORD));
                try (FeedClient client =
                        api.feed("shop")
                                .with("snapshot", "initial")
                                .with("tables", "shop.orders")
                                .open()) {
                    assertThat(client.rows(3))
                            .extracting(row -> value(row, "customer"))
                            .containsExactly("Ada", "Grace", "Edsger");

                    mysql.execute("UPDATE shop.orders SET status = 'paid' WHERE id = 3");

                    assertThat(value(client.rows(1).getFirst(), "status")).isEqualTo("paid");
                }
            }
        }
    }
}
