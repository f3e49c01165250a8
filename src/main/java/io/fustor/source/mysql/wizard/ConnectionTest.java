package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.server.ServerAccess;
import io.fustor.source.mysql.server.ServerSession;
import io.fustor.source.mysql.server.ServerSettings;
import java.time.Duration;

/// Whether a server lets an administrator in, who it is, and how far away.
final class ConnectionTest {

    /// How long after the connect timeout the answers to the last questions are waited for.
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
