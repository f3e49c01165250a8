package io.fustor.source.mysql.source;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.CapturePool;
import io.fustor.source.mysql.capture.CaptureProperties;
import io.fustor.source.mysql.history.StateDatabase;
import io.fustor.source.mysql.server.ConnectionProperties;
import io.fustor.source.mysql.server.ServerAccess;
import io.fustor.source.mysql.server.TlsMode;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.springframework.util.unit.DataSize;

/// Runs of sources that no server stands behind.
final class Captures {

    private Captures() {}

    static SourceRun run(Consumer<Capture> release) {
        SourceConfig config = document("127.0.0.1:1", "somebody", "a-password").check();
        var pool =
                new CapturePool(
                        new CaptureProperties(DataSize.ofMegabytes(1), 32),
                        new StateDatabase().histories());
        var connection =
                new ConnectionProperties(
                        Duration.ofSeconds(1), Duration.ofSeconds(3), TlsMode.PREFERRED, null, "");
        var capture =
                pool.acquire(
                        new ServerAccess(config.address(), config.credential(), connection),
                        config.retryPolicy());
        return new SourceRun("shop", config, capture, release);
    }

    static ConfigDocument document(String uri, String user, String password) {
        return new ConfigDocument(
                "mysql",
                null,
                uri,
                new ConfigDocument.CredentialDocument(user, password),
                null,
                null,
                null,
                null,
                Map.of(),
                null);
    }
}
