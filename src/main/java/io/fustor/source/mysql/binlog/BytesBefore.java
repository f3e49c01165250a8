package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.position.Evidence;
import java.util.zip.CRC32C;

/// The checksum over the events right before a reader's place. It covers whole transactions from at
/// least [#SPAN] bytes before the place, if the file has that many, and at most [Evidence#LONGEST].
/// One transaction would not suffice: MariaDB writes times in seconds only, so two servers may
/// write the same bytes for it.
///
/// A sum begins at the first transaction after a multiple of [#SPAN], so its start depends on
/// offsets only. Two readers of a file have the same evidence of a place wherever they began, once
/// they have passed two such starts. For the reader's thread; no event causes an allocation.
final class BytesBefore {

    private static final int SPAN = 4096;

    /// One sum from the last start but one, and one from the last start.
    private final Sum older = new Sum();

    private final Sum newer = new Sum();

    /// The start of the newer sum.
    private long newerFrom;

    private int lengthBeforeLast;
    private int checksumBeforeLast;

    /// Whether every reader has the same sums here.
    private boolean isSettled;

    private boolean wasSettledBeforeLast;

    /// Whether every reader has the same newer sum here.
    private boolean isNewerSettled;

    /// The start of the last transaction; negative if unknown.
    private long lastBegin = -1;

    /// @param isSettled whether every reader has the same evidence of the place at which this one
    ///   begins
    BytesBefore(boolean isSettled) {
        this.isSettled = isSettled;
        this.isNewerSettled = isSettled;
    }

    private static final class Sum {

        private CRC32C checksum = new CRC32C();
        private int length;

        void forget() {
            checksum.reset();
            length = 0;
        }

        /// Clears the sum instead of exceeding the limit.
        void addOrForget(EventBytes event) {
            if (length + event.size() > Evidence.LONGEST) {
                forget();
                return;
            }
            length += (int) event.size();
            checksum.update(event.array(), event.start(), event.end() - event.start());
        }

        /// Takes over another sum, which is empty afterwards.
        void takeFrom(Sum other) {
            CRC32C emptied = checksum;
            checksum = other.checksum;
            length = other.length;
            other.checksum = emptied;
            other.forget();
        }
    }

    /// From here on the bytes before the place are unknown, or in another file.
    void forget() {
        older.forget();
        newer.forget();
    }

    /// From here on the bytes before the place are unknown in the middle of a file.
    void forgetInFile() {
        forget();
        isSettled = false;
        isNewerSettled = false;
        lastBegin = -1;
    }

    /// Adds an event of the file that directly follows the previous ones.
    ///
    /// @param start its offset in the file
    void enter(EventBytes event, long start) {
        Sum before = longest();
        lengthBeforeLast = before.length;
        checksumBeforeLast = (int) before.checksum.getValue();
        wasSettledBeforeLast = isSettled;
        int type = event.type();
        if (endsHead(type)) {
            forget();
            isSettled = true;
            isNewerSettled = true;
            return;
        }
        if (beginsTransaction(type)) {
            if (start / SPAN != newerFrom / SPAN) {
                older.takeFrom(newer);
                settle(start);
            }
            lastBegin = start;
        }
        if (older.length > 0) {
            older.addOrForget(event);
        }
        if (newer.length + event.size() > Evidence.LONGEST) {
            newer.forget();
        }
        if (newer.length == 0) {
            newerFrom = start;
        }
        newer.addOrForget(event);
    }

    /// A sum begins at a transaction. Every reader has begun its newer sum in the span of the
    /// transaction before, or earlier. Unless the sum has exceeded the limit since, every reader
    /// begins another one here, and so the next one too.
    private void settle(long start) {
        isSettled |= isNewerSettled;
        isNewerSettled |= lastBegin >= 0 && start - lastBegin / SPAN * SPAN <= Evidence.LONGEST;
    }

    private Sum longest() {
        return older.length > 0 ? older : newer;
    }

    /// The head of a file describes earlier files and proves no more than they do.
    private static boolean endsHead(int type) {
        return type == EventType.PREVIOUS_GTIDS || type == EventType.MARIADB_GTID_LIST;
    }

    private static boolean beginsTransaction(int type) {
        return switch (type) {
            case EventType.GTID,
                    EventType.ANONYMOUS_GTID,
                    EventType.GTID_TAGGED,
                    EventType.MARIADB_GTID ->
                    true;
            default -> false;
        };
    }

    /// The evidence for the place after the last event.
    Evidence evidence(int fileCreated) {
        Sum sum = longest();
        return new Evidence(fileCreated, sum.length, (int) sum.checksum.getValue(), isSettled);
    }

    /// The evidence for the place before the last event.
    Evidence evidenceBeforeLast(int fileCreated) {
        return new Evidence(
                fileCreated, lengthBeforeLast, checksumBeforeLast, wasSettledBeforeLast);
    }
}
