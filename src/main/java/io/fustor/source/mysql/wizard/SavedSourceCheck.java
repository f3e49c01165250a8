package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.binlog.ReplicationProof;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.Servers;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.ServerSession;
import io.fustor.source.mysql.server.ServerSettings;
import io.fustor.source.mysql.source.Check;
import io.fustor.source.mysql.source.CheckReport;
import io.fustor.source.mysql.source.SourceCheck;
import io.fustor.source.mysql.source.SourceConfig;
import io.fustor.source.mysql.thread.InternalFailures;
import io.fustor.source.mysql.thread.SupervisedThread;
import io.fustor.source.mysql.thread.Work;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.stereotype.Component;

/// Checks a source that was just saved: the server's settings, the user's privileges, and a login
/// as a replica. The check reads no table and changes nothing. It runs on a separate thread,
/// because a server may never respond. The caller waits at most five seconds.
@Component
class SavedSourceCheck implements SourceCheck {

    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final Servers servers;

    SavedSourceCheck(Servers servers) {
        this.servers = servers;
    }

    @Override
    public CheckReport check(SourceConfig config, Locale language) {
        Texts texts = new Texts(language);
        CompletableFuture<CheckReport> found = new CompletableFuture<>();
        String name = "check of " + config.address();
        SupervisedThread.virtual(
                Work.QUESTION, name, () -> found.complete(looked(config, name, texts)));
        try {
            return found.get(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException _) {
            return late(config, texts);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return late(config, texts);
        }
    }

    private static CheckReport late(SourceConfig config, Texts texts) {
        return Reports.failed(texts.get("late", config.address(), LONGEST.toSeconds()));
    }

    private CheckReport looked(SourceConfig config, String name, Texts texts) {
        try {
            return Reports.of(checks(config, texts), texts);
        } catch (RequestException e) {
            return Reports.failed(e.sentence().in(texts.language()));
        } catch (Throwable e) {
            SourceException failure = InternalFailures.contain(Work.QUESTION, name, e);
            return Reports.failed(texts.failure(failure));
        }
    }

    private List<Check> checks(SourceConfig config, Texts texts) {
        DriverParams params = DriverParams.of(new HashMap<>(config.driverParams()));
        ServerAccess access = servers.access(config.address(), config.credential());
        List<Check> all = new ArrayList<>();
        try (ServerSession session = ServerSession.openWithin(access, LONGEST)) {
            all.addAll(new SettingChecks(ServerSettings.read(session), texts).run());
            all.addAll(PrivilegeChecks.granted(session, params, texts));
        }
        if (all.stream().allMatch(check -> check.passed() || !check.required())) {
            ReplicationProof.requireLogin(access);
        }
        return all;
    }
}
