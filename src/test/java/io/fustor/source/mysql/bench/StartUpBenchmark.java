package io.fustor.source.mysql.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fustor.source.mysql.support.Folder;
import io.fustor.source.mysql.support.PackagedService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;

/// How long it takes from `java` to the first change in the hands of a client that has been waiting
/// to be let in: with a saved source, from the token at which the client left off, over a
/// connection to MySQL as encrypted as it is by default.
///
/// @param mysql without the tables of the benchmarks
record StartUpBenchmark(TestMySql mysql) {

    private static final int STARTS = 5;
    private static final int ROWS = 1_000;
    private static final long PAUSE = Duration.ofMillis(2).toNanos();
    private static final long LONGEST = Duration.ofMinutes(2).toNanos();

    /// What one start took until then, and of the processors.
    private record Start(Duration port, Duration answer, Duration change, Duration cpu) {}

    void run() throws Exception {
        Folder folder = Folder.temporary("fustor-start-");
        try {
            Path data = folder.path().resolve("data");
            PackagedService jar = PackagedService.jar();
            new BenchmarkTable(mysql).create();
            String token = save(jar, data);
            new BenchmarkTable(mysql).insert(ROWS);
            Map<String, PackagedService> forms = new LinkedHashMap<>();
            forms.put("jar", jar);
            forms.put("jar, installed", PackagedService.installed(folder.path()));
            forms.put("image, with its AOT cache", PackagedService.image(folder.path()));
            Map<String, List<Start>> starts = new LinkedHashMap<>();
            for (int i = 0; i < STARTS; i++) {
                for (Map.Entry<String, PackagedService> form : forms.entrySet()) {
                    starts.computeIfAbsent(form.getKey(), _ -> new ArrayList<>())
                            .add(start(form.getValue(), data, token));
                }
            }
            report(starts);
        } finally {
            folder.delete();
        }
    }

    private String save(PackagedService service, Path data) throws Exception {
        try (PackagedService.Running running = service.start(data, log(data))) {
            awaitPort(running, System.nanoTime());
            ServiceApi api = new ServiceApi(URI.create("http://127.0.0.1:" + running.port()));
            api.addSource(BenchmarkStage.SOURCE, mysql);
            return api.tokenOfNow(BenchmarkStage.SOURCE);
        }
    }

    private static Path log(Path data) {
        return data.resolveSibling("service.log");
    }

    private static Start start(PackagedService service, Path data, String token) throws Exception {
        long start = System.nanoTime();
        try (PackagedService.Running running = service.start(data, log(data))) {
            awaitPort(running, start);
            Duration port = since(start);
            try (FeedStream stream =
                    FeedStream.openPlain(running.port(), BenchmarkStage.feed("from=" + token))) {
                Duration answer = since(start);
                awaitChange(stream);
                Duration change = since(start);
                requireCache(running);
                return new Start(port, answer, change, ProcessUsage.cpu(running.pid()));
            }
        }
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static void awaitPort(PackagedService.Running service, long start) throws IOException {
        while (true) {
            try (Socket _ = new Socket(InetAddress.ofLiteral("127.0.0.1"), service.port())) {
                return;
            } catch (ConnectException e) {
                if (!service.isAlive() || System.nanoTime() - start > LONGEST) {
                    throw new IOException("The service did not start: " + service.written(), e);
                }
                LockSupport.parkNanos(PAUSE);
            }
        }
    }

    private static void awaitChange(FeedStream stream) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(stream.in(), UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("data:") && line.indexOf(BenchmarkTable.MARK) >= 0) {
                return;
            }
        }
        throw new IOException("the stream ended before the first change");
    }

    /// The JVM says in its log, and only there, that a cache does not fit.
    private static void requireCache(PackagedService.Running service) throws IOException {
        if (service.written().contains("][aot")) {
            throw new IllegalStateException("The cache was not used: " + service.written());
        }
    }

    private static void report(Map<String, List<Start>> starts) {
        Report.table(
                """
                ### Start-up

                Seconds after `java`; the middle one of %d starts, and the shortest and longest to the change.

                | started from | port open | answer's head | first change | of | CPU s | load |
                | --- | --- | --- | --- | --- | --- | --- |
                """
                        .formatted(STARTS));
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        starts.forEach((form, all) -> Report.line(line(form, all, load)));
    }

    private static String line(String form, List<Start> all, double load) {
        double[] port = sorted(all, start -> start.port().toNanos());
        double[] answer = sorted(all, start -> start.answer().toNanos());
        double[] change = sorted(all, start -> start.change().toNanos());
        double[] cpu = sorted(all, start -> start.cpu().toNanos());
        int middle = STARTS / 2;
        return "| %s | %.2f | %.2f | %.2f | %.2f to %.2f | %.2f | %.1f |%n"
                .formatted(
                        form,
                        port[middle],
                        answer[middle],
                        change[middle],
                        change[0],
                        change[STARTS - 1],
                        cpu[middle],
                        load);
    }

    /// In seconds.
    private static double[] sorted(List<Start> starts, ToLongFunction<Start> time) {
        return starts.stream().mapToLong(time).sorted().mapToDouble(nanos -> nanos / 1e9).toArray();
    }
}
