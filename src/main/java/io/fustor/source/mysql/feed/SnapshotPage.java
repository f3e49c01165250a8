package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.Attempts;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.encode.JsonBuffer;
import io.fustor.source.mysql.encode.SnapshotEncoder;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.snapshot.RowStream;
import io.fustor.source.mysql.snapshot.SnapshotReader;
import io.fustor.source.mysql.snapshot.TableQuery;
import io.fustor.source.mysql.source.SourceRun;
import io.fustor.source.mysql.thread.Computing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// One page of a snapshot while it is read. It ends at the first row at which it has [#OUTPUT]
/// bytes, before a large row, or after a while in which it made progress. When the view is lost, it
/// ends after its last row, or opens another view if it has none.
///
/// For the thread of its request; any thread may ask for the status and cancel.
final class SnapshotPage implements AutoCloseable {

    static final int OUTPUT = 1024 * 1024;

    /// After this time a page ends, although few of the rows that were read are for the client.
    private static final Duration LONGEST = Duration.ofSeconds(10);

    /// How long the server may be away before the request fails.
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final Duration LOOK = Duration.ofMillis(100);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(30);

    /// How many rows are read between two looks at the clock.
    private static final int ROWS_OF_A_LOOK = 64;

    private final String id;
    private final Instant since = Instant.now();
    private final long began = System.nanoTime();
    private final SourceRun run;
    private final Sight sight;
    private final FrameForm form;
    private final Snapshot snapshot;
    private final Attempts attempts;
    private final JsonBuffer elements = new JsonBuffer(64 * 1024);

    private SnapshotEncoder encoder;
    private @Nullable RowStream large;
    private @Nullable SnapshotPlace afterLarge;
    private int rowsRead;
    private volatile boolean isCancelled;

    /// Why the reading stopped.
    private enum Stop {
        /// The page is complete, and more follow.
        PAGE,
        /// All rows of all tables were read.
        ALL
    }

    SnapshotPage(String id, SourceRun run, Sight sight, FrameForm form, Snapshot snapshot) {
        this.id = id;
        this.run = run;
        this.sight = sight;
        this.form = form;
        this.snapshot = snapshot;
        this.attempts = snapshot.attempts();
        this.encoder = encoder(snapshot.start());
    }

    private SnapshotEncoder encoder(SnapshotPlace start) {
        return new SnapshotEncoder(form, snapshot.follow(), start, snapshot.origin());
    }

    String source() {
        return run.id();
    }

    SnapshotProgress progress() {
        return snapshot.progress();
    }

    /// What there is to see of it now.
    SubscriptionStatus status() {
        return new SubscriptionStatus(
                id,
                sight.owner(),
                since,
                SubscriptionStatus.State.SNAPSHOT,
                form,
                snapshot.follow(),
                run.capture().server().position(snapshot.follow()),
                0,
                progress().rows(),
                0,
                snapshot.passedOver(),
                progress().status());
    }

    /// Gives the view back at once; the request gets no rows.
    ///
    /// @return whether the page is of that snapshot
    boolean cancel(String wanted) {
        if (!progress().id().equals(wanted)) {
            return false;
        }
        isCancelled = true;
        snapshot.abort();
        return true;
    }

    /// Reads the page. A large row is valid until this is closed.
    ///
    /// @param isEnding whether the request must end now
    /// @throws RequestException if the snapshot was cancelled
    /// @throws SourceException if nothing can be read
    SnapshotPages.Rows read(BooleanSupplier isEnding) {
        Stop stop = null;
        while (stop == null) {
            try {
                stop = Computing.run(() -> readOn(isEnding));
            } catch (SourceException e) {
                requireUncancelled(e);
                writePending();
                stop = elements.size() > 0 ? Stop.PAGE : reopen(e, isEnding);
            }
        }
        requireUncancelled(null);
        return new SnapshotPages.Rows(elements, large == null ? null : pieces(large), next(stop));
    }

    private void requireUncancelled(@Nullable SourceException cause) {
        if (isCancelled) {
            throw new RequestException(
                    RequestCode.NOT_READY,
                    Sentence.of("page.snapshot-cancelled"),
                    RETRY_AFTER,
                    cause);
        }
    }

