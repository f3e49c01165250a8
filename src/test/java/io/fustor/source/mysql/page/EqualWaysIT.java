package io.fustor.source.mysql.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.FreePort;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.Nginx;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The same changes by every way: Server-Sent Events, NDJSON and pages, plain and compressed, over
/// HTTP/1.1 and HTTP/2, directly and through nginx with its buffers on and off. Each reader is cut
/// off at random and resumes. All get the same change objects, none twice and none missing. Those
/// without buffers on their way follow the traffic live, the others read up to its end.
@Tag("soak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EqualWaysIT {

    private static final int CHANGES = Integer.getInteger("ways.changes", 400);
    private static final int CUTS = Integer.getInteger("ways.cuts", 4);
    private static final int LONGEST_MINUTES = 30;
    private static final String SOURCE = "ways";
    private static final List<String> FORMS = List.of("sse", "ndjson", "pages");
    private static final List<String> CODINGS = List.of("identity", "gzip", "zstd");

    private final TestMySql mysql = TestMySql.shared();

    /// Where clients connect, by the name of the way. The buffers of nginx are on in some.
    private final Map<String, Integer> ports = new LinkedHashMap<>();

    private final Map<String, String> known = new ConcurrentHashMap<>();

    private LocalService service;
    private Nginx nginx;
    private ServiceApi api;

    @BeforeAll
    void start() {
        service =
                LocalService.start(
                        Map.of(
                                "fustor.mysql.tls", "disabled",
                                "fustor.feed.max-catch-up", "64",
                                "fustor.pages.long-poll", "2s"));
        api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
        api.addSource(SOURCE, mysql);
        nginx = Nginx.start(this::sites);
        ports.put("direct", service.port());
        ports.put("direct h2", service.port());
    }

    @AfterAll
    void stop() {
        nginx.close();
        service.close();
    }

    private String sites(Path folder, int port) {
        StringBuilder sites = new StringBuilder();
        for (String protocol : List.of("", " h2")) {
            for (String buffering : List.of("off", "on")) {
                boolean isFirst = sites.isEmpty();
                int listening = isFirst ? port : FreePort.choose();
                ports.put("nginx " + buffering + protocol, listening);
                sites.append(
                        """
                        server {
                            listen 127.0.0.1:%d%s;
                            location / {
                                proxy_pass http://127.0.0.1:%d;
                                proxy_http_version 1.1;
                                proxy_set_header Host localhost;
                                proxy_buffering %s;
                                proxy_ignore_headers X-Accel-Buffering;
                                proxy_read_timeout 300s;
                                send_timeout 600s;
                            }
                        }
                        """
                                .formatted(
                                        listening,
                                        protocol.isEmpty() ? "" : " http2",
                                        service.port(),
                                        buffering));
            }
        }
        return sites.toString();
    }

    @Test
    void changesAreTheSameByEveryWay() throws Exception {
        long seed = Seeds.of("ways.seed", EqualWaysIT.class);
        System.out.println("EqualWaysIT: seed " + seed);
        Traffic traffic = new Traffic(mysql, "ways", seed);
        String start = api.tokenOfNow(SOURCE);
        WayReader plain = reader("sse", "identity", "direct", 0, seed);
        Map<String, WayReader> cut = new LinkedHashMap<>();
        for (String way : ports.keySet()) {
            for (String form : FORMS) {
                for (String coding : CODINGS) {
                    String name = String.join(" ", form, coding, way);
                    cut.put(name, reader(form, coding, way, CUTS, seed + name.hashCode()));
                }
            }
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<List<String>> uncut = threads.submit(() -> plain.readAll(start));
            Map<String, Future<List<String>>> running = new LinkedHashMap<>();
            cut.forEach(
                    (name, reader) -> {
                        if (!reader.isBuffered()) {
                            running.put(name, threads.submit(() -> reader.readAll(start)));
                        }
                    });
            traffic.run(3, CHANGES, 100);
            traffic.end();
            List<String> expected = get(uncut);
            requireSame(expected, running, cut);

            running.clear();
            String end = api.tokenOfNow(SOURCE);
            cut.forEach(
                    (name, reader) -> {
                        if (reader.isBuffered()) {
                            WayReader bounded = reader.until(end);
                            cut.put(name, bounded);
                            running.put(name, threads.submit(() -> bounded.readAll(start)));
                        }
                    });
            requireSame(expected, running, cut);
            assertThat(expected).hasSize((int) traffic.committedRows());
            System.out.printf(
                    "EqualWaysIT: %d changes by %d ways, %d cuts%n",
                    expected.size(),
                    cut.size(),
                    cut.values().stream().mapToInt(WayReader::cuts).sum());
        }
        for (Map.Entry<String, WayReader> reader : cut.entrySet()) {
            assertThat(reader.getValue().cuts()).as(reader.getKey()).isPositive();
        }
    }

    private WayReader reader(String form, String coding, String way, int cuts, long seed) {
        return new WayReader(
                form, coding, way, ports.get(way), new WayReader.Plan(CHANGES, cuts, seed, known));
    }

    private static List<String> get(Future<List<String>> reader) throws Exception {
        return reader.get(LONGEST_MINUTES, TimeUnit.MINUTES);
    }

    private static void requireSame(
            List<String> expected,
            Map<String, Future<List<String>>> running,
            Map<String, WayReader> readers)
            throws Exception {
        for (Map.Entry<String, Future<List<String>>> one : running.entrySet()) {
            List<String> found = get(one.getValue());
            int same = 0;
            while (same < Math.min(expected.size(), found.size())
                    && expected.get(same).equals(found.get(same))) {
                same++;
            }
            assertThat(found.size() == same && expected.size() == same)
                    .as(
                            "%s, cut %d times: change %d of %d and %d:%n%s%n%s",
                            one.getKey(),
                            readers.get(one.getKey()).cuts(),
                            same,
                            expected.size(),
                            found.size(),
                            at(expected, same),
                            at(found, same))
                    .isTrue();
        }
    }

    private static String at(List<String> changes, int index) {
        return index < changes.size() ? changes.get(index) : "nothing";
    }
}
