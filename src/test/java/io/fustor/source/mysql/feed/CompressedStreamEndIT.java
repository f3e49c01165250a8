package io.fustor.source.mysql.feed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdInputStream;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Compressed streams to their last byte, which a service that was told to stop writes: as the
/// programs decode them that are everywhere, and as they are where they were cut.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CompressedStreamEndIT {

    private static final int ROWS = 3_000;
    private static final int CUTS = 300;

    /// The first events of a stream are read before the service is told to stop.
    private static final int ENOUGH = 20_000;

    private static final String PYTHON =
            """
            import gzip, sys
            sys.stdout.buffer.write(gzip.open(sys.argv[1]).read())
            """;

    @TempDir private static Path folder;

    /// What came of each stream: SSE and NDJSON with gzip, SSE with zstd, and SSE as it is.
    private byte[] sse;

    private byte[] ndjson;
    private byte[] zstd;
    private byte[] plain;

    @BeforeAll
    void readUntilTheServiceEnds() throws Exception {
        long seed = System.nanoTime();
        System.out.println("CompressedStreamEndIT: seed " + seed);
        try (TestMySql mysql = TestMySql.start();
                ServiceProcess service = ServiceProcess.start(folder.resolve("data"), Map.of());
                HttpClient http = HttpClient.newHttpClient();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            ServiceApi api = new ServiceApi(service.uri("/"));
            api.addSource("end", mysql);
            Traffic traffic = new Traffic(mysql, "end", seed);
            String start = api.tokenOfNow("end");
            FeedRequest feed = api.feed("end").after(start);
            CountDownLatch reading = new CountDownLatch(4);
            List<Future<byte[]>> readers = new ArrayList<>();
            for (String coding : List.of("gzip", "gzip", "zstd", "identity")) {
                String accept = readers.size() == 1 ? "application/x-ndjson" : "text/event-stream";
                HttpRequest request =
                        HttpRequest.newBuilder(feed.uri())
                                .header("Accept", accept)
                                .header("Accept-Encoding", coding)
                                .header("Last-Event-ID", start)
                                .build();
                readers.add(threads.submit(() -> readAll(http, request, reading)));
            }
            Future<?> writing = threads.submit(() -> traffic.run(2, ROWS, 100));
            assertThat(reading.await(60, TimeUnit.SECONDS)).isTrue();
            service.terminate();
            writing.get(60, TimeUnit.SECONDS);
            sse = readers.get(0).get(60, TimeUnit.SECONDS);
            ndjson = readers.get(1).get(60, TimeUnit.SECONDS);
            zstd = readers.get(2).get(60, TimeUnit.SECONDS);
            plain = readers.get(3).get(60, TimeUnit.SECONDS);
        }
    }

    /// The bytes of the body, as they were sent.
    private static byte[] readAll(HttpClient http, HttpRequest request, CountDownLatch reading)
            throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = http.send(request, BodyHandlers.ofInputStream());
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] piece = new byte[1_000];
        boolean isReading = false;
        try (InputStream in = answer.body()) {
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                all.write(piece, 0, count);
                if (!isReading && all.size() > ENOUGH) {
                    isReading = true;
                    reading.countDown();
                }
            }
        }
        return all.toByteArray();
    }

    private static byte[] gunzip(byte[] bytes) throws IOException {
        return new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes();
    }

    @Test
    void theJdkReadsTheEnd() throws IOException {
        assertEnds(new String(gunzip(sse), UTF_8));
        assertThat(new String(gunzip(ndjson), UTF_8).lines().toList().getLast())
                .contains("\"control\":\"end\"", "\"reason\":\"shutdown\"");
        assertEnds(
                new String(
                        new ZstdInputStream(new ByteArrayInputStream(zstd)).readAllBytes(), UTF_8));
    }

    private static void assertEnds(String stream) {
        assertThat(stream).startsWith("retry: 1000\n").endsWith("\n\n");
        String last = stream.substring(stream.lastIndexOf("\n\n", stream.length() - 3) + 2);
        assertThat(last).startsWith("event: end\nid: ").contains("\"reason\":\"shutdown\"");
    }

    /// The streams end at different places, but where one is there are the bytes of the other.
    @Test
    void contentsAreThoseOfThePlainStream() throws IOException {
        List<String> expected = changes(new String(plain, UTF_8));
        List<String> actual = changes(new String(gunzip(sse), UTF_8));

        int both = Math.min(expected.size(), actual.size());
        assertThat(both).isPositive();
        assertThat(actual.subList(0, both)).isEqualTo(expected.subList(0, both));
    }

    private static List<String> changes(String stream) {
        return Arrays.stream(stream.split("\n\n"))
                .filter(event -> event.contains("\"event_type\""))
                .toList();
    }

    @Test
    void zcatReadsTheSameBytes() throws Exception {
        assertThat(output("zcat", file(sse))).isEqualTo(gunzip(sse));
        assertThat(output("zcat", file(ndjson))).isEqualTo(gunzip(ndjson));
    }

    @Test
    void pythonReadsTheSameBytes() throws Exception {
        assertThat(output("python3", "-c", PYTHON, file(sse))).isEqualTo(gunzip(sse));
        assertThat(output("python3", "-c", PYTHON, file(ndjson))).isEqualTo(gunzip(ndjson));
    }

    private static String file(byte[] bytes) throws IOException {
        Path file = Files.createTempFile(folder, "stream-", ".gz");
        return Files.write(file, bytes).toString();
    }

    /// What a program writes that succeeds and complains of nothing.
    private static byte[] output(String... words) throws Exception {
        Path errors = Files.createTempFile(folder, "errors-", ".txt");
        Process process = new ProcessBuilder(words).redirectError(errors.toFile()).start();
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(errors)).isEmpty();
        assertThat(process.exitValue()).isZero();
        return output;
    }

    @Test
    void aStreamThatIsCutYieldsWholeEventsAndNoEnd() throws IOException {
        Random random = new Random(sse.length);
        byte[] whole = gunzip(sse);
        for (int i = 0; i < CUTS; i++) {
            byte[] cut = Arrays.copyOf(sse, 10 + random.nextInt(sse.length - 10));
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            InputStream in = new GZIPInputStream(new ByteArrayInputStream(cut));

            assertThatThrownBy(() -> in.transferTo(read)).isInstanceOf(EOFException.class);
            assertThat(read.toByteArray()).isEqualTo(Arrays.copyOf(whole, read.size()));
        }
    }

    @Test
    void aSmallPartOfTheBytesIsSent() throws IOException {
        int decoded = gunzip(sse).length;
        System.out.println("CompressedStreamEndIT: %d bytes for %d".formatted(sse.length, decoded));
        assertThat(sse.length).isLessThan(decoded / 2);
    }
}
