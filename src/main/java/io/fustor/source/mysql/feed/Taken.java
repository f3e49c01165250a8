package io.fustor.source.mysql.feed;

import java.util.ArrayDeque;
import java.util.Deque;

/// What one request has taken, in this order; closing gives it back, the last first. What was
/// handed over is the new owner's to close.
///
/// For one thread.
final class Taken implements AutoCloseable {

    private final Deque<Runnable> returns = new ArrayDeque<>();

    void add(Runnable giveBack) {
        returns.push(giveBack);
    }

    /// All that was taken so far, for another owner.
    Taken handOver() {
        Taken all = new Taken();
        all.returns.addAll(returns);
        returns.clear();
        return all;
    }

    @Override
    public void close() {
        try {
            if (!returns.isEmpty()) {
                returns.pop().run();
            }
        } finally {
            if (!returns.isEmpty()) {
                close();
            }
        }
    }
}
