package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.binlog.BinlogStart;
import io.fustor.source.mysql.binlog.LargeEvents;
import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.TruncateEvent;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.MySqlServer.BinlogFile;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Turns what a subscriber may name as its start into a place: now, the oldest position, an index,
/// a time, a GTID set. An index and a time stand for a place somewhere inside a file, which is
/// found by reading the file up to it.
///
/// Any thread may call; calls block on the server and throw a [SourceException] where a place is
/// not to be had.
public final class StartingPoints {

    /// How long a request waits for its turn to read the binlog.
    private static final Duration TURN_PATIENCE = Duration.ofSeconds(10);

    private static final Duration TURN_LOOK = Duration.ofMillis(100);

    private final MySqlServer server;
    private final BinlogAvailability availability;
    private final CapturedSchemas schemas;
    private final CatchUpTurns turns;
    private final BinlogEnd end;

    /// When files were begun, of those that somebody stood in front of.
    private final Map<FileOfServer, Instant> begun = new HashMap<>();

    private record FileOfServer(long server, String file) {}

    StartingPoints(
            MySqlServer server,
            BinlogAvailability availability,
            CapturedSchemas schemas,
            CatchUpTurns turns,
            BinlogEnd end) {
        this.server = server;
        this.availability = availability;
        this.schemas = schemas;
        this.turns = turns;
        this.end = end;
    }

    /// Behind everything that is committed, with the tables' columns known from there on.
    public FeedPosition now() {
        schemas.begin();
        return end.place();
    }

    /// In front of the oldest change that the server still has.
    public FeedPosition earliest() {
        BinlogStatus status = server.status();
        return startOf(status, BinlogAvailability.oldest(server.files()));
    }

    private static FeedPosition startOf(BinlogStatus status, BinlogPosition position) {
        return new FeedPosition(
                status.server().number(),
                position.fileNumber(),
                position.offset(),
                0,
                0,
                null,
                null);
    }

    /// A place that was taken before, once it is sure that what follows is still there.
    public FeedPosition resume(FeedPosition place) {
        availability.locate(place);
        return place;
    }

    /// Behind the change that has an index: `(file number << 32) | end position`.
    public FeedPosition behindIndex(long index) {
        long fileNumber = index >>> 32;
        long offset = index & 0xFFFF_FFFFL;
        BinlogStatus status = server.status();
        List<BinlogFile> files = server.files();
        BinlogPosition oldest = BinlogAvailability.oldest(files);
        if (fileNumber < oldest.fileNumber()) {
            throw BinlogAvailability.purged("index " + index, oldest);
        }
        BinlogFile file =
                files.stream()
                        .filter(
                                candidate ->
                                        BinlogPosition.fileNumber(candidate.name()) == fileNumber)
                        .findFirst()
                        .orElse(null);
        if (file == null || offset > Math.max(file.size(), status.position().offset())) {
            throw new SourceException(
                    FailureCode.POSITION_AHEAD,
                    "index " + index + " lies ahead of the newest, " + status.position().index());
        }
        return scan(
                status,
                new BinlogPosition(file.name(), BinlogPosition.FIRST_EVENT),
                event -> {
                    long end =
                            event instanceof RowsEvent rows
                                    ? rows.origin().endOffset()
                                    : event.after().offset();
                    long number = event.transaction().start().fileNumber();
                    return number > fileNumber || (number == fileNumber && end > offset);
                });
    }

    /// In front of the first transaction that was committed at a time or later.
    public FeedPosition atTime(Instant time) {
        BinlogStatus status = server.status();
        long micros = time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000;
        if (micros > server.clockMicros()) {
            throw new SourceException(
                    FailureCode.POSITION_AHEAD,
                    "the time " + time + " lies ahead of the server's clock");
        }
        List<BinlogFile> files = server.files();
        return scan(
                status,
                fileAt(status, files, time, micros),
                event -> commitMicros(event) >= micros);
    }

    private static long commitMicros(BinlogEvent event) {
        long committed = event.transaction().committedMicros();
        return committed != 0 ? committed : event.timestamp() * 1_000_000;
    }

    /// The last file that was begun before the time; a file's creation is read from the file
    /// itself, which says the second only: a file of the time's own second may have been begun
    /// after the time.
    private BinlogPosition fileAt(
            BinlogStatus status, List<BinlogFile> files, Instant time, long micros) {
        long seconds = Math.floorDiv(micros, 1_000_000);
        int low = 0;
        int high = files.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (created(status, files.get(middle)) < seconds) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        BinlogPosition start =
                new BinlogPosition(files.get(low).name(), BinlogPosition.FIRST_EVENT);
        if (low == 0 && start.fileNumber() > 1 && created(status, files.getFirst()) >= seconds) {
            throw BinlogAvailability.purged("what was committed at " + time, start);
        }
        return start;
    }

    private long created(BinlogStatus status, BinlogFile file) {
        BinlogPosition start = new BinlogPosition(file.name(), BinlogPosition.FIRST_EVENT);
        try (CatchUpTurns.Turn _ = turn();
                BinlogReader reader = open(startOf(status, start), file.name())) {
            return reader.fileCreated();
        }
    }

