package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.RowCounts;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.position.Place;

/// A live window for tests of what subscribers do with its events. One thread appends.
public final class OpenWindow {

    private final LiveWindow window;
    private long offset = 4;

    /// @param capacity in bytes
    public OpenWindow(long capacity) {
        window = new LiveWindow(at(offset), capacity, new WindowShare(Long.MAX_VALUE));
    }

    private static Place at(long offset) {
        return new Place(1, 1, offset, 0, 0, null, null);
    }

    public LiveWindow window() {
        return window;
    }

    /// Appends an event and wakes the subscribers.
    public void append() {
        Transaction transaction = new Transaction(at(offset), "binlog.000001", null, 0);
        window.append(new CommitEvent(transaction, RowCounts.NONE, at(++offset), 0));
        window.wake();
    }

    /// No event will follow.
    public void close() {
        window.close();
    }
}
