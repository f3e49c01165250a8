package io.fustor.source.mysql.connection;

import io.fustor.source.mysql.error.SourceException;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;

/// A cheap check whether a server greets a new connection, without a login. A login has to follow a
/// greeting: the server counts unanswered greetings per host (`max_connect_errors`) until a login
/// succeeds.
public final class ServerProbe {

    private static final long LONGEST_MILLIS = 1_000;
    private static final long SHORTEST_MILLIS = 100;

    /// The fraction of the connect timeout that a check may take, since it may be part of an
    /// attempt.
    private static final int PART = 4;

    private static final int PROTOCOL = 10;
    private static final int HEADER = 4;

    private ServerProbe() {}

    /// Whether the server sends a greeting. Blocks for at most one second.
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
