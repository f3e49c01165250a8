package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Chromium;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.QuickJs;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.tools.ToolProvider;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebDriver;

/// That the programs in `examples` do what they say: follow a feed over a restart of the service
/// and over one of their own, with each row once, and say why they are refused.
class ExamplesIT {

    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final String TOKEN = "a-secret-of-tests";
    private static final String ADMIN = "an-administrators-secret-of-tests";
    private static final String[] BEARER = {"Authorization", "Bearer " + TOKEN};

    @TempDir static Path dataDir;
    private static final Map<String, String> properties = new HashMap<>();
    private static TestMySql mysql;
    private static LocalService service;

    @TempDir Path folder;

    @BeforeAll
    static void start() {
        mysql = TestMySql.start();
        mysql.execute(
                "CREATE DATABASE shop",
                "CREATE TABLE shop.numbers (n INT PRIMARY KEY)",
                "CREATE TABLE shop.shown (n INT PRIMARY KEY)");
        properties.putAll(
                Map.of(
                        "fustor.security.tokens",
                        "example:reader:" + TOKEN + ",ops:admin:" + ADMIN,
                        "server.address",
                        "127.0.0.1",
                        "fustor.sources.shop.driver_type",
                        "mysql",
                        "fustor.sources.shop.uri",
                        mysql.uri(),
                        "fustor.sources.shop.credential.user",
                        TestMySql.CAPTURE.user(),
                        "fustor.sources.shop.credential.passwd",
                        TestMySql.CAPTURE.password(),
                        "spring.web.resources.static-locations",
                        "file:./examples/",
                        "spring.mvc.static-path-pattern",
                        "/console/**",
                        // The place that a reader keeps moves to the end with one.
                        "fustor.feed.heartbeat",
                        "500ms"));
        // So does the offset of one that reads pages.
        properties.put("fustor.pages.long-poll", "500ms");
        service = LocalService.on(dataDir, properties);
        // For the restart.
        properties.put("server.port", Integer.toString(service.port()));
    }

    @AfterAll
    static void end() {
        service.close();
        mysql.close();
    }

    private static String address(String path) {
        return "http://127.0.0.1:" + service.port() + path;
    }

