package io.fustor.source.mysql.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Pictures of every panel, light and dark, in `target/console`, or in the folder that
/// `fustor.console.pictures` names.
@Tag("console")
@Tag("long")
class ConsoleScreenshotsIT {

    private static final Path FOLDER =
            Path.of(System.getProperty("fustor.console.pictures", "target/console"));

    private final TestMySql mysql = TestMySql.shared();

    @Test
    void everyPanelHasItsPicture() throws Exception {
        Files.createDirectories(FOLDER);
        try (LocalService service = LocalService.start(Map.of())) {
            fill(new ServiceApi(URI.create("http://127.0.0.1:" + service.port())));
            for (boolean isDark : new boolean[] {false, true}) {
                try (var page = ConsolePage.open("en-US", isDark, service.port())) {
                    page.resize(1280, 940);
                    page.goTo("sources");
                    take(page, "live", isDark);
                    take(page, "sources", isDark);
                    take(page, "add", isDark);
                    take(page, "consumers", isDark);
                    take(page, "history", isDark);
                    take(page, "places", isDark);
                    take(page, "access", isDark);
                    take(page, "wide", isDark);
                    page.expectNoErrors();
                }
            }
        }
    }

    private void fill(ServiceApi api) {
        mysql.execute(
                "DROP DATABASE IF EXISTS shop",
                "CREATE DATABASE shop",
                "CREATE TABLE shop.customers (id INT PRIMARY KEY, name VARCHAR(40), email VARCHAR(60))",
                "CREATE TABLE shop.orders (id INT PRIMARY KEY, customer_id INT, status VARCHAR(20),"
                        + " total DECIMAL(10, 2), note TEXT)",
                "INSERT INTO shop.customers VALUES (1, 'Ada Quinn', 'ada@shop.example'),"
                        + " (2, 'Björn Åkesson', 'bjorn@shop.example')",
                "INSERT INTO shop.orders VALUES (17, 1, 'new', 38.25, 'a gift')");
        ConsoleIT.wideTable(mysql, "shop.wide");
        api.addSource("shop", mysql);
        String early = api.tokenOfNow("shop");
        mysql.execute(
                "UPDATE shop.orders SET status = 'paid' WHERE id = 17",
                "UPDATE shop.orders SET status = 'shipped', note = NULL WHERE id = 17",
                "INSERT INTO shop.orders VALUES (18, 2, 'new', 12.75, NULL)");
        mysql.execute("INSERT INTO shop.wide (id) VALUES (1)");
        api.put("/api/sources/shop/checkpoints/search-index", Map.of("position", early))
                .expect(200);
        api.put("/api/sources/shop/checkpoints/audit", Map.of("position", api.tokenOfNow("shop")))
                .expect(200);
        api.addReader("partner", Map.of("tables", List.of("shop.orders")));
    }

    private void take(ConsolePage page, String panel, boolean isDark) throws Exception {
        switch (panel) {
            case "live" -> {
                page.show("live?source=shop&tables=shop.orders,shop.customers&from=earliest");
                page.awaitText(".changes tbody", "Björn");
                page.awaitText("[data-live]", "Following");
            }
            case "sources" -> {
                page.show("sources");
                page.find("[data-source=shop]");
                page.find(".sparkline polyline");
            }
            case "add" -> {
                page.show("add");
                page.fill("Server address", mysql.uri());
                page.fill("User", mysql.user());
                page.fill("Password", mysql.password());
                page.press("Check");
                page.await("checks").until(() -> page.count("[data-result=passed]") == 3);
            }
            case "consumers" -> {
                page.show("consumers?source=shop");
                page.awaitText("[data-consumer=search-index]", "purged in");
            }
            case "history" -> {
                page.show("history?source=shop&table=shop.orders");
                page.fill("id int", "17");
                page.press("Read the history");
                page.find("[data-done]");
            }
            case "places" -> {
                page.show("places?source=shop&of=now");
                page.find("[data-place]");
            }
            case "wide" -> {
                page.show("live?source=shop&tables=shop.wide&from=earliest");
                page.press(".changes tbody tr", "All 1,001 columns");
                page.press("Tables: shop.wide");
                page.press(".picker", "Columns: 1,001");
            }
            default -> {
                page.show("access");
                page.find("[data-reader=partner]");
                page.press("New reader");
                page.find("#table-shop\\.orders");
                page.script("scrollTo(0, 0)");
            }
        }
        byte[] picture = page.picture();
        Path file = FOLDER.resolve(panel + (isDark ? "-dark" : "") + ".png");
        Files.write(file, picture);
        assertThat(picture.length).isGreaterThan(10_000);
    }
}
