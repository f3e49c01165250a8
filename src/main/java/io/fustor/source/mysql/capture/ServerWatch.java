package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.ServerProbe;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;

/// Notices that a server which was not to be reached answers again, so that nobody waits out a long
/// pause when it is back: somebody else got an answer, or a look every second or two, one for all
/// who wait.
///
/// It tells of each return once. A server that greets and then fails again does so without ending
/// another pause, until it was seen silent or was reached in between.
///
/// Any thread.
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

    /// Whether the server has come back since a time by [System#nanoTime]. May look, which takes a
    /// second at the most.
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
