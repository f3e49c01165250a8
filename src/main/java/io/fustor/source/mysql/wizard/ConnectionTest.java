package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.server.ServerSession;
import io.fustor.source.mysql.server.ServerSettings;
import java.time.Duration;

/// Tests whether a server accepts an administrator's login, and reports the server and the
/// round-trip time.
final class ConnectionTest {

    /// How long to wait for the last responses after the connect timeout.
    private static final Duration GRACE = Duration.ofMillis(600);

    private ConnectionTest() {}

    static Outcome run(ServerAccess access, Texts texts) {
        Duration time = access.connection().connectTimeout().plus(GRACE);
        try (ServerSession session = ServerSession.openWithin(access, time)) {
            ServerSettings settings = ServerSettings.read(session);
            long start = System.nanoTime();
            session.value("SELECT 1");
            double millis = Math.round((System.nanoTime() - start) / 100_000.0) / 10.0;
            return new Outcome(
                    true,
                    texts.get(
                            "connected",
                            access.address(),
                            settings.flavour(),
                            settings.version(),
                            millis));
        }
    }
}
