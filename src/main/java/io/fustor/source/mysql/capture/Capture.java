package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.binlog.LargeEvents;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.history.SchemaHistories;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.server.MemoryBudget;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.PacketInput;
import io.fustor.source.mysql.server.ServerAccess;
import io.fustor.source.mysql.server.ServerIdentity;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One shared instance: a single reader follows the server's binlog into a live window, for all
/// subscribers of all sources with the same address and credential, while at least one of them is
/// live.
///
/// Subscriptions call it on their own threads; the reader runs on a platform thread of its own,
/// since a loop that does not block would hold up the virtual threads of others.
public final class Capture implements AutoCloseable {

    /// How long the reader goes on when the last live subscriber has left, so that one who
    /// reconnects finds the window as it was.
    static final Duration LINGER = Duration.ofSeconds(10);

    /// How many of the largest events a window has room for.
    private static final int LEAST_EVENTS = 16;

    private static final Logger log = LoggerFactory.getLogger(Capture.class);

    private final ServerAccess access;
    private volatile RetryPolicy retry;
    private final long windowBytes;
    private final MySqlServer server;
    private final BinlogAvailability availability;
    private final StartingPoints startingPoints;
    private final CapturedSchemas schemas;
    private final ServerWatch watch;
    private final CatchUpTurns turns;
    private final CaptureCounters counters = new CaptureCounters();

    private final Object lock = new Object();
    private @Nullable CaptureReader reader;
    private int live;
    private long lastLeft;
    private boolean closed;
    private volatile CaptureState state = new CaptureState.Stopped(Instant.now());
    private volatile @Nullable ServerIdentity identity;

    Capture(
            ServerAccess access,
            RetryPolicy retry,
            CaptureProperties properties,
            SchemaHistories histories) {
        this.access = access;
        this.retry = retry;
        this.windowBytes = properties.window().toBytes();
        this.turns = new CatchUpTurns(properties.maxCatchUp());
        this.server = new MySqlServer(access);
        this.watch = new ServerWatch(server);
        this.availability = new BinlogAvailability(server, () -> this.retry.patience());
        this.schemas = new CapturedSchemas(server, availability, histories);
        this.startingPoints =
                new StartingPoints(
                        server, availability, schemas, turns, new BinlogEnd(server, this::window));
    }

    public ServerAccess access() {
        return access;
    }

    /// What the capture is doing.
    public CaptureState state() {
        return state;
    }

    public CaptureCounters counters() {
        return counters;
    }

    /// The server as it was last met, or null where it was not met yet.
    public @Nullable ServerIdentity identity() {
        return identity;
    }

    /// For questions to the server over SQL.
    public MySqlServer server() {
        return server;
    }

    public StartingPoints startingPoints() {
        return startingPoints;
    }

    /// The place behind the newest event in the window, or null while nobody is live.
    public @Nullable FeedPosition position() {
        CaptureReader running = running();
        return running == null ? null : running.position();
    }

    /// The live window, or null while nobody is live.
    public @Nullable LiveWindow window() {
        CaptureReader running = running();
        return running == null ? null : running.window();
    }

    private @Nullable CaptureReader running() {
        synchronized (lock) {
            return reader;
        }
    }

    /// Opens a view of the server's tables and finds the place from which changes follow it. Blocks
    /// on the server, for half a minute at the most where it has to look for the place; any thread.
    ///
    /// @param briefLock whether a global read lock may be taken for the moment in which the
    ///   position is read; without it, or where it is not to be had, some changes may be both in
    ///   the view and behind the place
    /// @throws SourceException where the server does not let us in or gives no view
    public HandOver handOver(boolean briefLock) {
        schemas.begin();
        return new SnapshotStart(server).handOver(briefLock);
    }

    /// Opens a reader of the caller's own, for what lies behind a place. Its events are valid until
    /// the next one; it waits until the memory of the service has room for a large one.
    ///
    /// @param wanted says which large rows events the caller is going to deliver
    /// @param turn that the caller has; when it is taken away, the reader ends
    /// @throws SourceException where the place is lost or the server does not let us in
    public BinlogReader openReader(
            FeedPosition place, LargeEvents.Wanted wanted, CatchUpTurns.Turn turn) {
        schemas.begin();
        BinlogReader opened =
                BinlogReader.open(
                        server,
                        availability.locate(place),
                        new LargeEvents.OneByOne(MemoryBudget.OF_HEAP, wanted),
                        schemas.names());
        counters.catchUpOpened();
        watch.reached();
        turn.onRevoked(opened::close);
        return opened;
    }

    /// Who may read the binlog by a connection of their own.
    public CatchUpTurns catchUpTurns() {
        return turns;
    }

    /// Gives a reader back that [#openReader] opened.
    public void closeReader(BinlogReader opened) {
        opened.close();
        counters.catchUpClosed();
    }

