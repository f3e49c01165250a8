package io.fustor.source.mysql.support;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Debian's nginx with one configuration of ours, on a free port of 127.0.0.1, until it is closed
/// or this JVM is gone.
public final class Nginx implements AutoCloseable {

    private static final String MAIN =
            """
            daemon off;
            master_process off;
            worker_rlimit_nofile 40000;
            pid %1$s/pid;
            error_log %1$s/error.log info;
            events { worker_connections 20000; }
            http {
                access_log off;
                client_body_temp_path %1$s/body;
                proxy_temp_path %1$s/proxy;
                fastcgi_temp_path %1$s/fastcgi;
                uwsgi_temp_path %1$s/uwsgi;
                scgi_temp_path %1$s/scgi;
                types { text/html html; }
                include %1$s/site.conf;
            }
            """;

    private final Folder folder;
    private final int port;
    private final Process process;
    private final Watchdog watchdog;

    private Nginx(Folder folder, int port, Process process, Watchdog watchdog) {
        this.folder = folder;
        this.port = port;
        this.process = process;
        this.watchdog = watchdog;
    }

    /// What a configuration is made of, once nginx has a folder and a port.
    public interface Site {
        String configuration(Path folder, int port) throws IOException;
    }

    /// Starts it, and waits until it listens.
    public static Nginx start(Site site) {
        var packages = DebianPackages.ready("nginx-bookworm", "bookworm", "nginx-light");
        var folder = Folder.temporary("fustor-nginx-");
        int port = FreePort.choose();
        try {
            var path = folder.path();
            Files.writeString(path.resolve("site.conf"), site.configuration(path, port));
            Files.writeString(path.resolve("nginx.conf"), MAIN.formatted(path));
            var words = new ArrayList<>(packages.commandLine("usr/sbin/nginx"));
            words.addAll(List.of("-p", path + "/", "-c", path.resolve("nginx.conf").toString()));
            words.addAll(List.of("-e", path.resolve("error.log").toString()));
            var watchdog = Watchdog.over(path);
            var process =
                    new ProcessBuilder(words)
                            .redirectErrorStream(true)
                            .redirectOutput(path.resolve("output").toFile())
                            .start();
            watchdog.watch(process.pid());
            var nginx = new Nginx(folder, port, process, watchdog);
            await("nginx on port " + port).until(nginx::listensOrEnded);
            if (!process.isAlive()) {
                throw new IllegalStateException(nginx.log());
            }
            return nginx;
        } catch (IOException e) {
            folder.delete();
            throw new UncheckedIOException(e);
        }
    }

    private boolean listensOrEnded() {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 500);
            return true;
        } catch (IOException _) {
            return !process.isAlive();
        }
    }

    private String log() throws IOException {
        var log = folder.path().resolve("error.log");
        return Files.readString(folder.path().resolve("output"))
                + (Files.exists(log) ? Files.readString(log) : "");
    }

    public int port() {
        return port;
    }

    public long pid() {
        return process.pid();
    }

    /// An address at this nginx.
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
        watchdog.forgetProcess();
        folder.delete();
        watchdog.end();
    }
}
