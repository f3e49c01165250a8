package io.fustor.source.mysql.web;

import io.fustor.source.mysql.thread.SupervisedThread;
import io.fustor.source.mysql.thread.Work;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import org.apache.coyote.Request;
import org.apache.coyote.http2.Http2Stream;
import org.apache.coyote.http2.Http2Stream.Reason;
import org.jspecify.annotations.Nullable;

/// One request of an HTTP/2 connection, and what the service waits for on it. The thread of the
/// request sets the state; [ClientConnections] looks at it from another thread, and resets it where
/// the client is too slow. Other streams of the connection go on.
final class ClientStream implements ClientExchange {

    private static final String ATTRIBUTE = ClientStream.class.getName();
    private static final String NAME = "reset of a stream";

    /// How long a client has to take what was written before its grant ended. With the half second
    /// that it has for the last event, this is within the second of the contract.
    private static final Duration LAST_CALL = Duration.ofMillis(350);

    /// What a stream with a body needs in addition: the buffers of what has arrived.
    private static final int PLACES_WITH_BODY = 2;

    private final Http2Stream stream;
    private final ClientStreams connection;
    private final int places;
    private volatile Duration stall;
    private volatile long bodySince;
    private boolean isBodyBegun;

    /// The thread that serves it; null before and after.
    private volatile @Nullable Thread serving;

    /// For the thread that serves it.
    private @Nullable LastingResponse lasting;

    private volatile boolean isDropped;

    /// Since when the client allows no byte, by [System#nanoTime]; 0 while it does.
    private long closedSince;

    private volatile @Nullable Runnable gone;
    private volatile @Nullable Runnable inputEnd;
    private volatile boolean isGone;

    ClientStream(Http2Stream stream, ClientStreams connection, Duration stall) {
        this.stream = stream;
        this.connection = connection;
        this.stall = stall;
        this.places = stream.isBodyExpected() ? PLACES_WITH_BODY : 1;
        stream.request().setAttribute(ATTRIBUTE, this);
    }

    /// The stream of a request; null if it came over HTTP/1.1.
    static @Nullable ClientStream of(Request request) {
        return request.getAttribute(ATTRIBUTE) instanceof ClientStream stream ? stream : null;
    }

    /// How many connections of HTTP/1.1 it counts for in the heap.
    int places() {
        return places;
    }

    /// Serves the request on this thread.
    void serve(ServedRequest served) throws Exception {
        serving = Thread.currentThread();
        try {
            ScopedValue.where(CURRENT, this).call(() -> inScope(served));
        } finally {
            serving = null;
            connection.ended(this);
        }
    }

    private @Nullable Void inScope(ServedRequest served) throws Exception {
        served.serve(this);
        return null;
    }

    @Override
    public void serveRest(HttpServletRequest request, Rest rest) {
        lasting = LastingResponse.of(request, rest);
    }

    @Override
    public @Nullable LastingResponse takeLasting() {
        LastingResponse taken = lasting;
        lasting = null;
        return taken;
    }

    Duration stall() {
        return stall;
    }

    @Override
    public void awaitBody() {
        if (!isBodyBegun) {
            isBodyBegun = true;
            bodySince = Math.max(1, System.nanoTime());
        }
    }

    @Override
    public void bodyCame() {
        // The body has one deadline as a whole: `answered` ends it.
    }

    /// What the client still sends of the body is discarded as it comes, and ends the stream.
    @Override
    public void answered(boolean withBody) {
        bodySince = 0;
    }

    @Override
    public void letClientStall(Duration time) {
        stall = time;
    }

    @Override
    public boolean isDropped() {
        return isDropped;
    }

    /// Ends the stream if the client is too slow or has left. Called every second by one thread.
    void look(long now, Duration bodyTimeout) {
        if (!stream.isOpen()) {
            left();
            return;
        }
        long body = bodySince;
        if (body != 0 && now - body > bodyTimeout.toNanos()) {
            drop();
        } else if (stream.window() > 0) {
            closedSince = 0;
        } else if (closedSince == 0) {
            closedSince = now;
        } else if (now - closedSince > stall.toNanos()) {
            drop();
        }
    }

    private void drop() {
        if (!isDropped) {
            isDropped = true;
            SupervisedThread.virtual(Work.TASK, NAME, () -> stream.reset(Reason.TOO_SLOW));
        }
    }

    private void left() {
        isGone = true;
        Runnable action = gone;
        if (action != null) {
            action.run();
        }
        Runnable other = inputEnd;
        if (other != null) {
            other.run();
        }
        if (serving == null) {
            connection.ended(this);
        }
    }

    /// The connection is closed. Tomcat does not wake a feed's thread that waits for the socket.
    /// (While the connection is open, an interrupt would close it.) Other requests are short, and
    /// may be doing something that has to be completed.
    void lost() {
        left();
        Thread thread = serving;
        if (gone != null && thread != null && thread != Thread.currentThread()) {
            thread.interrupt();
        }
    }

    @Override
    public void onGone(Runnable action) {
        gone = action;
        if (isGone) {
            action.run();
        }
    }

    @Override
    public void onInputEnd(@Nullable Runnable action) {
        inputEnd = action;
    }

    /// Resets the stream. What was written before cannot be taken back from a connection that
    /// others use: the client has to say soon that it has got it, or it loses the connection.
    @Override
    public void cut(Thread served) {
        isDropped = true;
        stall = LAST_CALL;
        SupervisedThread.virtual(
                Work.TASK,
                NAME,
                () -> connection.requireAnswer(LAST_CALL, () -> stream.reset(Reason.CANCELLED)));
    }

    @Override
    public void finish(Duration time) {
        stall = time;
        connection.requireAnswer(time, () -> {});
    }
}
