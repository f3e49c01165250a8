package io.fustor.source.mysql.support;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;

/// The first packet that a MySQL server sends to each client: once it comes, logins work.
final class Greeting {

    private Greeting() {}

    /// Returns when the server greets.
    ///
    /// @param isAlive whether it still can; if not, there is nothing to wait for
    static void await(String host, int port, BooleanSupplier isAlive) {
        Awaitility.await("greeting of the MySQL server on " + host + ":" + port)
                .atMost(Duration.ofSeconds(90))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .failFast("the MySQL server ended", () -> !isAlive.getAsBoolean())
                .until(() -> comes(host, port));
    }

    private static boolean comes(String host, int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), 1_000);
            socket.setSoTimeout(1_000);
            return socket.getInputStream().read() >= 0;
        } catch (IOException _) {
            return false;
        }
    }
}
