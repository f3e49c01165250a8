package io.fustor.source.mysql.support;

import io.fustor.source.mysql.FustorSourceMysqlApplication;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/// The whole service in this JVM, with a server on a free port of 127.0.0.1, and a client for it.
/// Quicker than `ServiceProcess`, for tests that need no process of their own.
public final class LocalService implements AutoCloseable {

    private final @Nullable Folder folder;
    private final ConfigurableApplicationContext context;
    private final HttpClient http = HttpClient.newHttpClient();

    private LocalService(@Nullable Folder folder, Path dataDir, Map<String, String> properties) {
        this.folder = folder;
        List<String> words = new ArrayList<>();
        if (!properties.containsKey("server.port")) {
            words.add("--server.port=0");
        }
        words.add("--fustor.data-dir=" + dataDir);
        properties.forEach((name, value) -> words.add("--" + name + "=" + value));
        this.context =
                SpringApplication.run(
                        FustorSourceMysqlApplication.class, words.toArray(String[]::new));
    }

    /// Starts the service with a data folder that goes when it is closed.
    ///
    /// @param properties configuration, such as `fustor.security.open` as `true`
    public static LocalService start(Map<String, String> properties) {
        Folder folder = Folder.temporary("fustor-data-");
        try {
            return new LocalService(folder, folder.path(), properties);
        } catch (RuntimeException e) {
            folder.delete();
            throw e;
        }
    }

    /// Starts the service on a data folder that stays.
    public static LocalService on(Path dataDir, Map<String, String> properties) {
        return new LocalService(null, dataDir, properties);
    }

    /// A part of the service.
    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    /// A part of the service, where there are several of the type.
    public <T> T bean(String name, Class<T> type) {
        return context.getBean(name, type);
    }

    public int port() {
        return ((WebServerApplicationContext) context).getWebServer().getPort();
    }

    /// The port of Actuator, where that has one of its own.
    public int managementPort() {
        return context.getEnvironment().getRequiredProperty("local.management.port", Integer.class);
    }

    /// Gets from another port of the service.
    public Answer at(int port, String path, String... headers) {
        return send(port, "GET", path, null, headers);
    }

    public Answer get(String path, String... headers) {
        return send("GET", path, null, headers);
    }

    public Answer delete(String path, String... headers) {
        return send("DELETE", path, null, headers);
    }

    /// Posts JSON, or nothing.
    public Answer post(String path, @Nullable String json, String... headers) {
        return send("POST", path, json, headers);
    }

    /// @param headers names and values in turn
    public Answer send(String method, String path, @Nullable String json, String... headers) {
        return send(port(), method, path, json, headers);
    }

    private Answer send(
            int port, String method, String path, @Nullable String json, String... headers) {
        var request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .timeout(Duration.ofSeconds(60))
                        .method(
                                method,
                                json == null
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofString(json));
        if (json != null) {
            request.header("Content-Type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            var response = http.send(request.build(), BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.headers(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        http.close();
        context.close();
        if (folder != null) {
            folder.delete();
        }
    }
}
