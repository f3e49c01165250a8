package io.fustor.source.mysql.bench;

import io.fustor.source.mysql.support.Nginx;
import io.fustor.source.mysql.support.ServiceApi;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Clients that read pages with long polls through nginx, with the configuration in `deploy/`,
/// while rows come at a steady rate, a commit each: what of it the service has to do, and how long
/// after a commit its row is at the clients.
record PollingBenchmark(BenchmarkStage stage, PollingSize size) {

    /// Clients whose rows are timed.
    private static final int NOTED = 20;

    /// What one rate came to.
    ///
    /// @param asked requests at the service
    /// @param clientRequests requests of clients
    /// @param wall from the first commit to the last row
    record Run(
            int rate,
            int commits,
            long asked,
            long clientRequests,
            long rows,
            long bytes,
            Duration wall,
            Duration service,
            Duration nginx,
            Percentiles late,
            double load) {

        private double share(Duration cpu) {
            return 100.0 * cpu.toNanos() / wall.toNanos();
        }

        String line(int clients) {
            double seconds = wall.toNanos() / 1e9;
            return "| %,d | %,d | %,d | %.1f | %.0f | %,.0f | %,.0f | %.1f %% | %.1f %% | %s | %.1f |%n"
                    .formatted(
                            clients,
                            rate,
                            commits,
                            asked / seconds,
                            clientRequests / seconds,
                            rows / seconds,
                            bytes / 1e6 / seconds,
                            share(service),
                            share(nginx),
                            late.cells(),
                            load);
        }
    }

    static final String HEAD =
            """
            ### Long polls through nginx

            | clients | commits/s asked | commits | requests/s at the service | of clients | rows delivered/s | MB/s | CPU of the service, of a core | of nginx | p50 | p99 | p99.9 | load before |
            | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
            """;

    List<Run> run() throws Exception {
        List<Run> runs = new ArrayList<>();
        ServiceApi api = stage.api();
        String secret =
                api.addReader(
                        "polls",
                        Map.of(
                                "tables",
                                List.of("bench.*"),
                                "shared_cache",
                                true,
                                // Clients that fell apart ask for different pages.
                                "max_streams",
                                1_000));
        try {
            for (int rate : size.rates()) {
                // While a request waits for another one's page, nginx keeps the connection of a
                // client that is gone: those of several rates are more than a process may have.
                try (Nginx nginx = Nginx.start(this::site)) {
                    runs.add(measure(nginx, secret, rate));
                }
            }
        } finally {
            api.delete("/api/readers/polls").expect(204);
        }
        return runs;
    }

    private String site(Path folder, int port) throws IOException {
        return Files.readString(Path.of("deploy/nginx-pages.conf"))
                .replace(
                        "server 127.0.0.1:8080;",
                        "server 127.0.0.1:" + stage.service().port() + ";")
                .replace("listen 127.0.0.1:8089;", "listen 127.0.0.1:" + port + " backlog=8192;")
                .replace("/var/cache/nginx/fustor-pages", folder.resolve("pages").toString());
    }

    private Run measure(Nginx nginx, String secret, int rate) throws Exception {
        Commits commits = new Commits(stage.mysql(), rate, size.seconds());
        commits.createTable(
                ", mark CHAR(1) AS ('%c') STORED".formatted((char) BenchmarkTable.MARK));
        String offset =
                new ServiceApi(stage.service().uri("/"))
                        .as(secret)
                        .get("/api/sources/bench/stream?offset=now&tables=" + Commits.TABLE)
                        .expect(200)
                        .header("Stream-Next-Offset");
        Ticks[] noted =
                Stream.generate(() -> new Ticks(commits.most()))
                        .limit(Math.min(NOTED, size.clients()))
                        .toArray(Ticks[]::new);
        Ticks answered = new Ticks(commits.most());
        String target = "/api/sources/bench/stream?tables=" + Commits.TABLE;
        long pid = stage.service().pid();
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        try (PollingReaders readers =
                new PollingReaders(nginx.port(), target, secret, offset, size.clients(), noted)) {
            // All wait when each has got the row of the beginning.
            commit(-1);
            readers.readUntil(() -> readers.fewest() >= 1);
            long rowsBefore = readers.rows();
            long bytesBefore = readers.bytes();
            long requestsBefore = readers.requests();
            long asked = asked();
            Duration service = ProcessUsage.cpu(pid);
            Duration proxy = ProcessUsage.cpu(nginx.pid());
            long start = System.nanoTime();
            CompletableFuture<Integer> writing =
                    CompletableFuture.supplyAsync(() -> write(commits, answered));
            readers.readUntil(() -> writing.isDone() && readers.fewest() >= 1L + writing.join());
            Duration wall = Duration.ofNanos(System.nanoTime() - start);
            int count = writing.join();
            if (readers.mostRows() != 1L + count) {
                throw new AssertionError("a client got a row twice");
            }
            return new Run(
                    rate,
                    count,
                    asked() - asked,
                    readers.requests() - requestsBefore,
                    readers.rows() - rowsBefore,
                    readers.bytes() - bytesBefore,
                    wall,
                    ProcessUsage.cpu(pid).minus(service),
                    ProcessUsage.cpu(nginx.pid()).minus(proxy),
                    late(count, answered, noted),
                    load);
        }
    }

    private void commit(int tick) {
        stage.mysql().execute("INSERT INTO %s (tick) VALUES (%d)".formatted(Commits.TABLE, tick));
    }

    private static int write(Commits commits, Ticks answered) {
        try {
            return commits.run(answered);
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    private static Percentiles late(int count, Ticks answered, Ticks[] noted) {
        return Percentiles.of(
                Stream.of(noted)
                        .flatMapToLong(
                                ticks ->
                                        IntStream.range(0, count)
                                                .mapToLong(
                                                        row ->
                                                                ticks.time(row)
                                                                        - answered.time(row)))
                        .toArray());
    }

    /// How many pages the service was asked for.
    private long asked() {
        return (long)
                stage.api()
                        .get("/actuator/prometheus")
                        .expect(200)
                        .body()
                        .lines()
                        .filter(line -> line.startsWith("http_server_requests_seconds_count{"))
                        .filter(line -> line.contains("uri=\"/api/sources/{id}/stream\""))
                        .mapToDouble(
                                line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                        .sum();
    }
}
