package io.fustor.source.mysql.support;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Says at once whether a Docker engine answers, where the libraries that use one would look for it
/// for seconds and log what they did not find.
final class DockerEngine {

    private static final byte[] PING =
            "GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private DockerEngine() {}

    static boolean answers() {
        return Answer.KNOWN;
    }

    private static boolean ask() {
        return addresses().anyMatch(DockerEngine::answersAt);
    }

    private static Stream<SocketAddress> addresses() {
        var named = System.getenv("DOCKER_HOST");
        if (named != null && !named.isBlank()) {
            return address(URI.create(named)).stream();
        }
        return Stream.of(
                        "/var/run/docker.sock",
                        System.getenv("XDG_RUNTIME_DIR") + "/docker.sock",
                        System.getProperty("user.home") + "/.docker/run/docker.sock")
                .map(Path::of)
                .filter(Files::exists)
                .map(UnixDomainSocketAddress::of);
    }

    private static Optional<SocketAddress> address(URI uri) {
        return switch (Objects.requireNonNullElse(uri.getScheme(), "")) {
            case "unix" -> Optional.of(UnixDomainSocketAddress.of(uri.getPath()));
            case "tcp", "http", "https" ->
                    Optional.of(new InetSocketAddress(uri.getHost(), uri.getPort()));
            default -> Optional.empty();
        };
    }

    private static boolean answersAt(SocketAddress address) {
        var answer = new CompletableFuture<Boolean>();
        var asking = Thread.ofVirtual().start(() -> answer.complete(ping(address)));
        try {
            return answer.completeOnTimeout(false, 1, TimeUnit.SECONDS).join();
        } finally {
            asking.interrupt();
        }
    }

    private static boolean ping(SocketAddress address) {
        try (var channel = SocketChannel.open(address)) {
            channel.write(ByteBuffer.wrap(PING));
            return channel.read(ByteBuffer.allocate(64)) > 0;
        } catch (IOException _) {
            return false;
        }
    }

    private static final class Answer {

        static final boolean KNOWN = ask();
    }
}
