package io.fustor.source.mysql.connection;

import io.fustor.source.mysql.thread.SupervisedThread;
import io.fustor.source.mysql.thread.Work;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Ends a connection after a time limit. A server can keep every single read within its timeout and
/// still never finish. A virtual thread watches the time.
public final class TimeLimit implements AutoCloseable {

    private final CountDownLatch done = new CountDownLatch(1);
    private final Connection connection;
    private volatile boolean over;

    private TimeLimit(Connection connection) {
        this.connection = connection;
    }

    /// Any thread may call this; the connection's own thread is not blocked.
    public static TimeLimit start(Connection connection, Duration time) {
        TimeLimit limit = new TimeLimit(connection);
        SupervisedThread.virtual(Work.QUESTION, "time limit", () -> limit.watch(time));
        return limit;
    }

    private void watch(Duration time) {
        try {
            if (!done.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
                over = true;
                connection.abort(Runnable::run);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (SQLException _) {
            // Nothing more can be closed.
        }
    }

    /// Whether the limit ended the connection.
    public boolean isOver() {
        return over;
    }

    /// Removes the limit from the connection.
    @Override
    public void close() {
        done.countDown();
    }
}
