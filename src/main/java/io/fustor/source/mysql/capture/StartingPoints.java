package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.binlog.BinlogStart;
import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.TruncateEvent;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.MySqlServer.BinlogFile;
import io.fustor.source.mysql.thread.Computing;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Converts the start that a subscriber requests into a place: now, the oldest position, an index,
/// a time, a GTID set. An index or a time denotes a place inside a file, which is found by reading
/// the file up to it.
///
/// Any thread may call; calls block on the server and throw a [SourceException] if a place is not
/// available.
public final class StartingPoints {

    /// How long a request waits for its turn to read the binlog.
    private static final Duration TURN_PATIENCE = Duration.ofSeconds(10);

    private static final Duration TURN_LOOK = Duration.ofMillis(100);

    private final MySqlServer server;
    private final BinlogAvailability availability;
    private final CapturedSchemas schemas;
    private final CatchUpTurns turns;
    private final BinlogEnd end;
    private final FileHeads heads;

    /// The creation times of files that a forecast needed.
    private final Map<FileOfServer, Instant> begun = new HashMap<>();

    private record FileOfServer(long server, String file) {}

    StartingPoints(
            MySqlServer server,
            BinlogAvailability availability,
            CapturedSchemas schemas,
            CatchUpTurns turns,
            BinlogEnd end,
            FileHeads heads) {
        this.server = server;
        this.availability = availability;
        this.schemas = schemas;
        this.turns = turns;
        this.end = end;
        this.heads = heads;
    }

    /// The place after all committed transactions; from there on, the columns of the tables are
    /// known.
    public Place now() {
        schemas.begin();
        return heads.known(end.place());
    }

    /// The place after all committed transactions, for a stream that ends there. Its set of GTIDs
    /// may lack a transaction that is being committed, and no stream may start there.
    public Place end() {
        return server.status().place();
    }

    /// The same place with the GTIDs before it. They are read from its file if they are not known.
    public Place withGtids(Place place) {
        BinlogStatus status = server.status();
        if (place.executed() != null
                || status.executed() == null
                || place.offset() == BinlogPosition.FIRST_EVENT
                || place.server() != status.server().number()) {
            return place;
        }
        String file = server.fileName(place.fileNumber());
        Place found =
                scan(
                        status,
                        new BinlogPosition(file, BinlogPosition.FIRST_EVENT),
                        event -> isFrom(place, event));
        return place.with(found.executed());
    }

    private static boolean isFrom(Place place, BinlogEvent event) {
        Place start = event.transaction().start();
        return Place.compare(start.fileNumber(), start.offset(), place.rows(), place) >= 0;
    }

    /// The place before the oldest change that the server still has.
    public Place earliest() {
        BinlogStatus status = server.status();
        return heads.known(startOf(status, BinlogAvailability.oldest(server.files())));
    }

    private static Place startOf(BinlogStatus status, BinlogPosition position) {
        return new Place(
                status.server().number(),
                position.fileNumber(),
                position.offset(),
                0,
                0,
                null,
                null);
    }

    /// A place from an earlier stream, after a check that the following binlog still exists.
    public Place resume(Place place) {
        BinlogStart start = availability.locate(place);
        if (start instanceof BinlogStart.SearchGtids search) {
            return heads.found(place, search);
        }
        if (!(start instanceof BinlogStart.AtPosition at)) {
            return place;
        }
        if (place.fileCreated() == 0 && server.identity().isMariaDb()) {
            throw new SourceException(
                    FailureCode.FOREIGN_SERVER,
                    "the position does not identify its binlog, and MariaDB has no uuid to distinguish servers");
        }
        Place known = heads.known(place);
        LiveWindow window = end.window();
        boolean isRead =
                window != null && (window.sequenceAfter(known) >= 0 || window.comesTo(known));
        if (!isRead) {
            heads.prove(at);
        }
        return known;
    }