    private FeedToken next(Stop stop) {
        if (stop == Stop.ALL) {
            progress().finish();
            return new FeedToken(
                    form.source(),
                    snapshot.follow(),
                    null,
                    snapshot.overlapAtEnd().after(snapshot.follow()));
        }
        SnapshotPlace place = afterLarge == null ? encoder.place() : afterLarge;
        return new FeedToken(form.source(), snapshot.follow(), form.sealed(place), null);
    }

    private Stop readOn(BooleanSupplier isEnding) {
        while (true) {
            SnapshotReader.Step step = snapshot.reader().next();
            switch (step) {
                case ROW -> {
                    if (isCompleteWithRow()) {
                        return Stop.PAGE;
                    }
                }
                case TABLE -> begin();
                case NOTHING -> writePending();
                case END -> {
                    writePending();
                    return Stop.ALL;
                }
            }
            boolean isLook =
                    step == SnapshotReader.Step.NOTHING || ++rowsRead % ROWS_OF_A_LOOK == 0;
            if (isLook && isDue(isEnding)) {
                writePending();
                return Stop.PAGE;
            }
        }
    }

    /// Whether the page ends here for the time. It does not before it has moved: the next one would
    /// have to wait for the same row.
    private boolean isDue(BooleanSupplier isEnding) {
        long now = System.nanoTime();
        Computing.giveWayIfDue(now);
        if (isEnding.getAsBoolean()) {
            return true;
        }
        boolean isLong = now - began > LONGEST.toNanos();
        return isLong && (encoder.pending() > 0 || !encoder.place().equals(snapshot.start()));
    }

    private boolean isCompleteWithRow() {
        RowStream row = snapshot.reader().row();
        progress().read();
        if (encoder.passes(row.array(), row.from(), row.to())) {
            return false;
        }
        if (SnapshotEncoder.isLarge(row.from(), row.to())) {
            writePending();
            if (elements.size() == 0) {
                afterLarge = encoder.check(row.array(), row.from(), row.to());
                large = row;
                progress().add(1);
            }
            return true;
        }
        encoder.add(row.array(), row.from(), row.to());
        boolean isFull = elements.size() + encoder.rows().size() >= OUTPUT;
        if (isFull || encoder.isFull()) {
            writePending();
        }
        return isFull;
    }

    private void begin() {
        writePending();
        TableQuery query = snapshot.reader().table();
        encoder.begin(Snapshot.layout(query));
        progress().begin(query);
    }

    private void writePending() {
        int count = encoder.pending();
        if (count == 0) {
            return;
        }
        encoder.start(elements);
        elements.append(encoder.rows());
        encoder.end(elements);
        progress().add(count);
    }

    private SnapshotPages.Large pieces(RowStream row) {
        return (last, outlet) ->
                encoder.encodeInPieces(
                        row.array(),
                        row.from(),
                        row.to(),
                        last,
                        (bytes, from, length) -> {
                            if (row.isOverdue()) {
                                throw new UncheckedIOException(
                                        new IOException(
                                                "a large row was read too slowly while others wait"));
                            }
                            outlet.take(bytes, from, length);
                        });
    }

    /// Opens another view after the last row, or gives up.
    ///
    /// @return null if the reading goes on
    private @Nullable Stop reopen(SourceException lost, BooleanSupplier isEnding) {
        SnapshotPlace place = encoder.place();
        SourceException failure = lost;
        try {
            while (failure != null) {
                if (!snapshot.losses().retryAfter(failure, attempts, this) || isLate()) {
                    throw failure;
                }
                pause(isEnding);
                if (isEnding.getAsBoolean()) {
                    return Stop.PAGE;
                }
                failure = tryReopen(place);
            }
            return null;
        } finally {
            snapshot.losses().recovered(this);
        }
    }

    private boolean isLate() {
        return System.nanoTime() - began > PATIENCE.toNanos();
    }

    private void pause(BooleanSupplier isEnding) {
        long until = System.nanoTime() + attempts.delay().toNanos();
        while (!isEnding.getAsBoolean() && until - System.nanoTime() > 0) {
            if (attempts.isServerBack()) {
                return;
            }
            LockSupport.parkNanos(this, LOOK.toNanos());
        }
    }

    private @Nullable SourceException tryReopen(SnapshotPlace place) {
        try {
            snapshot.reopen(place);
            encoder = encoder(place);
            return null;
        } catch (SourceException e) {
            return e;
        }
    }

    @Override
    public void close() {
        snapshot.close();
    }
}
