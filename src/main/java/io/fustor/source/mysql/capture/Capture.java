package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.LargeEvents;
import io.fustor.source.mysql.binlog.ReplicationProof;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.instance.Budget;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schemahistory.SchemaHistories;
import io.fustor.source.mysql.server.MissingPrivileges;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.ServerIdentity;
import io.fustor.source.mysql.server.SessionMark;
import io.fustor.source.mysql.settings.FeedProperties;
import io.fustor.source.mysql.thread.InternalFailures;
import io.fustor.source.mysql.thread.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// What all sources with the same address and credential share. While at least one of their
/// subscribers is live, a single reader follows the server's binlog into a live window for all of
/// them.
///
/// Subscriptions call it on their own threads. The reader runs on a platform thread of its own,
/// since a loop that does not block would delay the virtual threads of others.
public final class Capture implements AutoCloseable {

    /// How long the reader goes on after the last live subscriber has left, for those that return.
    static final Duration LINGER = Duration.ofSeconds(10);

    private final ServerAccess access;
    private volatile RetryPolicy retry;
    private final long windowBytes;
    private final MySqlServer server;
    private final BinlogAvailability availability;
    private final StartingPoints startingPoints;
    private final FileHeads heads;
    private final CapturedSchemas schemas;
    private final ServerWatch watch;
    private final CatchUpTurns turns;
    private final CatchUpReaders catchUpReaders;
    private final CaptureCounters counters = new CaptureCounters();
    private final Gathering gathering;

    private final Object lock = new Object();
    private volatile @Nullable CaptureReader reader;
    private int live;
    private long lastLeft;
    private boolean closed;
    private final CaptureStatus status;
    private final Losses losses;
    private final ReaderWatch readerWatch;
    private volatile @Nullable ServerIdentity identity;

    Capture(
            ServerAccess access,
            RetryPolicy retry,
            FeedProperties properties,
            SchemaHistories histories,
            Budget budget) {
        this.access = access;
        this.status = new CaptureStatus(access.address());
        this.losses = new Losses(status, lock, this::isRunning);
        this.retry = retry;
        this.windowBytes = properties.window().toBytes();
        this.gathering = new Gathering(windowBytes / 4);
        this.turns = new CatchUpTurns(budget);
        this.server = new MySqlServer(access);
        this.watch = new ServerWatch(server);
        this.readerWatch = new ReaderWatch(properties.stalledAfter());
        this.availability = new BinlogAvailability(server, () -> this.retry.patience());
        this.schemas = new CapturedSchemas(server, availability, histories);
        this.catchUpReaders = new CatchUpReaders(server, availability, schemas, watch, counters);
        this.heads = new FileHeads(server, gathering);
        BinlogEnd end = new BinlogEnd(server, this::windowOfServer);
        this.startingPoints = new StartingPoints(server, availability, schemas, turns, end, heads);
    }

    public ServerAccess access() {
        return access;
    }

    /// What its reader does and, without a reader, whether a subscription lost the server, or else
    /// the result of the last look at it. Interface, health and meters are views of it.
    public CaptureState state() {
        return status.state();
    }

    /// Whether a new subscriber would be served, as far as is known.
    public boolean isAvailable() {
        return status.isAvailable();
    }

    /// Why the server accepts no new connection, by the last look at it, or null. Open connections
    /// may go on all the same.
    public @Nullable SourceException refusal() {
        return status.refusal();
    }

    /// How long ago the reader's last change was committed, in milliseconds; empty while nothing is
    /// read.
    public OptionalLong lagMillis() {
        return status.isFollowing() ? OptionalLong.of(counters.lagMillis()) : OptionalLong.empty();
    }

    public CaptureCounters counters() {
        return counters;
    }

    /// The identity of the server at the last connection, or null before the first one.
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

    /// The place after the newest event in the window; null without a reader.
    public @Nullable Place position() {
        CaptureReader running = reader;
        return running == null ? null : running.position();
    }

    /// The live window; null without a reader.
    public @Nullable LiveWindow window() {
        CaptureReader running = reader;
        return running == null ? null : running.window();
    }

    /// The live window, if it is read from the server at which the connection for questions is.
    private @Nullable LiveWindow windowOfServer() {
        CaptureReader running = reader;
        SessionMark mark = running == null ? null : running.mark();
        return running != null && mark != null && server.sees(mark) ? running.window() : null;
    }

    /// Whether no further event will be appended to a window.
    public boolean isOver(LiveWindow window) {
        CaptureReader running = reader;
        return window.isClosed() || running == null || running.window() != window;
    }

    /// Opens a consistent view of the server's tables and finds the place after which changes
    /// follow it. Blocks on the server, for half a minute at most if it has to search for the
    /// place; any thread.
    ///
    /// @param briefLock whether a global read lock may be taken while the position is read. Without
    ///   the lock some changes may be both in the view and after the place
    /// @throws SourceException if the server refuses the connection or the view
    public HandOver handOver(boolean briefLock) {
        schemas.begin();
        HandOver opened = new SnapshotStart(server).handOver(briefLock);
        try {
            return new HandOver(opened.view(), heads.known(opened.place()), opened.overlapEnd());
        } catch (Throwable e) {
            opened.view().close();
            throw e;
        }
    }

