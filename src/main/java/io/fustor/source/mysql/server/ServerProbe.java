package io.fustor.source.mysql.server;

import io.fustor.source.mysql.error.SourceException;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;

/// A cheap look whether a server greets those who connect: one connection without a login. A login
/// has to follow where it does, since the server counts greetings that nobody answers against the
/// host (`max_connect_errors`), until one is.
public final class ServerProbe {

    private static final long LONGEST_MILLIS = 1_000;
    private static final long SHORTEST_MILLIS = 100;

    /// The part of the connect timeout that a look may take: one may be part of an attempt.
    private static final int PART = 4;

    private static final int PROTOCOL = 10;
    private static final int HEADER = 4;

    private ServerProbe() {}

    /// Blocks for a second at the most.
    public static boolean greets(ServerAccess access) {
        try (Socket socket =
                ConnectAttempt.run(hasty(access), attempt -> greeted(attempt.connect()))) {
            return socket.isConnected();
        } catch (SourceException | IOException _) {
            return false;
        }
    }

    private static Socket greeted(Socket socket) throws IOException {
        socket.setSoTimeout((int) LONGEST_MILLIS);
        byte[] start = socket.getInputStream().readNBytes(HEADER + 1);
        if (start.length <= HEADER || start[HEADER] != PROTOCOL) {
            socket.close();
            throw new IOException("no greeting");
        }
        return socket;
    }

    private static ServerAccess hasty(ServerAccess access) {
        ConnectionProperties given = access.connection();
        return new ServerAccess(
                access.address(),
                access.credential(),
                new ConnectionProperties(
                        patience(given),
                        given.readTimeout(),
                        given.tls(),
                        given.trustStore(),
                        given.trustStorePassword()),
                access.hosts());
    }

    private static Duration patience(ConnectionProperties given) {
        long part = given.connectTimeout().toMillis() / PART;
        return Duration.ofMillis(Math.clamp(part, SHORTEST_MILLIS, LONGEST_MILLIS));
    }
}
