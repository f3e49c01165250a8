package io.fustor.source.mysql.faults;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.KeyChange;
import io.fustor.source.mysql.support.KeyedCopy;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A client as it should be: it reads on a thread of its own, takes events that came whole, counts
/// a connection that stays silent as dead, and comes again with the last place that it has,
/// whatever ended the answer. What must never come makes it fail.
abstract class ReturningClient implements AutoCloseable {

    private static final long PAUSE_NANOS = 50_000_000;

    private final BlockingQueue<KeyChange> changes = new LinkedBlockingQueue<>();
    private final KeyedCopy copy = new KeyedCopy();
    private final boolean keepsCopy;
    private final Thread thread = Thread.ofVirtual().unstarted(this::run);
    private volatile @Nullable Throwable failure;
    private volatile boolean isOver;
    private volatile int connections;
    private volatile int lastRefusal;

    /// @param keepsCopy whether it keeps the rows too, which costs memory
    ReturningClient(boolean keepsCopy) {
        this.keepsCopy = keepsCopy;
    }

    /// Called once, by the constructor of a complete client.
    final void start() {
        thread.start();
    }

    /// The changes that came; readers take them from here.
    final BlockingQueue<KeyChange> changes() {
        return changes;
    }

    /// The rows as the changes left them; complete when the client is closed.
    final KeyedCopy copy() {
        return copy;
    }

    final boolean keepsCopy() {
        return keepsCopy;
    }

    /// How often it connected, or tried to.
    final int connections() {
        return connections;
    }

    /// What made it give up, if anything did.
    final @Nullable Throwable failure() {
        return failure;
    }

    /// The status of the last answer that was of no use; 0 where there was none.
    final int lastRefusal() {
        return lastRefusal;
    }

    final boolean isOver() {
        return isOver;
    }

    private void run() {
        try {
            while (!isOver) {
                connections++;
                if (!connectOnce()) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        } catch (Throwable e) {
            failure = e;
        }
    }

    /// Sends one request and takes what it brings; false where that was nothing.
    abstract boolean connectOnce();

    /// The answer, whatever its status; null where none is to be had just now.
    final @Nullable FeedClient send(FeedRequest request) {
        FeedClient client = null;
        try {
            client = request.send();
            int status = client.status();
            if (status == 200 || status == 204) {
                return client;
            }
            lastRefusal = status;
            if (status == 410) {
                String body = client.body();
                client.close();
                throw new IllegalStateException("not expected: " + body);
            }
        } catch (UncheckedIOException | AssertionError _) {
            // Broken, or silent for too long, before it answered.
        }
        if (client != null) {
            client.close();
        }
        return null;
    }

    final void take(ChangeEvent event) {
        if (keepsCopy) {
            copy.apply(event);
        }
        changes.addAll(KeyChange.of(event));
    }

    /// Ends it soon, without a wait.
    final void end() {
        isOver = true;
    }

    @Override
    public final void close() throws InterruptedException {
        end();
        thread.join(Duration.ofSeconds(10));
    }
}
