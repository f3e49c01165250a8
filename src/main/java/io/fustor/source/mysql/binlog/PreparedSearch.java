package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.MySqlServer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Searches for the place where an XA transaction was prepared, for a reader that has seen only its
/// commit: the last such place before the commit, file by file from the newest on.
///
/// For one thread, except [#close].
final class PreparedSearch implements AutoCloseable {

    /// The maximum duration of one step, so that the caller can do other work in between.
    private static final long STEP_NANOS = Duration.ofMillis(500).toNanos();

    private final MySqlServer server;
    private final Xid wanted;
    private final Place commit;
    private final PreparedTransactions known;

    /// The names of unread files, oldest first.
    private final Deque<String> files = new ArrayDeque<>();

    private final String oldest;
    private String file = "";
    private volatile @Nullable EventStream stream;
    private volatile boolean closed;

    /// Transactions that were prepared in the file and neither committed nor rolled back in it.
    private Map<Xid, BinlogStart.AtPosition> found = new HashMap<>();

    /// Transactions that ended in the file and were prepared in an older one.
    private final Set<Xid> endedHere = new HashSet<>();

    /// The same for the newer files, which were read earlier.
    private final Set<Xid> endedLater = new HashSet<>();

    private boolean preparing;
    private boolean isKeepingAll = true;
    private boolean isEnded;

    /// Requests the list of the server's files.
    ///
    /// @param commit the start of the committing transaction
    /// @param known receives the other transactions that the search finds
    PreparedSearch(MySqlServer server, Xid wanted, Place commit, PreparedTransactions known) {
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

    /// Continues the search for half a second, or until the server sends nothing for about one.
    ///
    /// @return null if nothing is found yet
    /// @throws SourceException `XA_TRANSACTION` if the place is no longer in the binlog
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
            if (isPast(open.cursor())) {
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
        Place head =
                new Place(
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
                        + ", whose rows are not in the server's binlog: they were prepared before "
                        + oldest
                        + ":"
                        + BinlogPosition.FIRST_EVENT
                        + ", its oldest position, or left out of it; reload the tables"
                        + " and start from a position after the commit");
    }

    /// Whether the stream has reached the next file or the commit.
    private boolean isPast(BinlogCursor cursor) {
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
            case EventType.QUERY -> take(StatementEffect.read(event, open.cursor().isOfMariaDb()));
            case EventType.XA_PREPARE -> endPrepared(open);
            default -> {
                // Only names matter here: the reader checks the events between them.
            }
        }
        if (!preparing) {
            open.skipPayload();
        }
    }

    private void take(StatementEffect statement) {
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

    /// Any thread may call this; a waiting read ends.
    @Override
    public void close() {
        closed = true;
        EventStream open = stream;
        if (open != null) {
            open.close();
        }
    }
}
