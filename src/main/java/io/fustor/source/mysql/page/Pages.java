package io.fustor.source.mysql.page;

import io.fustor.source.mysql.compression.ContentCoding;
import io.fustor.source.mysql.encode.JsonBuffer;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.feed.OverlapZone;
import io.fustor.source.mysql.feed.SnapshotPages;
import io.fustor.source.mysql.feed.StreamCodings;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.position.StreamOffset;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/// Answers requests for pages. A page is complete before its answer begins, so that every failure
/// is an answer of its own.
///
/// For the threads of the requests.
@Component
class Pages {

    /// How long a stream of pages lasts, by the protocol.
    private static final Duration STREAM = Duration.ofSeconds(60);

    private static final Logger log = LoggerFactory.getLogger(Pages.class);

    private final Epochs epochs;
    private final SnapshotPages snapshots;
    private final StreamCodings codings;
    private final PageProperties properties;

    Pages(
            Epochs epochs,
            SnapshotPages snapshots,
            StreamCodings codings,
            PageProperties properties) {
        this.epochs = epochs;
        this.snapshots = snapshots;
        this.codings = codings;
        this.properties = properties;
    }

    /// Takes a page before the bytes of its events and rows are reused.
    private interface Taker {

        void take(Page page, StreamOffset next, Reuse reuse) throws IOException;
    }

    /// Answers a request.
    ///
    /// @throws IOException if the client has disconnected
    void serve(PageCall call, PageStart asked) throws IOException {
        if (call.request().getMethod().equals("HEAD")) {
            head(call);
        } else if (call.live() == PageCall.Live.SSE) {
            stream(call, asked);
        } else {
            answer(call, asked);
        }
    }

    /// The end of the stream.
    private void head(PageCall call) {
        Place now = call.run().capture().startingPoints().now();
        String id = call.run().id();
        StreamOffset next = offset(call, now, FeedToken.of(id, now), epochs.ofStart(id, now, 0));
        HttpServletResponse response = call.response();
        response.setContentType(MediaType.APPLICATION_JSON_VALUE);
        response.setHeader(PageHeaders.NEXT_OFFSET, next.toString());
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    }

    private void answer(PageCall call, PageStart asked) throws IOException {
        Taker taker = (page, next, reuse) -> write(call, page, next, reuse);
        StreamOffset start = asked.offset(call.run(), epochs);
        if (asked instanceof PageStart.Now && !call.isLongPoll() && start != null) {
            Place now = start.token().position();
            Page nothing = new Page(new JsonBuffer(), null, now, Page.End.TAIL);
            take(call, start, null, nothing, taker);
            return;
        }
        long wait = call.isLongPoll() ? properties.longPoll().toNanos() : 0;
        boolean isFixed = asked instanceof PageStart.After;
        read(
                call,
                start,
                System.nanoTime() + wait,
                (page, next, reuse) ->
                        taker.take(
                                page, next, isFixed || reuse == Reuse.NONE ? reuse : Reuse.BRIEF));
    }

    /// Reads the page at an offset.
    ///
    /// @param at null for the first page of a snapshot
    /// @param until how long to wait for a change, by [System#nanoTime]
    private void read(PageCall call, @Nullable StreamOffset at, long until, Taker taker)
            throws IOException {
        if (at == null || at.token().snapshot() != null) {
            readRows(call, at, taker);
            return;
        }
        var capture = call.run().capture();
        OverlapZone zone =
                OverlapZone.resumed(capture, call.form().selection(), at.token().overlap());
        new PageReader(capture, call.form(), at.token().position(), zone, call::isEnding)
                .read(until, page -> take(call, at, zone, page, taker));
    }

    private void take(
            PageCall call, StreamOffset at, @Nullable OverlapZone zone, Page page, Taker taker)
            throws IOException {
        Place start = at.token().position();
        Place end = page.next();
        FeedToken next =
                new FeedToken(
                        call.form().source(), end, null, zone == null ? null : zone.after(end));
        Reuse reuse = zone == null ? page.reuse(start) : Reuse.NONE;
        taker.take(page, offset(call, start, next, at.epoch()), reuse);
    }

    private void readRows(PageCall call, @Nullable StreamOffset at, Taker taker)
            throws IOException {
        FeedToken from = at == null ? null : at.token();
        snapshots.read(
                call.run(),
                call.checked(),
                call.form(),
                from,
                call::isEnding,
                rows -> {
                    SnapshotPages.Large large = rows.large();
                    Page page =
                            new Page(
                                    rows.elements(),
                                    large == null ? null : large::encodeInPieces,
                                    rows.next().position(),
                                    Page.End.ROWS);
                    taker.take(page, offset(call, at, rows.next()), Reuse.NONE);
                });
    }

