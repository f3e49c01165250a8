package io.fustor.source.mysql.faults;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.KeyChange;
import io.fustor.source.mysql.support.KeyedCopy;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A client as it should be: it reads on a thread of its own, takes events that came whole, counts
/// a connection without a heartbeat as dead, and comes again with the last id that it has, whatever
/// ended the stream. What must never come makes it fail.
final class ResumingClient implements AutoCloseable {

    /// Three heartbeats: on a busy machine an answer may take more than one. An instance that
    /// stands still does so for longer.
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(3);

    private static final long PAUSE_NANOS = 50_000_000;

    private final FeedRequest feed;
    private final BlockingQueue<KeyChange> changes = new LinkedBlockingQueue<>();
    private final KeyedCopy copy = new KeyedCopy();
    private final Thread thread;
    private String token;
    private volatile @Nullable Throwable failure;
    private volatile boolean isOver;
    private volatile int connections;

    ResumingClient(FeedRequest feed, String token) {
        this.feed = feed.patience(LONGEST_SILENCE);
        this.token = token;
        this.thread = Thread.startVirtualThread(this::run);
    }

    /// The changes that came; readers take them from here.
    BlockingQueue<KeyChange> changes() {
        return changes;
    }

    /// The rows as the changes left them; complete when the client is closed.
    KeyedCopy copy() {
        return copy;
    }

    /// How often it connected, or tried to.
    int connections() {
        return connections;
    }

    /// What made it give up, if anything did.
    @Nullable Throwable failure() {
        return failure;
    }

    private void run() {
        try {
            while (!isOver) {
                connections++;
                connectOnce();
            }
        } catch (Throwable e) {
            failure = e;
        }
    }

    private void connectOnce() {
        FeedClient client = connect();
        if (client == null) {
            LockSupport.parkNanos(PAUSE_NANOS);
            return;
        }
        try (client) {
            while (!isOver) {
                Optional<Frame> frame = client.frameWithin(LONGEST_SILENCE);
                if (frame.isEmpty() || !take(frame.get())) {
                    return;
                }
            }
        } catch (UncheckedIOException _) {
            // What came whole counts, and the next stream goes on after it.
        }
    }

    /// Null where no stream is to be had just now.
    private @Nullable FeedClient connect() {
        FeedClient client = null;
        try {
            client = feed.after(token).send();
            if (client.status() == 200) {
                return client;
            }
        } catch (UncheckedIOException | AssertionError _) {
            // Broken, or silent for too long, before it answered.
        }
        if (client != null) {
            client.close();
        }
        return null;
    }

    /// False where nothing more is to come.
    private boolean take(Frame frame) {
        boolean isLast = frame.isControl("error") || frame.isControl("end");
        if (frame.isControl("position_lost")) {
            throw new AssertionError("not expected: " + frame);
        }
        if (frame.isChange()) {
            ChangeEvent event = frame.change();
            copy.apply(event);
            changes.addAll(KeyChange.of(event));
        }
        token = frame.id() == null ? token : frame.id();
        return !isLast;
    }

    @Override
    public void close() throws InterruptedException {
        isOver = true;
        thread.join(Duration.ofSeconds(10));
    }
}
