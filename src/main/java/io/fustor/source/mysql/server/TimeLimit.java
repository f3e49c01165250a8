package io.fustor.source.mysql.server;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Ends a connection when its time is over, for a server can keep every single read within its
/// timeout and still never come to an end. A virtual thread watches the time.
final class TimeLimit implements AutoCloseable {

    private final CountDownLatch done = new CountDownLatch(1);
    private final Connection connection;
    private volatile boolean over;

    private TimeLimit(Connection connection) {
        this.connection = connection;
    }

    static TimeLimit start(Connection connection, Duration time) {
        TimeLimit limit = new TimeLimit(connection);
        Thread.ofVirtual().name("time limit").start(() -> limit.watch(time));
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
            // It is closed as far as it ever will be.
        }
    }

    /// Whether the connection was ended.
    boolean isOver() {
        return over;
    }

    /// Lets the connection live.
    @Override
    public void close() {
        done.countDown();
    }
}
