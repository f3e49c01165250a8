package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/// Service processes that share a PostgreSQL, and a real nginx that leads each request to one that
/// answers.
public final class ProxiedInstances implements AutoCloseable {

    private static final String SERVER = " max_fails=1 fail_timeout=2s;";

    private final TestPostgres postgres = TestPostgres.start();
    private final List<ServiceProcess> services = new ArrayList<>();
    private final Nginx nginx;

    /// @param folder for what each instance keeps of its own
    /// @param settings of all instances
    public ProxiedInstances(int count, Path folder, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(postgres.database("fustor"));
        all.put("fustor.security.encryption-key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        all.put("fustor.feed.heartbeat", "1s");
        all.putAll(settings);
        for (int i = 0; i < count; i++) {
            services.add(ServiceProcess.start(folder.resolve("instance-" + i), all));
        }
        nginx = Nginx.start((_, port) -> site(port));
    }

    /// The file of `deploy/`, but for addresses and for a shorter patience with an instance that
    /// stands still.
    private String site(int port) throws IOException {
        String servers =
                services.stream()
                        .map(one -> "server 127.0.0.1:" + one.port() + SERVER)
                        .collect(Collectors.joining("\n    "));
        String text = Files.readString(Path.of("deploy/scale-out/nginx.conf"));
        text = text.replace("server fustor-1:8080" + SERVER, servers);
        text = text.replace("server fustor-2:8080" + SERVER, "");
        text = text.replace("listen 8080;", "listen 127.0.0.1:" + port + ";");
        return text.replace("proxy_read_timeout 40s;", "proxy_read_timeout 4s;");
    }

    public ServiceProcess service(int number) {
        return services.get(number);
    }

    public int count() {
        return services.size();
    }

    public TestPostgres postgres() {
        return postgres;
    }

    /// The interface of one instance, past nginx.
    public ServiceApi api(int number) {
        return new ServiceApi(services.get(number).uri("/"));
    }

    /// The interface through nginx.
    public ServiceApi api() {
        return new ServiceApi(nginx.uri("/"));
    }

    /// Lets an instance stand still for a time.
    public void pause(int number, Duration time) {
        signal(number, "-STOP");
        try {
            Awaitility.await().pollDelay(time).atMost(time.plusSeconds(10)).until(() -> true);
        } finally {
            signal(number, "-CONT");
        }
    }

    private void signal(int number, String name) {
        try {
            new ProcessBuilder("kill", name, Long.toString(services.get(number).pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        nginx.close();
        services.forEach(ServiceProcess::close);
        postgres.close();
    }
}