    /// In front of the first transaction that a set lacks.
    public FeedPosition afterGtids(GtidSet executed) {
        BinlogStatus status = server.status();
        BinlogStart start = availability.locateGtids(executed, status);
        FeedPosition now = end.place();
        if (executed.equals(now.executedOrEmpty())) {
            return now;
        }
        try (CatchUpTurns.Turn _ = turn();
                BinlogReader reader =
                        BinlogReader.open(server, start, new LargeEvents.HeadsOnly())) {
            return first(reader, _ -> true, status);
        }
    }

    private FeedPosition scan(
            BinlogStatus status, BinlogPosition from, Predicate<BinlogEvent> wanted) {
        try (CatchUpTurns.Turn _ = turn();
                BinlogReader reader = open(startOf(status, from), from.file())) {
            return first(reader, wanted, status);
        }
    }

    /// A turn at reading the binlog.
    ///
    /// @throws SourceException `TOO_MANY_CONNECTIONS` where it does not come soon
    private CatchUpTurns.Turn turn() {
        CatchUpTurns.Turn turn = turns.ask();
        long until = System.nanoTime() + TURN_PATIENCE.toNanos();
        while (!turn.isGranted()) {
            if (until - System.nanoTime() <= 0) {
                turn.close();
                throw new SourceException(
                        FailureCode.TOO_MANY_CONNECTIONS,
                        turns.taken()
                                + " subscribers catch up at "
                                + server.access().address()
                                + ", and no more at a time (fustor.feed.max-catch-up)");
            }
            turns.revokeDue();
            LockSupport.parkNanos(this, TURN_LOOK.toNanos());
        }
        return turn;
    }

    private BinlogReader open(FeedPosition place, String file) {
        return BinlogReader.open(
                server, new BinlogStart.AtPosition(place, file), new LargeEvents.HeadsOnly());
    }

    /// The place in front of the first wanted event, or the end of the binlog as of `status` where
    /// none comes.
    private static FeedPosition first(
            BinlogReader reader, Predicate<BinlogEvent> wanted, BinlogStatus status) {
        FeedPosition end = status.place();
        while (true) {
            BinlogEvent event = reader.next();
            if (event != null && wanted.test(event)) {
                return before(event);
            }
            FeedPosition here = reader.position();
            if (event == null && !end.isAfter(here)) {
                return here;
            }
        }
    }

    private static FeedPosition before(BinlogEvent event) {
        FeedPosition start = event.transaction().start();
        return switch (event) {
            case RowsEvent rows -> start.afterRows(rows.firstRow(), rows.transaction().gtid());
            case CommitEvent commit -> start.afterRows(commit.rows(), commit.transaction().gtid());
            case TruncateEvent _ -> start;
        };
    }

    /// Whether the server still has what follows a place, and how much that is.
    ///
    /// @param lagBytes of binlog behind the place; null for a place of another server
    public record Reach(boolean available, @Nullable Long lagBytes) {}

    public Reach reach(FeedPosition place) {
        try {
            availability.locate(place);
        } catch (SourceException e) {
            if (e.recovery() == Recovery.REPOSITION) {
                return new Reach(false, null);
            }
            throw e;
        }
        long behind = 0;
        boolean here = place.server() == server.identity().number();
        for (BinlogFile file : server.files()) {
            long number = BinlogPosition.fileNumber(file.name());
            if (number >= place.fileNumber()) {
                behind += file.size() - (number == place.fileNumber() ? place.offset() : 0);
            }
        }
        return new Reach(true, here ? Math.max(0, behind) : null);
    }

    /// How long the server will keep what it has.
    public PurgeForecast forecast() {
        BinlogStatus status = server.status();
        List<BinlogFile> files = server.files();
        long server = status.server().number();
        synchronized (begun) {
            begun.keySet()
                    .removeIf(
                            known ->
                                    known.server() != server
                                            || files.stream()
                                                    .noneMatch(
                                                            file ->
                                                                    file.name()
                                                                            .equals(known.file())));
        }
        return new PurgeForecast(
                server,
                files,
                this.server.retention(),
                Instant.ofEpochMilli(this.server.clockMicros() / 1_000),
                file -> begun(status, file));
    }

    /// When a file was begun, which is read from it once.
    private Instant begun(BinlogStatus status, String file) {
        FileOfServer key = new FileOfServer(status.server().number(), file);
        synchronized (begun) {
            Instant known = begun.get(key);
            if (known != null) {
                return known;
            }
        }
        Instant read = Instant.ofEpochSecond(created(status, new BinlogFile(file, 0)));
        synchronized (begun) {
            begun.put(key, read);
        }
        return read;
    }

    /// Whether the server has the file of an index and wrote at least as far.
    public boolean hasIndex(long index) {
        long end = server.status().position().index();
        return index <= end
                && server.files().stream()
                        .anyMatch(file -> BinlogPosition.fileNumber(file.name()) == index >>> 32);
    }

    /// The oldest position that the server still has.
    public BinlogPosition oldest() {
        return BinlogAvailability.oldest(server.files());
    }
}
