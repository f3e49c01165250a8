package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.server.MySqlServer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Looks for the place where an XA transaction was prepared that a reader sees committed and did
/// not see prepared: the last such place in front of the commit, file by file from the newest on.
///
/// For one thread, except [#close].
final class PreparedSearch implements AutoCloseable {

    /// How long one step takes at the most, so that the caller can do something else in between.
    private static final long STEP_NANOS = Duration.ofMillis(500).toNanos();

    private final MySqlServer server;
    private final Xid wanted;
    private final FeedPosition commit;
    private final PreparedTransactions known;

    /// The names of those not read yet, oldest first.
    private final Deque<String> files = new ArrayDeque<>();

    private final String oldest;
    private String file = "";
    private volatile @Nullable EventStream stream;
    private volatile boolean closed;

    /// What was prepared in the file and neither committed nor rolled back in it.
    private Map<Xid, BinlogStart.AtPosition> found = new HashMap<>();

    /// What was committed or rolled back in it, and prepared in an older one.
    private final Set<Xid> endedHere = new HashSet<>();

    /// The same of the files that were read before it, which are newer.
    private final Set<Xid> endedLater = new HashSet<>();

    private boolean preparing;
    private boolean isKeepingAll = true;
    private boolean isEnded;

    /// Asks the server for its files.
    ///
    /// @param commit where the transaction that commits starts
    /// @param known takes in what else is found on the way
    PreparedSearch(
            MySqlServer server, Xid wanted, FeedPosition commit, PreparedTransactions known) {
        this.server = server;
        this.wanted = wanted;
        this.commit = commit;
        this.known = known;
        for (MySqlServer.BinlogFile each : server.files()) {
            if (BinlogPosition.fileNumber(each.name()) <= commit.fileNumber()) {
                files.add(each.name());
            }
        }
        this.oldest = files.isEmpty() ? "" : files.getFirst();
    }

    /// Searches on for half a second, or until the server sends nothing for about one.
    ///
    /// @return null where nothing is found yet
    /// @throws SourceException `XA_TRANSACTION` where the place is not in the binlog any more
    BinlogStart.@Nullable AtPosition next() {
        long deadline = System.nanoTime() + STEP_NANOS;
        while (System.nanoTime() < deadline) {
            EventStream open = stream;
            if (open == null) {
                openNext();
                continue;
            }
            if (!open.next()) {
                return null;
            }
            if (isBehind(open.cursor())) {
                open.close();
                stream = null;
                BinlogStart.AtPosition place = endFile();
                if (place != null) {
                    return place;
                }
            } else {
                take(open);
            }
        }
        return null;
    }

    private void openNext() {
        String next = files.pollLast();
        if (isEnded || next == null) {
            throw gone();
        }
        file = next;
        long number = BinlogPosition.fileNumber(next);
        FeedPosition head =
                new FeedPosition(
                        commit.server(),
                        number,
                        BinlogPosition.FIRST_EVENT,
                        number == commit.fileNumber() ? commit.fileCreated() : 0,
                        0,
                        null,
                        null);
        EventStream opened =
                EventStream.open(
                        server,
                        new BinlogStart.AtPosition(head, next),
                        new TableMaps(),
                        new LargeEvents.HeadsOnly());
        stream = opened;
        if (closed) {
            opened.close();
        }
    }

    private SourceException gone() {
        return new SourceException(
                FailureCode.XA_TRANSACTION,
                "the transaction at "
                        + commit.fileNumber()
                        + ":"
                        + commit.offset()
                        + " commits the XA transaction "
                        + wanted
                        + ", whose rows are not in the server's binlog: they were prepared in front of "
                        + oldest
                        + ":"
                        + BinlogPosition.FIRST_EVENT
                        + ", the oldest position that it still has, or left out of it; load the tables"
                        + " anew, and start from a position behind the commit");
    }

    /// Whether the stream has come to the next file or to the commit.
    private boolean isBehind(BinlogCursor cursor) {
        return !cursor.file().equals(file)
                || (BinlogPosition.fileNumber(file) == commit.fileNumber()
                        && cursor.offset() > commit.offset());
    }

    private BinlogStart.@Nullable AtPosition endFile() {
        BinlogStart.AtPosition place = found.get(wanted);
        found.keySet().removeAll(endedLater);
        endedLater.addAll(endedHere);
        endedHere.clear();
        isKeepingAll = isKeepingAll && known.addOlder(found);
        found = new HashMap<>();
        return place;
    }

    private void take(EventStream open) {
        EventBytes event = open.event();
        switch (event.type()) {
            case EventType.GTID, EventType.ANONYMOUS_GTID, EventType.GTID_TAGGED -> {
                open.cursor().drop();
                open.cursor().begin(event, open.isInPayload());
                preparing = false;
            }
            case EventType.TRANSACTION_PAYLOAD -> {
                return;
            }
            case EventType.QUERY -> take(Statement.read(event));
            case EventType.XA_PREPARE -> endPrepared(open);
            default -> {
                // Only names matter here: the reader judges the events between them.
            }
        }
        if (!preparing) {
            open.skipPayload();
        }
    }

    private void take(Statement statement) {
        switch (statement.kind()) {
            case XA_START -> preparing = true;
            case XA_COMMIT, XA_ROLLBACK -> {
                Xid xid = statement.xid();
                if (xid != null && found.remove(xid) == null) {
                    endedHere.add(xid);
                }
                isEnded = isEnded || wanted.equals(xid);
            }
            default -> {
                // As above.
            }
        }
    }

    private void endPrepared(EventStream open) {
        boolean isOnePhase = open.event().unsignedByte() != 0;
        if (!isOnePhase) {
            found.put(Xid.read(open.event()), open.cursor().again());
        }
        preparing = false;
    }

    /// From any thread; a read that waits ends.
    @Override
    public void close() {
        closed = true;
        EventStream open = stream;
        if (open != null) {
            open.close();
        }
    }
}
