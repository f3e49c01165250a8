import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Follows a feed, prints each change as one line of JSON, and stores how far it got as a checkpoint
 * at the service. It needs nothing but Java, 11 or newer:
 *
 * <pre>java Follow.java http://localhost:8080/api/sources/shop audit 'tables=shop.orders'</pre>
 *
 * A connection that breaks is opened again with the last event id, so that no change is missing and
 * none comes twice. When the program starts again it goes on at its checkpoint; the last change
 * before a crash may then come once more. FUSTOR_TOKEN holds the API token, if one is needed.
 */
public class Follow {

    /** The service speaks at least every 15 seconds; after this much silence the connection is dead. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);

    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(10))
                    .build();

    private final String source;
    private final String consumer;
    private String lastEventId = "";
    private volatile long lastHeard = System.nanoTime();
    private volatile InputStream open = InputStream.nullInputStream();

    private Follow(String source, String consumer) {
        this.source = source;
        this.consumer = consumer;
    }

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length < 2) {
            System.err.println(
                    "usage: java Follow.java <source's address> <consumer's name> [<parameters of the feed>]");
            System.exit(2);
        }
        Follow reader = new Follow(arguments[0], arguments[1]);
        reader.watchSilence();
        reader.run("consumer=" + arguments[1] + (arguments.length > 2 ? "&" + arguments[2] : ""));
    }

    private void run(String query) throws InterruptedException {
        while (true) {
            try {
                follow(query);
            } catch (IOException e) {
                System.err.println("the connection broke: " + e);
            }
            Thread.sleep(1_000);
        }
    }

    /** One connection, from the request until it ends. */
    private void follow(String query) throws IOException, InterruptedException {
        HttpRequest.Builder request = request("/events?" + query).header("Accept", "text/event-stream");
        if (!lastEventId.isEmpty()) {
            request.header("Last-Event-ID", lastEventId);
        }
        HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            refused(response.statusCode(), new String(response.body().readAllBytes(), StandardCharsets.UTF_8));
            return;
        }
        open = response.body();
        lastHeard = System.nanoTime();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(open, StandardCharsets.UTF_8))) {
            read(lines);
        }
    }

    /** Server-Sent Events: lines of a field each; an empty line ends an event, and only then it counts. */
    private void read(BufferedReader lines) throws IOException, InterruptedException {
        String id = "";
        String name = "";
        String data = "";
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            lastHeard = System.nanoTime();
            if (line.startsWith("id: ")) {
                id = line.substring(4);
            } else if (line.startsWith("event: ")) {
                name = line.substring(7);
            } else if (line.startsWith("data: ")) {
                data = line.substring(6);
            } else if (line.isEmpty()) {
                take(name, data);
                if (!id.isEmpty()) {
                    lastEventId = id;
                    storeCheckpoint();
                }
                id = name = data = "";
            }
        }
    }

    /** A change has no name, a heartbeat has neither name nor data. */
    private void take(String name, String data) {
        if (name.isEmpty() && !data.isEmpty()) {
            System.out.println(data);
        } else if (!name.isEmpty()) {
            System.err.println(name + " " + data);
        }
    }

    /**
     * After each event, also after a heartbeat: the checkpoint of a consumer that gets no changes has
     * to move on too, or the server purges what follows it. A busy consumer does this once a second.
     */
    private void storeCheckpoint() throws IOException, InterruptedException {
        HttpRequest put =
                request("/checkpoints/" + consumer)
                        .header("Content-Type", "application/json")
                        .timeout(Duration.ofSeconds(10))
                        .PUT(BodyPublishers.ofString("{\"position\":\"" + lastEventId + "\"}"))
                        .build();
        HttpResponse<String> response = http.send(put, BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            System.err.println("the checkpoint was not stored: " + response.body());
        }
    }

    /**
     * A failure that needs an operator ends the program: a wrong parameter or token, an unknown source, a
     * position that the server no longer has.
     */
    private void refused(int status, String problem) {
        System.err.println(status + " " + problem);
        if (status < 500 && status != 429) {
            System.exit(1);
        }
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(source + path));
        String token = System.getenv("FUSTOR_TOKEN");
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    /** A machine that vanishes does not close its connections. */
    private void watchSilence() {
        ScheduledExecutorService watch =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            Thread thread = new Thread(task);
                            thread.setDaemon(true);
                            return thread;
                        });
        watch.scheduleWithFixedDelay(this::closeIfSilent, 1, 1, TimeUnit.SECONDS);
    }

    private void closeIfSilent() {
        if (System.nanoTime() - lastHeard > LONGEST_SILENCE.toNanos()) {
            try {
                open.close();
            } catch (IOException e) {
                System.err.println(e);
            }
        }
    }
}