    private static List<String> java(String consumer, String parameters) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "examples/Follow.java",
                address("/api/sources/shop"),
                consumer,
                parameters);
    }

    private static List<String> python(Path position, String parameters) {
        return List.of(
                "python3",
                "examples/follow.py",
                address("/api/sources/shop/events?" + parameters),
                position.toString());
    }

    /// All of them side by side, over one restart of the service and one of theirs.
    @Test
    void everyReaderGetsEachRowOnce() throws IOException {
        requirePython();
        var readers = readers();
        for (var reader : readers) {
            reader.start();
            reader.await("position at the start", () -> reader.lag().isPresent());
        }
        insert(1, 20);
        readers.forEach(each -> each.await("rows", () -> each.rows().size() >= 20));

        service.close();
        insert(21, 40);
        service = LocalService.on(dataDir, properties);
        insert(41, 60);
        for (var reader : readers) {
            reader.await("rows after a restart", () -> reader.rows().size() >= 60);
            reader.await("position at the end", () -> reader.lag().orElse(-1) == 0);
            reader.close();
        }

        insert(61, 80);
        readers.forEach(Reader::start);
        for (var reader : readers) {
            reader.await("rows of its second run", () -> reader.rows().size() >= 80);
            assertThat(reader.rows()).isEqualTo(IntStream.rangeClosed(1, 80).boxed().toList());
            reader.close();
        }
        assertThat(readers.get(2).lines())
                .allMatch(line -> line.startsWith("insert shop.numbers {"));
        assertThat(readers.get(1).lines()).isEqualTo(readers.get(2).lines());
        assertThat(readers.get(1).lines()).isEqualTo(readers.get(3).lines());
    }

    private List<Reader> readers() throws IOException {
        var tables = "tables=shop.numbers";
        var position = folder.resolve("position");
        var debezium = folder.resolve("debezium-position");
        var offset = folder.resolve("offset");
        return List.of(
                new Reader("java", java("java-reader", tables), folder, () -> lagOf("java-reader")),
                new Reader("python", python(position, tables), folder, () -> lagOf(position)),
                new Reader(
                        "debezium",
                        python(debezium, tables + "&format=debezium"),
                        folder,
                        () -> lagOf(debezium)),
                new Reader("pages", pages(offset, tables), folder, () -> lagOf(offset)));
    }

    private static List<String> pages(Path offset, String parameters) {
        return List.of(
                "python3",
                "examples/pages.py",
                address("/api/sources/shop/stream?" + parameters),
                offset.toString());
    }

    @Test
    void aReaderThatIsRefusedSaysWhyAndEnds() throws Exception {
        requirePython();
        for (var command :
                List.of(
                        java("refused", "tables=shop.nothing"),
                        python(folder.resolve("refused"), "tables=shop.nothing"),
                        pages(folder.resolve("refused-pages"), "tables=shop.nothing"),
                        replay("tables=shop.nothing"))) {
            try (var reader = new Reader("refused", command, folder, OptionalLong::empty)) {
                reader.start();

                assertThat(reader.exitValue()).isEqualTo(1);
                assertThat(reader.complaints()).contains("400", "shop.nothing");
            }
        }
    }

    private static List<String> replay(String parameters) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "examples/Replay.java",
                address("/api/sources/shop"),
                "now",
                parameters);
    }

    @Test
    void replayPrintsTheHistoryOfARowAndEnds() throws Exception {
        mysql.execute(
                "CREATE TABLE shop.replayed (id INT PRIMARY KEY, n INT)",
                "INSERT INTO shop.replayed VALUES (1, 101), (2, 201)",
                "UPDATE shop.replayed SET n = n + 1",
                "DELETE FROM shop.replayed");
        var parameters = "from=earliest&tables=shop.replayed&where=shop.replayed:%20id%20%3D%202";
        try (var reader = new Reader("replay", replay(parameters), folder, OptionalLong::empty)) {
            reader.start();

            assertThat(reader.exitValue()).as(reader.complaints()).isZero();
            assertThat(reader.complaints()).contains("\"reason\":\"until\"");
            assertThat(reader.lines())
                    .hasSize(3)
                    .allMatch(line -> line.contains("\"table\":\"replayed\""));
            // An update also has the row before it.
            assertThat(reader.rows()).isEqualTo(List.of(201, 202, 201, 202));
        }
    }

    /// Every address of the document, as it is there, with an id and a time of now.
    @Test
    void addressesForCurlAreAnswered() throws IOException {
        mysql.execute(
                "CREATE TABLE IF NOT EXISTS shop.orders"
                        + " (id INT PRIMARY KEY, status VARCHAR(9))");
        var id =
                service.send("HEAD", "/api/sources/shop/stream", null, BEARER)
                        .header("Stream-Next-Offset");
        var found =
                Pattern.compile("curl [^\n|>]*?\"\\$S([^\"]*)\"([^\n]*)")
                        .matcher(Files.readString(Path.of("examples/curl.md")))
                        .results()
                        .filter(call -> !call.group().contains(" -X "))
                        .toList();
        assertThat(found).hasSizeGreaterThan(15);
        for (var call : found) {
            var path =
                    call.group(1)
                            .replaceAll(
                                    "\\$\\(date.*\\)", Instant.now().minusSeconds(60).toString())
                            .replace("$NEXT", id)
                            .replace("$ID", id)
                            .replace("&consumer=by-hand", "");
            if (call.group(2).contains("--data-urlencode")) {
                path += "?from=earliest&until=now&where=shop.orders:%20id%20%3D%201";
            }
            assertThat(service.send("HEAD", "/api/sources/shop" + path, null, BEARER).status())
                    .as(call.group())
                    .isEqualTo(200);
        }
    }

    private static String text(WebDriver page, String id) {
        return page.findElement(By.id(id)).getText();
    }

    private static void logIn(WebDriver page, String query) {
        page.get(address("/console/browser.html" + query));
        Awaitility.await("log-in")
                .atMost(LONGEST)
                .until(() -> page.findElement(By.id("token")).isDisplayed());
        assertThat(text(page, "state")).startsWith("The request needs a token");
        page.findElement(By.id("token")).sendKeys(TOKEN + Keys.ENTER);
    }

    @Test
    void pageLogsInAndShowsEachChange() {
        try (var browser = Chromium.start("en-US", false)) {
            var page = browser.driver();
            logIn(page, "?tables=shop.shown");
            Awaitility.await("the stream")
                    .atMost(LONGEST)
                    .until(() -> text(page, "state").equals("following shop"));

            mysql.execute("INSERT INTO shop.shown VALUES (7)");

            Awaitility.await("a row")
                    .atMost(LONGEST)
                    .until(() -> text(page, "changes").contains("insert shown {\"n\":7}"));
        }
    }

    @Test
    void pageSaysWhyItIsRefused() {
        try (var browser = Chromium.start("en-US", false)) {
            var page = browser.driver();
            logIn(page, "?tables=shop.nothing");

            Awaitility.await("the reason")
                    .atMost(LONGEST)
                    .until(() -> text(page, "state").contains("shop.nothing"));
        }
    }

    /// The script makes a reader that sees its table only, and overwrites no file.
    @Test
    void scriptMakesAReader() throws Exception {
        var secret = folder.resolve("partner.secret");
        var words =
                List.of(
                        "sh",
                        "examples/make-reader.sh",
                        address(""),
                        "partner",
                        "{\"tables\": [\"shop.shown\"]}",
                        secret.toString());
        assertThat(run(words)).isZero();

        var bearer = new String[] {"Authorization", "Bearer " + Files.readString(secret).strip()};
        assertThat(service.get("/api/sources/shop", bearer).status()).isEqualTo(200);
        assertThat(service.get("/api/sources/shop/events?tables=shop.numbers", bearer).status())
                .isEqualTo(400);
        assertThat(Files.getPosixFilePermissions(secret))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(run(words)).isEqualTo(1);
    }

    private static int run(List<String> words) throws Exception {
        var builder = new ProcessBuilder(words).inheritIO();
        builder.environment().put("FUSTOR_TOKEN", ADMIN);
        return builder.start().onExit().get(LONGEST.toSeconds(), TimeUnit.SECONDS).exitValue();
    }

    /// What a page runs: it gets a JWT of its site, follows, and gets another one when that ends.
    @Test
    void pageFollowsWithJwts() throws Exception {
        var orders = Files.readString(Path.of("examples/orders.js"));
        var page =
                """
                const location = { search: "?feed=/feed&token=/token" };
                const shown = [];
                const element = () => ({ set textContent(text) { shown.push(text); }, append() {} });
                const document = { getElementById: element, createElement: element };
                const requests = [];
                class URLSearchParams { get(name) { return { feed: "/feed", token: "/token" }[name]; } }
                class TextDecoderStream {}
                const answers = [
                  ['{"event_id":"a","event_type":"insert","rows":[{"n":1}]}\\n{"event',
                   '_id":"b","control":"end","reason":"authorization"}\\n'],
                  ['{"event_id":"c","event_type":"insert","rows":[{"n":2}]}\\n'],
                ];
                let tokens = 0;
                async function fetch(address, options) {
                  if (address === "/token") { return { ok: true, text: async () => `jwt${++tokens}\\n` }; }
                  requests.push(`${options.headers.Authorization} ${options.headers["Last-Event-ID"]}`);
                  const pieces = answers.shift();
                  if (pieces === undefined) { print(JSON.stringify({ shown, requests })); std.exit(0); }
                  const read = async () => ({ done: pieces.length === 0, value: pieces.shift() });
                  return { ok: true, body: { pipeThrough: () => ({ getReader: () => ({ read }) }) } };
                }
                const setTimeout = (resume) => os.setTimeout(resume, 1);
                """;
        var script = Files.writeString(folder.resolve("page.js"), page + orders);
        var process =
                new ProcessBuilder(QuickJs.commandLine("--std", script.toString()))
                        .redirectErrorStream(true)
                        .start();
        var printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(printed)
                .contains("insert {\\\"n\\\":1}", "insert {\\\"n\\\":2}", "getting another token")
                .contains("Bearer jwt1 undefined", "Bearer jwt2 b", "Bearer jwt3 c");
    }

    /// What a page runs that reads pages: it describes the table, and asks with what the last
    /// answer said.
    @Test
    void pageFollowsInPages() throws Exception {
        var script = Files.readString(Path.of("examples/pages.js"));
        var page =
                """
                const location = { search: "?source=/source&table=shop.orders&token=/token" };
                const shown = [];
                const element = () => ({ set textContent(text) { shown.push(text); }, append() {} });
                const document = { getElementById: element, createElement: element };
                const asked = [];
                class URLSearchParams {
                  get(name) { return { source: "/source", table: "shop.orders", token: "/token" }[name]; }
                }
                const head = (next, cursor) => ({
                  get: (name) => ({ "Stream-Next-Offset": next, "Stream-Cursor": cursor })[name],
                });
                const answers = [
                  { ok: true, status: 200, json: async () => [
                    { event_schema: "shop", table: "orders", columns: [{ name: "id", type: "int" }] }] },
                  { ok: true, status: 204, headers: head("o1", "c1") },
                  { ok: false, status: 503, json: async () => ({ detail: "no room" }) },
                  { ok: true, status: 200, headers: head("o2", "c2"), json: async () => [
                    { event_type: "insert", rows: [{ n: 1 }, { n: 2 }] }, { control: "commit" }] },
                ];
                async function fetch(address, options) {
                  if (address === "/token") { return { ok: true, text: async () => "secret\\n" }; }
                  asked.push(`${options.headers.Authorization} ${address}`);
                  const next = answers.shift();
                  if (next === undefined) { print(JSON.stringify({ shown, asked })); std.exit(0); }
                  return next;
                }
                const setTimeout = (resume) => os.setTimeout(resume, 1);
                """;
        // Its own constant of the same name is the address's.
        var file =
                Files.writeString(
                        folder.resolve("pages.js"), page.replace("asked", "requests") + script);
        var process =
                new ProcessBuilder(QuickJs.commandLine("--std", file.toString()))
                        .redirectErrorStream(true)
                        .start();
        var printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(printed)
                .contains(
                        "id int", "insert {\\\"n\\\":1}", "insert {\\\"n\\\":2}", "no room; trying")
                .contains("Bearer secret /source/tables")
                .contains("offset=now&live=long-poll\"", "offset=o1&live=long-poll&cursor=c1\"")
                .contains("offset=o2&live=long-poll&cursor=c2\"");
    }

    /// An older one cannot run a source file at all.
    @ParameterizedTest
    @ValueSource(strings = {"Follow", "Replay"})
    void javaReaderNeedsNoNewerJavaThanItSays(String name) {
        var compiler = ToolProvider.getSystemJavaCompiler();
        var file = "examples/" + name + ".java";
        var words = List.of("--release", "11", "-d", folder.toString(), file);

        assertThat(compiler.run(null, null, null, words.toArray(String[]::new))).isZero();
    }

    private static void requirePython() {
        try {
            var python =
                    new ProcessBuilder("python3", "--version")
                            .redirectOutput(Redirect.DISCARD)
                            .redirectError(Redirect.DISCARD)
                            .start();
            assertThat(python.onExit().join().exitValue()).isZero();
        } catch (IOException e) {
            throw new IllegalStateException(
                    "python3 is missing: the test of examples/follow.py needs Python 3 on the PATH",
                    e);
        }
    }

    private static OptionalLong lagOf(String consumer) {
        var answer = service.get("/api/sources/shop/checkpoints/" + consumer, BEARER).body();
        var lag = Pattern.compile("\"lag_bytes\":(\\d+)").matcher(answer);
        return lag.find() ? OptionalLong.of(Long.parseLong(lag.group(1))) : OptionalLong.empty();
    }

    /// Of the place in a file.
    private static OptionalLong lagOf(Path position) throws IOException {
        if (!Files.exists(position)) {
            return OptionalLong.empty();
        }
        var body = "{\"position\":\"" + Files.readString(position) + "\"}";
        var consumer = position.getFileName().toString();
        service.send(
                "PUT", "/api/sources/shop/checkpoints/" + consumer + "?rewind=true", body, BEARER);
        return lagOf(consumer);
    }

    /// Ten rows a transaction.
    private static void insert(int from, int to) {
        for (int first = from; first <= to; first += 10) {
            var values =
                    IntStream.range(first, first + 10)
                            .mapToObj(n -> "(" + n + ")")
                            .collect(Collectors.joining(","));
            mysql.execute("INSERT INTO shop.numbers VALUES " + values);
        }
    }

    /// An example as a process that adds what it prints to a file, and what it complains about to
    /// another.
    private static final class Reader implements AutoCloseable {

        private static final Pattern ROW = Pattern.compile("\"n\": ?(\\d+)");

        private final String name;
        private final List<String> command;
        private final Path changes;
        private final Path complaints;
        private final Callable<OptionalLong> lag;
        private Process process;

        /// @param lag bytes of binlog after the position that the reader keeps for its next start;
        ///   empty where it keeps none yet
        Reader(String name, List<String> command, Path folder, Callable<OptionalLong> lag) {
            this.name = name;
            this.command = command;
            this.changes = folder.resolve(name + "-changes");
            this.complaints = folder.resolve(name + "-complaints");
            this.lag = lag;
        }

        void start() {
            try {
                var builder =
                        new ProcessBuilder(command)
                                .redirectOutput(Redirect.appendTo(changes.toFile()))
                                .redirectError(Redirect.appendTo(complaints.toFile()));
                builder.environment().put("FUSTOR_TOKEN", TOKEN);
                process = builder.start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        OptionalLong lag() throws Exception {
            return lag.call();
        }

        int exitValue() throws Exception {
            return process.onExit().get(LONGEST.toSeconds(), TimeUnit.SECONDS).exitValue();
        }

        void await(String what, Callable<Boolean> happened) {
            try {
                Awaitility.await(name + ": " + what)
                        .atMost(LONGEST)
                        .ignoreExceptions()
                        .failFast("the reader ended", () -> !process.isAlive())
                        .until(happened);
            } catch (RuntimeException e) {
                throw new IllegalStateException(
                        name + ": " + what + ": " + rows() + " complaints: " + complaints(), e);
            }
        }

        /// The numbers of all rows that were printed, in this run or before it.
        List<Integer> rows() {
            return ROW.matcher(text(changes))
                    .results()
                    .map(row -> row.group(1))
                    .map(Integer::valueOf)
                    .toList();
        }

        List<String> lines() {
            return text(changes).lines().toList();
        }

        String complaints() {
            return text(complaints);
        }

        private static String text(Path file) {
            try {
                return Files.readString(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }
}
