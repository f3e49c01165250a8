package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/// Finds a port on 127.0.0.1 that no process listens on, below those that the system hands to
/// outgoing connections, and keeps it from other tests until this JVM ends: so a stopped server
/// finds its port free when it starts again, also while other JVMs test. Any thread may call.
public final class FreePort {

    private static final int LOWEST = 20_000;
    private static final int HIGHEST = 32_000;

    /// The locks of the ports that were given out; the system lets go of them when the JVM ends.
    private static final Map<Integer, FileChannel> TAKEN = new HashMap<>();

    private FreePort() {}

    public static synchronized int choose() {
        for (int attempt = 0; attempt < 100; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            if (!TAKEN.containsKey(port) && isFree(port) && isReserved(port)) {
                return port;
            }
        }
        throw new IllegalStateException(
                "No free port between " + LOWEST + " and " + HIGHEST + " on 127.0.0.1");
    }

    private static boolean isFree(int port) {
        try (var _ = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /// By a lock that other JVMs see.
    private static boolean isReserved(int port) {
        try {
            var folder =
                    Files.createDirectories(
                            Path.of(
                                    System.getProperty("java.io.tmpdir"),
                                    "fustor-ports-" + System.getProperty("user.name")));
            var channel =
                    FileChannel.open(
                            folder.resolve(Integer.toString(port)),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            if (tryLock(channel)) {
                TAKEN.put(port, channel);
                return true;
            }
            channel.close();
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            return false; // by another class loader of this JVM
        }
    }
}
