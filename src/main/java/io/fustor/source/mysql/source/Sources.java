package io.fustor.source.mysql.source;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.CapturePool;
import io.fustor.source.mysql.capture.RetryPolicy;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.server.ConnectionProperties;
import io.fustor.source.mysql.server.Credential;
import io.fustor.source.mysql.server.ServerAccess;
import io.fustor.source.mysql.server.ServerAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/// Stand-in until the real one is merged.
@Component
@EnableConfigurationProperties(ConnectionProperties.class)
public class Sources {
    private final SourceRun run;

    public Sources(CapturePool pool, Environment env, ConnectionProperties connection) {
        Capture capture =
                pool.acquire(
                        new ServerAccess(
                                ServerAddress.parse(
                                        env.getProperty(
                                                "fustor.sources.shop.uri", "127.0.0.1:3306")),
                                new Credential(
                                        env.getProperty("fustor.sources.shop.credential.user", ""),
                                        env.getProperty(
                                                "fustor.sources.shop.credential.passwd", "")),
                                connection),
                        new RetryPolicy(10, Duration.ofSeconds(1)));
        run = new SourceRun("shop", capture);
    }

    public SourceRun run(String id) {
        require(id);
        return run;
    }

    public void require(String id) {
        if (!id.equals("shop")) {
            throw RequestException.notFound("no source " + id);
        }
    }

    public @Nullable Capture capture(String id) {
        return run.capture();
    }

    public List<String> ids() {
        return List.of("shop");
    }

    public boolean isRunning(String id) {
        return true;
    }
}
