package io.fustor.source.mysql.source;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.CapturePool;
import io.fustor.source.mysql.connection.ConnectionProperties;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.TlsMode;
import io.fustor.source.mysql.encode.Masks;
import io.fustor.source.mysql.instance.TestBudgets;
import io.fustor.source.mysql.schemahistory.StateDatabase;
import io.fustor.source.mysql.support.Settings;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/// Runs of sources without a server.
final class Captures {

    private Captures() {}

    static SourceRun run(Consumer<Capture> release) {
        SourceConfig config = document("127.0.0.1:1", "a-user", "a-password").check();
        var pool =
                new CapturePool(
                        Settings.feed("window", "1MB"),
                        new StateDatabase().histories(),
                        TestBudgets.ofOneInstance());
        var connection =
                new ConnectionProperties(
                        Duration.ofSeconds(1), Duration.ofSeconds(3), TlsMode.PREFERRED, null, "");
        var capture =
                pool.acquire(
                        new ServerAccess(config.address(), config.credential(), connection),
                        config.retryPolicy());
        return new SourceRun("shop", config, capture, Masks.NONE, release);
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
                null,
                Map.of(),
                null);
    }
}
