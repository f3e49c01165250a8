package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.connection.ServerProbe;
import io.fustor.source.mysql.server.MySqlServer;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;

/// Detects that an unreachable server responds again, so that no reader waits out a long pause
/// after its return. Either another thread received a response, or a probe every second or two,
/// shared by all waiting threads, succeeded.
///
/// It reports each return once. A server that greets and then fails again does not end another
/// pause, until it was silent or reachable in between.
///
/// Any thread may call.
final class ServerWatch {

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final MySqlServer server;
    private final ReentrantLock lock = new ReentrantLock();

    private volatile boolean answers;
    private volatile long returned = System.nanoTime();
    private volatile long nextLook = System.nanoTime();

    ServerWatch(MySqlServer server) {
        this.server = server;
    }

    /// The server was reached, so that its next absence is a new one.
    void reached() {
        if (answers) {
            answers = false;
        }
    }

    /// Whether the server has returned since a time by [System#nanoTime]. The call may probe the
    /// server, which takes a second at most.
    boolean isBackSince(long failed) {
        look();
        return returned - failed > 0 || server.answered() - failed > 0;
    }

    private void look() {
        if (nextLook - System.nanoTime() > 0 || !lock.tryLock()) {
            return;
        }
        try {
            boolean greets = ServerProbe.greets(server.access());
            if (greets && !answers) {
                returned = System.nanoTime();
            }
            answers = greets;
            long jitter = ThreadLocalRandom.current().nextLong(INTERVAL.toNanos());
            nextLook = System.nanoTime() + INTERVAL.toNanos() + jitter;
        } finally {
            lock.unlock();
        }
    }
}