    /// The readers of subscriptions that catch up.
    public CatchUpReaders catchUpReaders() {
        return catchUpReaders;
    }

    /// The turns of those subscribers that read the binlog over their own connections.
    public CatchUpTurns catchUpTurns() {
        return turns;
    }

    /// Subscribers that wait for a window to begin at the oldest of their places.
    public Gathering gathering() {
        return gathering;
    }

    /// Makes the caller a live subscriber if the window reaches back to its place, or can begin
    /// there since there is no reader yet. A caller that receives a cursor calls [#leave] when it
    /// no longer uses it.
    ///
    /// @param start whether to begin a window at the place if there is none
    /// @return null if the caller has to catch up first
    public @Nullable LiveCursor join(Place place, boolean start) {
        CaptureReader known = reader;
        // Thousands may ask before the window reaches their places: that needs no lock. A place
        // without evidence belongs to the server that named it.
        if (known != null
                && (known.window().sequenceAfter(place) < 0
                        || (place.evidence().length() == 0 && windowOfServer() == null))) {
            return null;
        }
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
                try {
                    running.start();
                } catch (Throwable e) {
                    ended(running, failed(e));
                    throw e;
                }
            }
            long sequence = running.window().sequenceAfter(place);
            if (sequence < 0) {
                return null;
            }
            live++;
            return new LiveCursor(running.window(), sequence);
        }
    }

    /// Whether there is a reader, so that it pays to try [#join].
    public boolean isRunning() {
        return reader != null;
    }

    /// A live subscriber leaves, or falls back to catching up.
    public void leave() {
        synchronized (lock) {
            live--;
            lastLeft = System.nanoTime();
        }
    }

    /// The number of live subscribers.
    public int live() {
        synchronized (lock) {
            return live;
        }
    }

    /// Ends the reader if it has no more subscribers. The reader asks this regularly, and stops
    /// when it returns true.
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

    /// A reader ended because of a failure.
    void ended(CaptureReader ended, CaptureState last) {
        synchronized (lock) {
            forget(ended, last);
        }
    }

    private void forget(CaptureReader ended, CaptureState last) {
        if (reader == ended) {
            reader = null;
            status.become(last);
        }
        ended.window().close();
    }

    private CaptureState failed(Throwable thrown) {
        String name = access.address().toString();
        return new CaptureState.Failed(
                Instant.now(), InternalFailures.contain(Work.READER, name, thrown));
    }

    /// Logs in at the server and checks that it writes what a feed needs. Blocks for the connect
    /// and read timeouts at most; one thread at a time.
    public void look() {
        try {
            server.requireCapturable();
            ReplicationProof.requireLogin(access);
            looked(schemas.unkept());
        } catch (Throwable e) {
            SourceException failure =
                    InternalFailures.contain(Work.LOOK, access.address().toString(), e);
            looked(MissingPrivileges.all(failure, access));
        }
    }

    /// Notes the result of a look; null if all is well.
    public void looked(@Nullable SourceException failure) {
        synchronized (lock) {
            status.looked(failure, reader != null);
        }
    }

    /// Called every few seconds. Gives up a reader that makes no progress, so that its subscribers
    /// receive the failure and the next one starts another reader.
    void watchReader() {
        CaptureReader running = reader;
        SourceException failure =
                running == null ? null : readerWatch.failure(running, access.address());
        if (running == null || failure == null) {
            return;
        }
        ended(running, new CaptureState.Failed(Instant.now(), failure));
        running.abandon();
    }

    /// The reader makes another attempt.
    ///
    /// @param failures the number of attempts in a row that failed
    void reconnecting(CaptureReader asking, SourceException cause, int failures) {
        become(asking, status.reconnecting(cause, failures));
    }

    /// A reader is in another state. One that was given up is ignored.
    void become(CaptureReader asking, CaptureState next) {
        synchronized (lock) {
            if (reader == asking) {
                status.become(next);
            }
        }
    }

    ServerWatch watch() {
        return watch;
    }

    public Losses losses() {
        return losses;
    }

    /// Attempts at something that needs the server, counted from zero.
    public Attempts attempts() {
        return new Attempts(() -> retry, watch::isBackSince);
    }

    void met(ServerIdentity met) {
        identity = met;
    }

    /// The events that the shared reader puts into its window.
    LargeEvents windowed() {
        return WindowShare.OF_HEAP.largeEvents(windowBytes);
    }

    /// Changes the policy for attempts from now on.
    void retry(RetryPolicy changed) {
        retry = changed;
    }

    BinlogAvailability availability() {
        return availability;
    }

    /// Some of the tables whose columns' names are not known, and why.
    public Map<TableId, String> lostTables() {
        return schemas.lostTables();
    }

    CapturedSchemas schemas() {
        return schemas;
    }

    /// Called while there is no live subscriber. Extends the schema history before the server
    /// purges the statements. It may take minutes; a second call does nothing in the meantime.
    public void keepSchemas() {
        SourceException failure = schemas.tryKeep();
        if (failure != null) {
            looked(failure);
        }
    }

    /// Ends the reader and closes the connections.
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
