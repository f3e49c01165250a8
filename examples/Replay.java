import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * Prints the changes up to a place, each as one line of JSON, and ends. It needs nothing but Java, 11 or
 * newer:
 *
 * <pre>java Replay.java http://localhost:8080/api/sources/shop now 'from=earliest&amp;tables=shop.orders'</pre>
 *
 * With `where` on a key it prints the history of one row. The place is what the parameter `until` takes.
 * The stream is compressed with gzip. A connection that breaks is opened again with the last event id, so
 * that no change is missing and none comes twice. FUSTOR_TOKEN holds the API token, if one is needed.
 */
public class Replay {

    private static final Pattern EVENT_ID = Pattern.compile("\"event_id\":\"([^\"]+)\"");

    private final HttpClient http = HttpClient.newHttpClient();
    private String lastEventId = "";

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length < 2) {
            System.err.println(
                    "usage: java Replay.java <source's address> <until> [<parameters of the feed>]");
            System.exit(2);
        }
        String query = "until=" + arguments[1] + (arguments.length > 2 ? "&" + arguments[2] : "");
        new Replay().run(URI.create(arguments[0] + "/events?" + query));
    }

    private void run(URI feed) throws InterruptedException {
        while (true) {
            try {
                if (readToTheEnd(feed)) {
                    return;
                }
            } catch (IOException e) {
                System.err.println("the connection broke: " + e);
            }
            Thread.sleep(1_000);
        }
    }

    /** One connection; true if the stream has come to its place. */
    private boolean readToTheEnd(URI feed) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(feed)
                        .header("Accept", "application/x-ndjson")
                        .header("Accept-Encoding", "gzip");
        String token = System.getenv("FUSTOR_TOKEN");
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        if (!lastEventId.isEmpty()) {
            request.header("Last-Event-ID", lastEventId);
        }
        HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            refused(response);
            return false;
        }
        boolean isCompressed =
                response.headers().firstValue("Content-Encoding").orElse("").equals("gzip");
        try (InputStream body = response.body();
                BufferedReader lines =
                        new BufferedReader(
                                new InputStreamReader(
                                        isCompressed ? new GZIPInputStream(body) : body,
                                        StandardCharsets.UTF_8))) {
            return read(lines);
        }
    }

    /** An empty line is a heartbeat. A line that begins with `control` is no change. */
    private boolean read(BufferedReader lines) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Matcher id = EVENT_ID.matcher(line);
            if (line.startsWith("{\"control\":\"end\"")) {
                System.err.println(line);
                if (line.contains("\"reason\":\"until\"")) {
                    return true;
                }
            } else if (line.startsWith("{\"control\"")) {
                System.err.println(line);
            } else if (!line.isEmpty()) {
                System.out.println(line);
            }
            if (id.find()) {
                lastEventId = id.group(1);
            }
        }
        return false;
    }

    /** A failure that needs an operator ends the program. */
    private static void refused(HttpResponse<InputStream> response) throws IOException {
        int status = response.statusCode();
        System.err.println(
                status + " " + new String(response.body().readAllBytes(), StandardCharsets.UTF_8));
        if (status < 500 && status != 429) {
            System.exit(1);
        }
    }
}