    /// The offset after a page of changes.
    private StreamOffset offset(PageCall call, Place start, FeedToken next, int from) {
        int epoch =
                epochs.ofNext(
                        call.run().id(),
                        from,
                        start,
                        next.position(),
                        () -> call.run().capture().server().status().place());
        return new StreamOffset(epoch, next);
    }

    /// The offset after a page of a snapshot, all of which are in the epoch of the place from which
    /// changes follow. A page without a row leads to a later offset too.
    private StreamOffset offset(PageCall call, @Nullable StreamOffset at, FeedToken next) {
        int epoch = at == null ? 0 : at.epoch();
        if (epoch == 0) {
            Place follow = next.position();
            int known = epochs.ofStart(call.run().id(), follow, 0);
            epoch = offset(call, follow, FeedToken.of(call.run().id(), follow), known).epoch();
        }
        SnapshotPlace before = at == null ? null : at.token().snapshot();
        SnapshotPlace after = next.snapshot();
        boolean isLater = after == null || after.rows() > (before == null ? 0 : before.rows());
        int step = isLater || at == null ? 0 : at.step() + 1;
        return new StreamOffset(epoch, step, next);
    }

    private void write(PageCall call, Page page, StreamOffset next, Reuse reuse)
            throws IOException {
        call.requireGrant();
        PageAnswer answer = new PageAnswer(page);
        ContentCoding coding = codings.of(call.request());
        boolean isTagged = page.end() != Page.End.ROWS;
        // Encodes the page: a problem must not have its headers.
        String tag = isTagged ? answer.tag(next.toString(), coding) : "";
        HttpServletResponse response = call.response();
        PageHeaders headers = new PageHeaders(call.request(), response);
        boolean isAtEnd = page.end() == Page.End.TAIL;
        headers.next(next.toString(), isAtEnd);
        if (call.isLongPoll()) {
            headers.cursor(call.cursor());
        }
        headers.caching(call.sight(), reuse, properties.maxAge(), Instant.now());
        if (call.isLongPoll() && page.isEmpty() && isAtEnd) {
            response.setStatus(HttpServletResponse.SC_NO_CONTENT);
            return;
        }
        if (isTagged && headers.isKnown(tag)) {
            response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
            return;
        }
        response.setContentType(MediaType.APPLICATION_JSON_VALUE);
        call.registered().writes();
        StreamCodings.head(response, coding);
        try (OutputStream body = codings.body(response.getOutputStream(), coding)) {
            answer.write(body);
        }
    }

    /// Streams pages for a minute, after which the client connects again. A failure before the
    /// first page is an answer; a later one ends the stream, and is the next request's answer.
    private void stream(PageCall call, PageStart asked) throws IOException {
        ContentCoding coding = codings.of(call.request());
        OutputStream body = codings.body(call.response().getOutputStream(), coding);
        call.registered().lasts();
        PageEvents events = new PageEvents(body);
        Follower at = new Follower(asked.offset(call.run(), epochs));
        Taker taker = (page, next, _) -> write(call, events, at, page, next);
        long end = System.nanoTime() + STREAM.toNanos();
        read(call, at.offset, System.nanoTime(), taker);
        try {
            while (!call.isEnding() && System.nanoTime() - end < 0) {
                long silence = System.nanoTime() + properties.longPoll().toNanos();
                read(call, at.offset, silence - end < 0 ? silence : end, taker);
            }
        } catch (SourceException | RequestException e) {
            log.debug("stream of pages ends source={}", call.run().id(), e);
        }
        body.close();
    }

    /// Where the client of a stream of pages is.
    private static final class Follower {

        private @Nullable StreamOffset offset;
        private @Nullable String cursor;

        /// @param offset null before the first page of a snapshot
        private Follower(@Nullable StreamOffset offset) {
            this.offset = offset;
        }
    }

    private void write(PageCall call, PageEvents events, Follower at, Page page, StreamOffset next)
            throws IOException {
        call.requireGrant();
        HttpServletResponse response = call.response();
        if (!response.isCommitted()) {
            response.setContentType("text/event-stream;charset=UTF-8");
            response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
            response.setHeader("X-Accel-Buffering", "no");
            response.addHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
            StreamCodings.head(response, codings.of(call.request()));
            call.registered().writes();
        }
        at.offset = next;
        at.cursor = PageHeaders.nextCursor(at.cursor == null ? call.cursor() : null);
        events.write(page, new PageAnswer(page), next, at.cursor);
    }
}