    /// Makes the caller a live subscriber if the window reaches back to its place, or can be begun
    /// there because nobody is live yet. Whoever gets a cursor calls [#leave] when it has no more
    /// use for it.
    ///
    /// @param start whether to begin the window at the place where there is none
    /// @return null where the caller has to catch up first
    public @Nullable LiveCursor join(FeedPosition place, boolean start) {
        synchronized (lock) {
            if (closed) {
                return null;
            }
            CaptureReader running = reader;
            if (running == null) {
                if (!start) {
                    return null;
                }
                LiveWindow window = new LiveWindow(place, windowBytes, WindowShare.OF_HEAP);
                running = new CaptureReader(this, window, place);
                reader = running;
                running.start();
            }
            long sequence = running.window().sequenceBehind(place);
            if (sequence < 0) {
                return null;
            }
            live++;
            return new LiveCursor(running.window(), sequence);
        }
    }

    /// Whether the reader runs, so that it pays to look whether its window is reached.
    public boolean isRunning() {
        return running() != null;
    }

    /// A live subscriber goes, or falls back to catching up.
    public void leave() {
        synchronized (lock) {
            live--;
            lastLeft = System.nanoTime();
        }
    }

    /// How many subscribers are live.
    public int live() {
        synchronized (lock) {
            return live;
        }
    }

    /// The reader asks on each of its ticks whether anybody still wants it; if not, it is over when
    /// this returns true.
    boolean endIfUnwanted(CaptureReader asking) {
        synchronized (lock) {
            boolean unwanted = live == 0 && System.nanoTime() - lastLeft > LINGER.toNanos();
            if (closed || unwanted) {
                forget(asking, new CaptureState.Stopped(Instant.now()));
                return true;
            }
            return false;
        }
    }

    /// The reader is over because of a failure.
    void ended(CaptureReader ended, CaptureState last) {
        synchronized (lock) {
            forget(ended, last);
        }
    }

    private void forget(CaptureReader ended, CaptureState last) {
        if (reader == ended) {
            reader = null;
            become(last);
        }
        ended.window().close();
    }

    /// Somebody looked at the server and found it well: a failure that was about the server is
    /// over.
    public void serverIsWell() {
        synchronized (lock) {
            if (reader == null
                    && state instanceof CaptureState.Failed failed
                    && failed.cause().code().isAboutServer()) {
                become(new CaptureState.Stopped(Instant.now()));
            }
        }
    }

    /// The reader tries again; since when it does so stays the same from attempt to attempt.
    void reconnecting(SourceException cause, int failures) {
        Instant since =
                state instanceof CaptureState.Reconnecting before ? before.since() : Instant.now();
        become(new CaptureState.Reconnecting(since, cause, failures));
    }

    ServerWatch watch() {
        return watch;
    }

    /// Whether a server that was out of reach at a time by [System#nanoTime] is back, so that a
    /// pause before another attempt is over. May look, which takes a second at the most.
    public boolean isBackSince(long failed) {
        return watch.isBackSince(failed);
    }

    /// The one place where the state changes.
    void become(CaptureState next) {
        CaptureState before = state;
        state = next;
        if (!before.text().equals(next.text()) || next instanceof CaptureState.Reconnecting) {
            SourceException error = next.error();
            if (error == null) {
                log.info(
                        "capture server={} state={} before={}",
                        access.address(),
                        next.text(),
                        before.text());
            } else if (next instanceof CaptureState.Reconnecting) {
                log.warn(
                        "capture server={} state={} code={} detail={}",
                        access.address(),
                        next.text(),
                        error.code(),
                        error.getMessage());
            } else {
                log.error(
                        "capture server={} state={} code={} detail={}",
                        access.address(),
                        next.text(),
                        error.code(),
                        error.getMessage());
            }
        }
    }

    void met(ServerIdentity met) {
        identity = met;
    }

    /// Which events the shared reader puts into its window: one that pushed most others out of it
    /// would help nobody.
    LargeEvents windowed() {
        return new LargeEvents.Shared(
                Math.max(
                        PacketInput.LARGEST_WHOLE,
                        WindowShare.OF_HEAP.of(windowBytes) / LEAST_EVENTS));
    }

    /// How often a lost connection is tried again.
    public RetryPolicy retry() {
        return retry;
    }

    /// A source that shares the capture has it tried again in another way from now on.
    void retry(RetryPolicy changed) {
        retry = changed;
    }

    BinlogAvailability availability() {
        return availability;
    }

    CapturedSchemas schemas() {
        return schemas;
    }

    /// Called now and then while nobody is live: carries the schema history on where the server
    /// writes no column names, before the statements are purged.
    public void keepSchemas() {
        schemas.keep();
    }

    /// Ends the reader and all that hangs on it.
    @Override
    public void close() {
        CaptureReader running;
        synchronized (lock) {
            closed = true;
            running = reader;
            if (running != null) {
                forget(running, new CaptureState.Stopped(Instant.now()));
            }
        }
        if (running != null) {
            running.stop();
        }
        server.close();
    }
}
