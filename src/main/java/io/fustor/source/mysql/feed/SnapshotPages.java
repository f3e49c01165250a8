package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.encode.JsonBuffer;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.memory.ClientMemory;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.server.PassedOver;
import io.fustor.source.mysql.snapshot.TableQuery;
import io.fustor.source.mysql.source.SourceRun;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// Delivers a snapshot page by page. Each page opens a view, reads on after the last row of the
/// page before, and closes the view. Nothing of a snapshot is held between two pages.
///
/// Any thread may call; the calls block on the server.
@Component
public class SnapshotPages {

    private static final Duration RETRY_AFTER = Duration.ofSeconds(30);

    /// How long a page waits for its place: those before it take a moment each.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Duration LOOK = Duration.ofMillis(50);

    private final Beginnings beginnings;
    private final Subscriptions subscriptions;
    private final ClientMemory memory = ClientMemory.OF_HEAP;

    SnapshotPages(Beginnings beginnings, Subscriptions subscriptions) {
        this.beginnings = beginnings;
        this.subscriptions = subscriptions;
    }

    /// The rows of one page.
    ///
    /// @param elements the rows, one event a line with a comma at its end; empty with a large row
    /// @param large a row that should not be in memory as JSON, or null
    /// @param next the token after the rows: in the snapshot, or at the place after it
    public record Rows(JsonBuffer elements, @Nullable Large large, FeedToken next) {}

    /// A row that makes a page of its own.
    public interface Large {

        /// Writes its event, more than once if need be.
        ///
        /// @param last gets the last piece
        /// @param outlet gets the pieces before it
        /// @throws java.io.UncheckedIOException if the client takes it too slowly while others wait
        ///   for its memory
        void encodeInPieces(JsonBuffer last, JsonBuffer.Outlet outlet);
    }

    /// Takes a page. A large row is valid until the call returns.
    public interface Taker {
        void take(Rows rows) throws IOException;
    }

    /// Reads a page of a snapshot.
    ///
    /// @param checked what was asked for
    /// @param form of the same
    /// @param from the token of a place in a snapshot; null to begin one
    /// @param isEnding whether the request must end now
    /// @throws RequestException if the caller may take no snapshot, no more are taken now, or a
    ///   table cannot be read in parts
    /// @throws SourceException if nothing can be read, or a selected table cannot
    /// @throws IOException if the taker throws it
    public void read(
            SourceRun run,
            RequestedForms.Checked checked,
            FrameForm form,
            @Nullable FeedToken from,
            BooleanSupplier isEnding,
            Taker taker)
            throws IOException {
        if (!memory.take(ClientMemory.Use.SNAPSHOT_PAGE)) {
            throw Subscriptions.heapFull("another page of a snapshot", RETRY_AFTER);
        }
        try {
            Rows rows = read(open(run, checked, form, from, isEnding), taker, isEnding);
            if (rows != null) {
                taker.take(rows);
            }
        } finally {
            memory.giveBack(ClientMemory.Use.SNAPSHOT_PAGE);
        }
    }

    private SnapshotPage open(
            SourceRun run,
            RequestedForms.Checked checked,
            FrameForm form,
            @Nullable FeedToken from,
            BooleanSupplier isEnding) {
        FeedParameters parameters = beginnings.stored(run, checked.parameters());
        SnapshotPlace unfinished = from == null ? null : from.snapshot();
        Snapshot snapshot =
                inTurn(
                        () ->
                                beginnings.open(
                                        run,
                                        parameters,
                                        form,
                                        from == null ? null : from.position(),
                                        unfinished == null ? SnapshotPlace.START : unfinished,
                                        SnapshotPages::requireWhole),
                        isEnding);
        String id = UUID.randomUUID().toString().substring(0, 8);
        return new SnapshotPage(id, run, parameters.sight(), form, snapshot);
    }

    private static Snapshot inTurn(Supplier<Snapshot> opening, BooleanSupplier isEnding) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return opening.get();
            } catch (RequestException e) {
                boolean isOver = isEnding.getAsBoolean() || until - System.nanoTime() <= 0;
                if (e.code() != RequestCode.SNAPSHOTS_FULL || isOver) {
                    throw e;
                }
                LockSupport.parkNanos(opening, LOOK.toNanos());
            }
        }
    }

    /// The page's rows; null if they were a large one, which was taken.
    private @Nullable Rows read(SnapshotPage page, Taker taker, BooleanSupplier isEnding)
            throws IOException {
        subscriptions.begin(page);
        try (page) {
            Rows rows = page.read(isEnding);
            if (rows.large() == null) {
                // A slow client must not keep the view open.
                return rows;
            }
            taker.take(rows);
            return null;
        } finally {
            subscriptions.over(page);
        }
    }

    /// A page has no control events that could name what is missing, and none can begin within a
    /// table that has no order.
    private static void requireWhole(SnapshotTables tables) {
        for (PassedOver passed : tables.passedOver()) {
            if (passed.hasRows()) {
                throw new SourceException(
                        passed.code(),
                        "the rows of "
                                + passed.table()
                                + " cannot be read: "
                                + passed.reason()
                                + ". A snapshot in pages leaves no table out: select the others with"
                                + " `tables`, or take the snapshot with /events");
            }
        }
        List<TableQuery> inOnePass =
                tables.queries().stream().filter(query -> !query.isResumable()).toList();
        if (!inOnePass.isEmpty()) {
            throw RequestException.invalid(
                    "page.one-pass",
                    inOnePass.stream()
                            .map(query -> query.table().schema().id().toString())
                            .collect(Collectors.joining(", ")));
        }
    }
}
