package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.history.SchemaHistories;
import io.fustor.source.mysql.server.ServerAccess;
import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/// The captures in use, one for each server access: sources with the same address and credential
/// get the same one. Called by the sources as they start and stop, on any thread.
@Component
@EnableConfigurationProperties(CaptureProperties.class)
public final class CapturePool {

    private final CaptureProperties properties;
    private final SchemaHistories histories;
    private final Map<ServerAccess, Shared> captures = new HashMap<>();

    private static final class Shared {
        private final Capture capture;
        private int users;

        private Shared(Capture capture) {
            this.capture = capture;
        }
    }

    public CapturePool(CaptureProperties properties, SchemaHistories histories) {
        this.properties = properties;
        this.histories = histories;
    }

    /// The capture of a server, made when the first source wants it. Each call wants one
    /// [#release].
    ///
    /// @param retry sources that share a capture share the patience of the one that asked last
    public synchronized Capture acquire(ServerAccess access, RetryPolicy retry) {
        Shared shared =
                captures.computeIfAbsent(
                        access, _ -> new Shared(new Capture(access, retry, properties, histories)));
        shared.users++;
        shared.capture.retry(retry);
        return shared.capture;
    }

    /// Gives a capture back; the last one who does closes its connections.
    public synchronized void release(Capture capture) {
        Shared shared = captures.get(capture.access());
        if (shared != null && --shared.users == 0) {
            captures.remove(capture.access());
            shared.capture.close();
        }
    }
}
