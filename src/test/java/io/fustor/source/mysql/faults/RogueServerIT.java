package io.fustor.source.mysql.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.RogueAnswer;
import io.fustor.source.mysql.support.RogueEvent;
import io.fustor.source.mysql.support.RogueProxy;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TestMySql;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

/// A server that answers with whatever takes memory, to a service with a heap of 256 MB that ends
/// where it is exhausted: the process lives, another source goes on, and the memory comes back.
///
/// `-Drogue.questions=…` says how many questions of each action are answered like that.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RogueServerIT {

    private static final int QUESTIONS = Integer.getInteger("rogue.questions", 2);
    private static final int AT_ONCE = 4;
    private static final long MOST_USED = 110L << 20;

    private TestMySql mysql;
    private RogueProxy proxy;
    private ServiceProcess service;
    private ServiceApi api;
    private FeedClient other;
    private int rows;
    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    void start(@TempDir Path dataDir) {
        mysql = TestMySql.start();
        mysql.execute("CREATE DATABASE rogue", "CREATE TABLE rogue.t (id INT PRIMARY KEY)");
        proxy = RogueProxy.before(mysql);
        service =
                ServiceProcess.start(
                        dataDir,
                        Map.of(
                                "fustor.security.open", "true",
                                "fustor.mysql.tls", "disabled",
                                "fustor.mysql.connect-timeout", "10s",
                                "fustor.mysql.read-timeout", "5s"),
                        "-Xmx256m",
                        "-XX:+ExitOnOutOfMemoryError");
        api = new ServiceApi(service.uri(""));
        api.addSource("other", mysql);
        api.addSource("rogue", "127.0.0.1:" + proxy.port(), TestMySql.CAPTURE);
        other = api.feed("other").open();
        other.hello();
    }

    @AfterAll
    void stop() {
        other.close();
        service.close();
        proxy.close();
        mysql.close();
        http.close();
    }

    @ParameterizedTest
    @EnumSource
    void answerAtItsExtremeTakesNoMoreThanItsBound(RogueAnswer answer) throws Exception {
        for (String action : List.of("test_connection", "discover_fields_no_cache")) {
            for (int question = 0; question < QUESTIONS; question++) {
                int from = question;
                proxy.set((number, _) -> number >= from ? answer : null);
                for (HttpResponse<String> refused : actAtOnce(action)) {
                    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
                    assertThat(refused.body().length()).isLessThan(4_000);
                }
            }
        }
        assertOthersGoOn();
    }

    @ParameterizedTest
    @EnumSource
    void eventAtItsExtremeTakesNoMoreThanItsBound(RogueEvent event) {
        proxy.set((_, packet) -> event.answerTo(packet));
        try (FeedClient victim = api.feed("rogue").send()) {
            if (victim.status() == 200) {
                victim.frameWithin(Duration.ofSeconds(3));
            }
            assertOthersGoOn();
        }
    }

    @Test
    void memoryComesBack() {
        proxy.set(RogueProxy.Rogue.NONE);
        assertOthersGoOn();

        service.collectGarbage();

        long used = service.usedHeap();
        System.out.println("FIGURE used heap after a rogue server: " + (used >> 20) + " MiB");
        assertThat(used).isLessThan(MOST_USED);
    }

    private void assertOthersGoOn() {
        assertThat(service.isAlive()).as(() -> service.log()).isTrue();
        mysql.execute("INSERT INTO rogue.t VALUES (" + ++rows + ")");
        assertThat(other.rows(1).getFirst().row()).contains("\"id\":" + rows);
    }

    private List<HttpResponse<String>> actAtOnce(String action) {
        var body =
                JsonMapper.shared()
                        .writeValueAsString(
                                Map.of(
                                        "uri",
                                        "127.0.0.1:" + proxy.port(),
                                        "admin_creds",
                                        Map.of("user", mysql.user(), "passwd", mysql.password())));
        var request =
                HttpRequest.newBuilder(service.uri("/api/drivers/sources/mysql/_actions/" + action))
                        .header("Content-Type", "application/json")
                        .timeout(Duration.ofSeconds(60))
                        .POST(BodyPublishers.ofString(body))
                        .build();
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            calls.add(http.sendAsync(request, BodyHandlers.ofString()));
        }
        return calls.stream().map(CompletableFuture::join).toList();
    }
}
