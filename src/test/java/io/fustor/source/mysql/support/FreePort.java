package io.fustor.source.mysql.support;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/// Finds a port on 127.0.0.1 that nobody listens on, below those that the system hands to outgoing
/// connections: so a stopped server finds its port free when it starts again.
final class FreePort {

    private static final int LOWEST = 20_000;
    private static final int HIGHEST = 32_000;

    private FreePort() {}

    static int choose() {
        for (int attempt = 0; attempt < 100; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            if (isFree(port)) {
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
}
