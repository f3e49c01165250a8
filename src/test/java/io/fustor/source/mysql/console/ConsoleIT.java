package io.fustor.source.mysql.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Folder;
import io.fustor.source.mysql.support.FreePort;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/// The console in a real browser, with a real server.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("console")
class ConsoleIT {

    private static final String ADMIN = "an-administrators-secret";
    private static final String READER = "a-readers-secret";
    private static final List<String> PANELS =
            List.of("sources", "add", "live", "consumers", "history", "places", "access");

    /// As a value, and as names of a table and a column.
    private static final String MARKUP = "<img src=x onerror=\"window.hit=1\">";

    private final Folder data = Folder.temporary("fustor-console-");
    private final int port = FreePort.choose();

    /// Of its own: what the oldest place leads to is only what this class wrote.
    private final TestMySql mysql = TestMySql.start();

    private LocalService service;
    private ServiceApi api;
    private ConsolePage page;

    @BeforeAll
    void start() {
        service = startService();
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port)).as(ADMIN);
        mysql.execute(
                "DROP DATABASE IF EXISTS console",
                "CREATE DATABASE console",
                "CREATE TABLE console.orders (id INT PRIMARY KEY, status VARCHAR(60), total DECIMAL(10, 2))",
                "CREATE TABLE console.markup (`id` INT PRIMARY KEY, `%1$s` VARCHAR(80))"
                        .formatted(MARKUP),
                "CREATE TABLE console.`%1$s` (id VARCHAR(80) PRIMARY KEY)"
                        .formatted(MARKUP.replace("<img ", "<img a=1 ")),
                "INSERT INTO console.orders VALUES (1, 'new', 12.30), (2, 'paid', 8.70)");
        api.addSource("shop", mysql);
        page = ConsolePage.open("en-US", false, port);
    }

    private LocalService startService() {
        Map<String, String> properties = new HashMap<>();
        properties.put("server.port", Integer.toString(port));
        properties.put("server.address", "127.0.0.1");
        properties.put("fustor.security.tokens[0]", "ops:admin:" + ADMIN);
        properties.put("fustor.security.tokens[1]", "screen:reader:" + READER);
        properties.put("fustor.feed.heartbeat", "1s");
        return LocalService.on(data.path(), properties);
    }

    @AfterEach
    void noScriptFailed() {
        page.expectNoErrors();
    }

    @AfterAll
    void stop() {
        page.close();
        service.close();
        data.delete();
        mysql.close();
    }

    private void insert(int id, String status) {
        mysql.execute("INSERT INTO console.orders VALUES (%d, '%s', 1)".formatted(id, status));
    }

    private void following() {
        page.awaitText("[data-live]", "Following");
    }

    @Test
    void wizardGoesFromAWrongPasswordAndAWrongSettingToASavedSource() {
        try (TestMySql fresh = TestMySql.start("--binlog-row-image=MINIMAL")) {
            fresh.execute(
                    "CREATE DATABASE shop",
                    "CREATE TABLE shop.orders (id INT PRIMARY KEY, status VARCHAR(20))");
            page.signIn(ADMIN);
            page.show("add");
            page.fill("Server address", fresh.uri());
            page.fill("User", fresh.user());
            page.fill("Password", "wrong");
            page.press("Check");
            page.awaitText("[data-action=test_connection]", "Access denied");

            page.fill("Password", fresh.password());
            page.press("Check again");
            String check = "[data-action=check_params] [data-check=binlog_row_image]";
            assertThat(page.text(check)).contains("To fix", "is MINIMAL", "expected FULL");
            page.press(check, "Copy");
            page.await("the copied fix")
                    .until(() -> page.clipboard().contains("binlog_row_image = 'FULL'"));
            fresh.execute(page.clipboard().replaceAll(";.*", ""));

            page.press("Check again");
            page.await("passed checks")
                    .until(
                            () ->
                                    page.count("[data-result=passed]") == 3
                                            && page.count(check + ".check-good") == 1);
            page.press("Continue");
            page.find("[data-step=agent_setup]");
            page.fill("User", "console-wizard");
            page.fill("Password", "a-long-password");
            page.click("#table-shop\\.orders");
            page.press("Check");
            page.await("a user").until(() -> page.count("[data-result=passed]") == 2);
            page.press("Continue");
            assertThat(page.value("Name of the source")).isEqualTo("shop");
            page.fill("Name of the source", "wizard");
            page.press("Name and save");

            following();
            fresh.execute("INSERT INTO shop.orders VALUES (7, 'by the wizard')");
            page.awaitText(".changes tbody", "by the wizard");
            assertThat(api.get("/api/configs/sources").body())
                    .contains("console-wizard")
                    .doesNotContain("a-long-password", "\"" + fresh.user() + "\"");
            api.delete("/api/configs/sources/wizard").expect(204);
        }
    }

    @Test
    void liveViewShowsAnInsertWithinASecond() {
        page.signIn(ADMIN);
        page.show("live?source=shop&tables=console.orders");
        following();
        page.script(
                """
                window.shown = 0;
                new MutationObserver((all) => {
                  if (document.querySelector(".changes").textContent.includes("in time")) {
                    window.shown ||= Date.now();
                  }
                }).observe(document.querySelector(".changes"), { childList: true, subtree: true });
                """);

        insert(100, "in time");
        long committed = System.currentTimeMillis();

        page.await("the row").until(() -> page.number("window.shown") != 0);
        assertThat(page.number("window.shown") - committed).isLessThan(1_000);
    }

    @Test
    void anUpdateShowsBothValuesOfTheCellsThatChangedOnly() {
        insert(110, "before");
        page.signIn(ADMIN);
        page.show("live?source=shop&tables=console.orders");
        following();

        mysql.execute("UPDATE console.orders SET status = 'after' WHERE id = 110");

        page.awaitText(".changes tbody tr", "status before → after");
        assertThat(page.texts(".changes del")).containsExactly("before");
        assertThat(page.texts(".changes ins")).containsExactly("after");
        assertThat(page.text(".changes tbody tr")).doesNotContain("total");
        page.click(".changes tbody button");
        page.awaitText(".whole", "total");
    }

    @Test
    void aPausedViewAndAViewOfAServiceThatRestartsGoOnAfterTheirLastEvent() {
        page.signIn(ADMIN);
        page.show("live?source=shop&tables=console.orders");
        following();
        insert(120, "seen");
        page.awaitText(".changes tbody", "seen");

        page.press("Pause");
        insert(121, "while paused");
        page.press("Continue");
        page.awaitText(".changes tbody", "while paused");

        service.close();
        insert(122, "while away");
        page.awaitText("main", "cannot be reached");
        service = startService();
        page.awaitText(".changes tbody", "while away");
        assertThat(page.number("document.querySelector('.total').value")).isEqualTo(3);
    }

    @Test
    void aSnapshotShowsItsProgressAndItsRowsAreCounted() {
        long rows = Long.getLong("console.rows", 60_000);
        fill("console.large", rows);
        page.signIn(ADMIN);
        page.show("live?source=shop&tables=console.large");
        page.script(
                """
                window.seen = new Set();
                new MutationObserver(() => {
                  const bar = document.querySelector("progress");
                  if (bar) window.seen.add(bar.value);
                }).observe(document.querySelector("main"), { childList: true, subtree: true });
                """);
        page.choose("Begin", "With the rows");
        page.press("Start again");

        page.await("the end of the snapshot")
                .atMost(Duration.ofMinutes(5))
                .until(() -> page.count("[data-snapshot=done]") > 0);
        assertThat(page.number("document.querySelector('.total').value")).isEqualTo(rows);
        assertThat(page.number("document.querySelector('.skipped').value"))
                .isBetween(rows / 2, rows);
        assertThat(page.number("document.querySelectorAll('.changes tbody tr').length"))
                .isLessThanOrEqualTo(200);
        assertThat(page.number("window.seen.size")).isGreaterThan(rows >= 1_000_000 ? 3 : 0);
        mysql.execute("DROP TABLE console.large");
    }

    private void fill(String table, long rows) {
        mysql.execute(
                "CREATE TABLE " + table + " (id INT PRIMARY KEY, text VARCHAR(60))",
                "SET SESSION cte_max_recursion_depth = 10000000",
                "INSERT INTO "
                        + table
                        + " WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n"
                        + " WHERE i < "
                        + rows
                        + ") SELECT i, REPEAT('x', 40) FROM n");
    }

    @Test
    void markupInNamesAndValuesHasNoEffectInAnyPanel() {
        String table = MARKUP.replace("<img ", "<img a=1 ");
        page.signIn(ADMIN);
        page.show("live?source=shop");
        following();
        mysql.execute(
                "INSERT INTO console.markup VALUES (1, '%s')".formatted(MARKUP),
                "UPDATE console.markup SET `%1$s` = 'then %1$s' WHERE id = 1".formatted(MARKUP),
                "INSERT INTO console.`%s` VALUES ('%s')".formatted(table, MARKUP));
        page.awaitText(".changes tbody", "then " + MARKUP);
        page.awaitText(".changes tbody", "console." + table);
        page.show("history?table=console.markup");
        page.fill("id int", "1");
        page.press("Read the history");
        page.awaitText(".changes tbody", "then " + MARKUP);
        page.show("places?of=" + encoded(MARKUP));
        page.awaitText("main [role=alert]", "of");
        page.show("access");
        page.press("New reader");
        page.awaitText(".picker", "console." + table);
        for (String panel : PANELS) {
            page.show(panel);
        }

        assertThat(page.number("window.hit ?? 0")).isZero();
        assertThat(page.count("main img, main script")).isZero();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Test
    void aReaderIsOfferedWhatItMayDoOnly() {
        page.signIn(READER);
        assertThat(page.texts("nav a"))
                .containsExactly("Sources", "Live", "Consumers", "Row history", "Places");
        page.find("[data-source=shop]");
        assertThat(page.texts("main button, main a.button"))
                .contains("Watch live")
                .doesNotContain("Stop", "Change", "Delete");

        page.click(".caller button");
        page.type(".sign-in input", "no token");
        page.click(".sign-in button");
        page.awaitText(".sign-in [role=alert]", "token");
    }

    @Test
    void anAdministratorStopsStartsAndDeletesASource() {
        api.addSource("spare", mysql);
        page.signIn(ADMIN);
        page.show("sources");
        String card = "[data-source=spare]";
        page.press(card, "Stop");
        page.awaitText(card, "Stopped");
        page.press(card, "Start");
        page.awaitText(card, "Watch live");

        page.press(card, "Delete");
        page.click("dialog .danger");
        page.awaitNone(card);
        assertThat(api.get("/api/sources/spare").status()).isEqualTo(404);
    }

    @Test
    void aSourceIsChangedAndKeepsWhatTheFormDoesNotShow() {
        api.addSource("changed", mysql);
        JsonNode before = config("changed");
        page.signIn(ADMIN);
        page.show("change/changed");
        page.fill("Masks", "console.orders.status = fixed:a=b");
        page.fill("Attempts to reconnect", "7");
        page.press("Save");
        page.awaitText("main", "The configuration is saved.");
        page.find("[data-check]");

        JsonNode after = config("changed");
        assertThat(after.at("/masks/console.orders.status").asString()).isEqualTo("fixed:a=b");
        assertThat(after.path("max_retries").asInt()).isEqualTo(7);
        for (String kept : List.of("uri", "credential", "retry_delay_sec", "driver_params")) {
            assertThat(after.path(kept)).as(kept).isEqualTo(before.path(kept));
        }
        page.fill("Masks", "console.orders.status");
        page.press("Save");
        page.awaitText("main [role=alert]", "mask");
        page.fill("Masks", "");
        page.fill("Server", "another.example:3306");
        page.press("Save");
        page.find("main input[type=password]:user-invalid");
        assertThat(config("changed")).isEqualTo(after);
        api.delete("/api/configs/sources/changed").expect(204);
    }

    private JsonNode config(String source) {
        return api.get("/api/configs/sources").expect(200).json().path(source);
    }

    @Test
    void aConsumerIsRewoundAfterAPreview() {
        String before = api.tokenOfNow("shop");
        mysql.execute("INSERT INTO console.orders VALUES (130, 'again', 1), (131, 'again', 2)");
        String after = api.tokenOfNow("shop");
        api.put("/api/sources/shop/checkpoints/index", Map.of("position", after)).expect(200);
        page.signIn(ADMIN);
        page.show("consumers?source=shop");
        String line = "[data-consumer=index]";
        page.awaitText(line, "purged in about");
        page.press(line, "Rewind");
        page.fill("Rewind to", before);
        page.press("Preview");
        page.awaitText(".rewind", "2 rows will be delivered again");
        page.awaitText(".rewind", "console.orders");
        page.press("Move the checkpoint");

        page.await("the stored place")
                .until(
                        () ->
                                api.get("/api/sources/shop/checkpoints/index")
                                        .json()
                                        .path("position")
                                        .asString()
                                        .equals(before));
        page.awaitNone(".rewind");
        page.press(line, "Delete");
        page.click("dialog .danger");
        page.awaitNone(line);
    }

    @Test
    void aRowsHistoryHasEachOfItsChangesOldestFirst() {
        insert(140, "first");
        mysql.execute(
                "UPDATE console.orders SET status = 'second' WHERE id = 140",
                "DELETE FROM console.orders WHERE id = 140");
        page.signIn(ADMIN);
        page.show("history?source=shop&table=console.orders");
        page.fill("id int", "140");
        page.press("Read the history");
        page.find("[data-done='3']");

        List<String> lines = page.texts(".changes tbody tr");
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).contains("Insert", "status first");
        assertThat(lines.get(1)).contains("Update", "first → second");
        assertThat(lines.get(2)).contains("Delete", "status second");
    }

    @Test
    void aPlaceIsExplainedAndLeadsToWhatFollowsIt() {
        insert(150, "follows");
        page.signIn(ADMIN);
        page.show("places?source=shop&of=earliest");
        page.awaitText("[data-place]", "The oldest place that the server has");
        page.awaitText("main", "What follows");
        page.press("Watch from here");
        page.awaitText(".changes tbody", "follows");
    }

    @Test
    void aReadersSecretIsShownOnceAndOpensWhatItIsGranted() {
        page.signIn(ADMIN);
        page.show("access");
        page.press("New reader");
        page.fill("Name", "partner");
        page.click("#table-console\\.orders");
        page.press("Create the reader");
        String token = page.text("[data-secret=partner] pre");
        assertThat(page.text("[data-secret=partner]"))
                .contains("curl -N -H 'Authorization: Bearer " + token);
        assertThat(api.as(token).get("/api/sources/shop/tables").expect(200).json()).hasSize(1);

        page.show("sources");
        page.show("access");
        page.find("[data-reader=partner]");
        assertThat(page.source()).doesNotContain(token);
        page.press("Delete");
        page.click("dialog .danger");
        page.awaitNone("[data-reader=partner]");
        assertThat(api.as(token).get("/api/sources").status()).isEqualTo(401);
    }

    /// What the panel cannot show, such as wildcards, stays as it is.
    @Test
    void aGrantIsEditedAndNothingElseIsGranted() {
        api.addReader(
                "narrow",
                Map.of(
                        "fields", List.of("console.*.id", "console.orders.*"),
                        "without", List.of("*.*.secret"),
                        "where", List.of("console.orders: total < 50"),
                        "expires", "2099-01-02T03:04:05Z"));
        JsonNode before = grant("narrow");
        page.signIn(ADMIN);
        page.show("access");
        page.press("[data-reader=narrow]", "Change");
        page.awaitText(".picker", "console.*.id");
        page.fill("Open streams at a time", "3");
        page.press("Save");
        page.awaitText("main", "The grant of narrow is replaced.");
        JsonNode after = grant("narrow");
        assertThat(after.path("max_streams").asInt()).isEqualTo(3);
        for (String kept : List.of("sources", "tables", "fields", "without", "where", "expires")) {
            assertThat(after.path(kept)).as(kept).isEqualTo(before.path(kept));
        }

        page.press("[data-reader=narrow]", "Change");
        page.awaitText(".picker", "console.*.id");
        page.press(".picker li:has(#table-console\\.orders)", "Columns: 3");
        page.click(".picker .columns li:nth-child(3) label");
        page.press("Save");
        page.await("the columns")
                .until(
                        () ->
                                strings(grant("narrow").path("fields"))
                                        .equals(
                                                List.of(
                                                        "console.orders.id",
                                                        "console.orders.status",
                                                        "console.*.id")));
        api.delete("/api/readers/narrow").expect(204);
    }

    private JsonNode grant(String reader) {
        return api.get("/api/readers")
                .expect(200)
                .json()
                .valueStream()
                .filter(one -> one.path("name").asString().equals(reader))
                .findFirst()
                .orElseThrow()
                .path("grant");
    }

    private static List<String> strings(JsonNode list) {
        return list.valueStream().map(JsonNode::asString).toList();
    }

    @Test
    void aTableOfAThousandColumnsIsChosenAndShown() {
        wideTable(mysql, "console.wide");
        page.signIn(ADMIN);
        page.show("live?source=shop&tables=console.wide");
        following();
        mysql.execute("INSERT INTO console.wide (id) VALUES (1)");
        page.press(".changes tbody tr", "All 1,001 columns");
        assertThat(page.count(".whole tbody tr")).isEqualTo(1_001);
        assertThat(page.number("document.documentElement.scrollWidth - innerWidth")).isZero();

        page.press("Tables: console.wide");
        page.press(".picker", "Columns: 1,001");
        page.press(".picker .columns", "None");
        page.type(".picker .columns input[type=search]", "00017");
        assertThat(page.texts(".picker .columns li")).containsExactly(wideName(17));
        page.press(".picker .columns", "All");
        assertThat(page.number("document.documentElement.scrollWidth - innerWidth")).isZero();
        page.press("Start again");
        following();
        mysql.execute("INSERT INTO console.wide (id) VALUES (2)");
        page.awaitText(".changes tbody", wideName(17) + " 0");
        assertThat(page.texts(".changes .cells > span")).hasSize(1);
    }

    /// The names of all others exceed what a request may hold.
    @Test
    void oneOfAThousandColumnsIsLeftOut() {
        wideTable(mysql, "console.wider");
        page.signIn(ADMIN);
        page.show("live?source=shop&tables=console.wider");
        following();
        page.press("Tables: console.wider");
        page.press(".picker", "Columns: 1,001");
        page.type(".picker .columns input[type=search]", "00017");
        page.press(".picker .columns", "None");
        page.press("Start again");
        following();
        mysql.execute("INSERT INTO console.wider (id) VALUES (1)");
        page.press(".changes tbody tr", "All 1,000 columns");
        assertThat(page.text(".whole tbody")).contains(wideName(16), wideName(18));
        assertThat(page.text(".whole tbody")).doesNotContain(wideName(17));
    }

    /// Of an id and 1,000 columns with names of 64 characters.
    static void wideTable(TestMySql mysql, String name) {
        String columns =
                IntStream.rangeClosed(1, 1_000)
                        .mapToObj(i -> ", " + wideName(i) + " BIT(1) NOT NULL DEFAULT 0")
                        .collect(Collectors.joining());
        mysql.execute("CREATE TABLE " + name + " (id INT PRIMARY KEY" + columns + ")");
    }

    private static String wideName(int i) {
        return "a_name_that_is_as_long_as_a_name_may_be_of_64_characters___%05d".formatted(i);
    }

    @Test
    void numbersHaveTheDigitsThatTheServerSent() {
        mysql.execute(
                "CREATE TABLE console.digits (id INT PRIMARY KEY, price DECIMAL(10, 2),"
                        + " small DECIMAL(20, 10), large DOUBLE, whole DECIMAL(30, 4), doc JSON)");
        page.signIn(ADMIN);
        page.show("live?source=shop&tables=console.digits");
        following();
        mysql.execute(
                "INSERT INTO console.digits VALUES (1, 8.70, 0.0000000120, 1e21,"
                        + " 12345678901234567890.1230, '{\"total\": 1.0, \"n\": [2.50, 7]}')");
        page.awaitText(".changes tbody", "price 8.70");
        assertThat(page.text(".changes tbody tr"))
                .contains("small 0.0000000120", "large 1e21", "whole 12345678901234567890.1230")
                .containsPattern("\\{\"n\": ?\\[2\\.5, ?7\\], ?\"total\": ?1\\.0\\}");
        mysql.execute("UPDATE console.digits SET price = 8.80");
        page.awaitText(".changes tbody", "price 8.70 → 8.80");
        assertThat(page.texts(".changes del")).containsExactly("8.70");
    }

    @Test
    void theSameRequestIsThereAsCode() {
        page.signIn(ADMIN);
        page.show("live?source=shop&tables=console.orders&ops=insert");
        following();
        page.press("The same request as code");
        for (String language : List.of("curl", "Browser", "Python", "Java")) {
            page.press(language);
            page.awaitText("[role=tabpanel] pre", "console.orders");
        }
    }

    @Test
    void firstViewIsSmallAndEarly() {
        page.signIn(ADMIN);
        page.load();
        page.find("[data-source=shop]");
        long bytes =
                page.number(
                        """
                        performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
                            .reduce((sum, one) => sum + one.transferSize, 0)""");
        long paint =
                page.number("performance.getEntriesByName('first-contentful-paint')[0].startTime");
        System.out.println("console: first paint " + paint + " ms, " + bytes + " bytes");
        assertThat(bytes).isBetween(10_000L, 150_000L);
        assertThat(paint).isLessThan(1_000);
    }

    @Test
    void nothingIsSeriousForThoseWhoHearThePageOrUseItsKeys() throws Exception {
        page.signIn(ADMIN);
        expectAccessible(page);
        page.signOut();
        assertThat(page.accessibilityFaults()).isEmpty();
        page.become("zh-CN", true);
        try {
            page.signIn(ADMIN);
            assertThat(page.texts("nav a"))
                    .containsExactly("数据源", "添加数据源", "实时", "消费者", "行历史", "位置", "访问");
            page.show("add");
            page.awaitText(".steps", "连接");
            expectAccessible(page);
        } finally {
            page.become("en-US", false);
        }
    }

    private static void expectAccessible(ConsolePage page) throws Exception {
        for (String panel : PANELS) {
            page.show(panel.equals("live") ? "live?source=shop&from=earliest" : panel);
            page.find("main h1");
            assertThat(page.accessibilityFaults()).as(panel).isEmpty();
            assertThat(page.text("main"))
                    .as(panel)
                    .doesNotContainPattern("\\b(null|undefined|NaN|\\[object)\\b");
        }
    }
}
