package io.fustor.source.mysql.page;

import io.fustor.source.mysql.capture.Delivered;
import io.fustor.source.mysql.capture.LiveEvent;
import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.encode.JsonBuffer;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.feed.OverlapZone;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Place;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A page while it grows. Where it is full depends on its start, its form and the events only. It
/// ends at the first place between two rows at which it has [#OUTPUT] bytes or at which [#BINLOG]
/// bytes of the binlog were read. An event with too large frames begins no page but its own.
///
/// For one thread.
final class PageBuilder {

    static final int OUTPUT = 256 * 1024;
    static final long BINLOG = 16L * 1024 * 1024;

    private static final byte[] EVENT_ID = "\"event_id\":\"".getBytes(StandardCharsets.US_ASCII);

    private final EventEncoder encoder;
    private final @Nullable OverlapZone zone;
    private final Place start;
    private final Delivered delivered;
    private final JsonBuffer elements = new JsonBuffer(4096);
    private Place next;
    private long transactionRows;
    private Page.@Nullable Large large;
    private boolean isFull;

    /// @param zone the changes that a snapshot's rows may also contain; null if none are
    PageBuilder(EventEncoder encoder, Place start, @Nullable OverlapZone zone) {
        this.encoder = encoder;
        this.zone = zone;
        this.start = start;
        this.next = start;
        this.delivered = new Delivered(start);
    }

    /// The place up to which the page has all changes.
    Place next() {
        return next;
    }

    boolean hasMoved() {
        return !next.equals(start);
    }

    boolean hasElements() {
        return large != null || elements.size() > 0;
    }

    boolean isFull() {
        return isFull;
    }

    Page end(Page.End why) {
        return new Page(elements, large, next, why);
    }

    /// Whether an event stands at a place whose evidence the reader of a settled page may not use.
    boolean isUnsettled(BinlogEvent event) {
        return start.evidence().isSettled() && !event.transaction().start().evidence().isSettled();
    }

    /// The binlog advanced to a place without an event.
    void passTo(Place here) {
        boolean isFurther = here.server() == next.server() ? here.isAfter(next) : next.rows() == 0;
        if (isFurther && !isFull) {
            next = here;
        }
    }

    /// Adds an event, or the part of it that the page has room for.
    ///
    /// @param live the same event in the live window, or null
    /// @throws SourceException `TABLE_CHANGED` if it does not fit the rows of the snapshot before
    void add(BinlogEvent event, @Nullable LiveEvent live) {
        BinlogEvent visible = visible(event);
        if (delivered.includes(visible)) {
            return;
        }
        int skip = visible instanceof RowsEvent rows ? delivered.rows(rows) : 0;
        if (encoder.wants(visible)) {
            if (zone != null) {
                zone.check(visible);
            }
            if (encoder.isLarge(visible) && visible instanceof RowsEvent rows) {
                addLarge(rows, skip);
                return;
            }
            if (addElements(visible, skip, live)) {
                isFull = true;
                return;
            }
        }
        next = visible.after();
        isFull = isFar(visible);
    }

    /// A commit has the rows that are for the client, those before the page included.
    private BinlogEvent visible(BinlogEvent event) {
        if (!encoder.countsRows()) {
            return event;
        }
        if (event instanceof RowsEvent rows) {
            transactionRows += encoder.count(rows);
        } else if (event instanceof CommitEvent commit) {
            long rows = transactionRows;
            transactionRows = 0;
            return commit.withRows(rows);
        }
        return event;
    }

    private void addLarge(RowsEvent event, int skip) {
        isFull = true;
        if (elements.size() == 0) {
            large = (last, outlet) -> fresh().encodeInPieces(event, skip, last, outlet);
            next = event.after();
        }
    }

    private EventEncoder fresh() {
        EventEncoder fresh = new EventEncoder(encoder.form());
        fresh.markOverlap(zone == null ? null : zone.overlap());
        return fresh;
    }

    /// Adds an event's elements; true if the page ends within or after them.
    private boolean addElements(BinlogEvent event, int skip, @Nullable LiveEvent live) {
        int from = elements.size();
        encode(event, skip, live);
        if (elements.size() < OUTPUT) {
            return false;
        }
        next = event.after();
        if (event instanceof RowsEvent rows) {
            cut(rows, from);
        }
        return true;
    }

    private void encode(BinlogEvent event, int skip, @Nullable LiveEvent live) {
        if (live == null || skip > 0 || !(event instanceof RowsEvent)) {
            encoder.encode(event, skip, elements);
            return;
        }
        FrameForm form = encoder.form();
        byte[] frame = live.frame(form);
        if (frame != null) {
            elements.write(frame);
            return;
        }
        int from = elements.size();
        int rows = encoder.encode(event, 0, elements);
        live.keepFrame(form, Arrays.copyOfRange(elements.array(), from, elements.size()), rows);
    }

    /// Cuts the page at the first end of an element at which it is full and at which another page
    /// can begin. One cannot begin between the two elements of an update that changes a key.
    ///
    /// @param from where the event's first element starts
    private void cut(RowsEvent event, int from) {
        JsonBuffer rest = new JsonBuffer(4096);
        int start = from;
        for (int end = lineEnd(from); end < elements.size(); end = lineEnd(end)) {
            if (end >= OUTPUT) {
                Place here = place(start);
                rest.reset();
                encoder.encode(event, Math.toIntExact(here.rows() - event.firstRow()), rest);
                if (isRest(rest, end)) {
                    elements.truncate(end);
                    next = here;
                    return;
                }
            }
            start = end;
        }
    }

    private boolean isRest(JsonBuffer rest, int from) {
        return Arrays.equals(rest.array(), 0, rest.size(), elements.array(), from, elements.size());
    }

    /// The offset after the line that starts at an offset.
    private int lineEnd(int from) {
        byte[] bytes = elements.array();
        int at = from;
        while (bytes[at] != '\n') {
            at++;
        }
        return at + 1;
    }

    /// The place after the element that starts at an offset.
    private Place place(int element) {
        byte[] bytes = elements.array();
        int from = element + 1 + EVENT_ID.length;
        int to = from;
        while (bytes[to] != '"') {
            to++;
        }
        String token = new String(bytes, from, to - from, StandardCharsets.US_ASCII);
        return FeedToken.parse(token).position();
    }

    /// Whether the page read as much of the binlog as it may.
    private boolean isFar(BinlogEvent event) {
        Place begun = event.transaction().start();
        long file =
                event instanceof CommitEvent commit
                        ? commit.after().fileNumber()
                        : begun.fileNumber();
        long end =
                event instanceof RowsEvent rows
                        ? rows.origin().endOffset()
                        : event.after().offset();
        if (begun.server() != start.server() || file == start.fileNumber()) {
            return end - start.offset() >= BINLOG;
        }
        return file > start.fileNumber() + 1 || end >= BINLOG;
    }
}