    /// The place after the change with an index: `(file number << 32) | end position`.
    public Place afterIndex(long index) {
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
                    "index " + index + " is ahead of the newest, " + status.position().index());
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
                    return number > fileNumber
                            || (number == fileNumber
                                    && Math.min(end, BinlogPosition.LARGEST_NAMED) > offset);
                });
    }

    /// The place before the first transaction that was committed at a time or later.
    public Place atTime(Instant time) {
        long micros = micros(time);
        if (micros > server.clockMicros()) {
            throw new SourceException(
                    FailureCode.POSITION_AHEAD,
                    "the time " + time + " is ahead of the server's clock");
        }
        // After the clock: whatever is committed before the time is in the binlog by now.
        BinlogStatus status = server.status();
        List<BinlogFile> files = server.files();
        return scan(
                status, fileAt(status, files, time, micros), event -> event.timeMicros() >= micros);
    }

    /// A time in microseconds since 1970.
    public static long micros(Instant time) {
        return time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000;
    }

    /// The last file that was created before the time. The creation time in a file has a resolution
    /// of one second, so a file of the same second may have been created after the time.
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
            throw BinlogAvailability.purged("the binlog of " + time, start);
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

    /// The place before the first transaction that a set lacks.
    public Place afterGtids(GtidSet executed) {
        BinlogView view = new BinlogView(server);
        BinlogStatus status = view.status();
        BinlogStart start = availability.locateGtids(executed, view);
        Place now = end.place();
        if (executed.covers(now.executedOrEmpty())) {
            return heads.known(now);
        }
        try (CatchUpTurns.Turn _ = turn();
                BinlogReader reader = BinlogReader.search(server, start)) {
            return Computing.run(() -> first(reader, _ -> true, status));
        }
    }

    private Place scan(BinlogStatus status, BinlogPosition from, Predicate<BinlogEvent> wanted) {
        try (CatchUpTurns.Turn _ = turn();
                BinlogReader reader = open(startOf(status, from), from.file())) {
            return Computing.run(() -> first(reader, wanted, status));
        }
    }

    /// A turn to read the binlog.
    ///
    /// @throws SourceException `TOO_MANY_CONNECTIONS` if the turn is not granted soon
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
                                + ", which is the limit (fustor.feed.max-catch-up)");
            }
            turns.revokeDue();
            LockSupport.parkNanos(this, TURN_LOOK.toNanos());
        }
        return turn;
    }

    private BinlogReader open(Place place, String file) {
        return BinlogReader.search(server, new BinlogStart.AtPosition(place, file));
    }

    /// The place before the first wanted event, or the end of the binlog as of `status` if there is
    /// none.
    private static Place first(
            BinlogReader reader, Predicate<BinlogEvent> wanted, BinlogStatus status) {
        Place end = status.place();
        while (true) {
            Computing.giveWayIfDue(System.nanoTime());
            BinlogEvent event = reader.next();
            if (event != null && wanted.test(event)) {
                return before(event);
            }
            Place here = reader.position();
            if (event == null && !end.isAfter(here)) {
                return here;
            }
        }
    }

    private static Place before(BinlogEvent event) {
        Place start = event.transaction().start();
        return switch (event) {
            case RowsEvent rows -> start.afterRows(rows.firstRow(), rows.transaction().gtid());
            case CommitEvent commit -> start.afterRows(commit.rows(), commit.transaction().gtid());
            case TruncateEvent _ -> start;
        };
    }

    /// Whether the server still has the binlog after a place, and its amount.
    ///
    /// @param lagBytes of binlog after the place; null for a place of another server
    public record Reach(boolean available, @Nullable Long lagBytes) {}

    public Reach reach(Place place) {
        return reach(place, new BinlogView(server));
    }

    /// The reach of many places, at the cost of one.
    public List<Reach> reach(List<Place> places) {
        BinlogView view = new BinlogView(server);
        return places.stream().map(place -> reach(place, view)).toList();
    }

    private Reach reach(Place place, BinlogView view) {
        try {
            availability.locate(place, view);
        } catch (SourceException e) {
            if (e.recovery() == Recovery.REPOSITION) {
                return new Reach(false, null);
            }
            throw e;
        }
        if (place.server() != view.status().server().number()) {
            return new Reach(true, null);
        }
        long bytes = 0;
        for (BinlogFile file : view.files()) {
            long number = BinlogPosition.fileNumber(file.name());
            if (number >= place.fileNumber()) {
                bytes += file.size() - (number == place.fileNumber() ? place.offset() : 0);
            }
        }
        return new Reach(true, Math.max(0, bytes));
    }

    /// The forecast of when the server purges its binlog.
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

    /// When a file was created, which is read from it once.
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

    /// Whether the server has the file of an index and has written at least that far.
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
