package io.fustor.source.mysql.web;

import io.fustor.source.mysql.thread.SupervisedThread;
import io.fustor.source.mysql.thread.Work;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.coyote.http2.Http2Connection;
import org.apache.coyote.http2.Http2Stream;
import org.apache.coyote.http2.Http2Watch;
import org.jspecify.annotations.Nullable;

/// The streams of one HTTP/2 connection. The thread that reads its frames tells what happens;
/// [ClientConnections] looks at it every second.
final class ClientStreams implements Http2Watch {

    /// How many streams a client may have open at a time; more are refused by Tomcat.
    static final int MOST = 100;

    /// Streams that the client has reset still run until they notice. A client that opens and
    /// resets streams faster than that waits.
    private static final int MOST_RUNNING = MOST + MOST / 2;

    private final ClientConnection connection;
    private final Http2Connection frames;
    private final ClientConnections all;
    private final Set<ClientStream> running = ConcurrentHashMap.newKeySet();
    private final AtomicInteger pings = new AtomicInteger();
    private final Map<Integer, CountDownLatch> asked = new ConcurrentHashMap<>();

    private volatile boolean isSettled;
    private volatile @Nullable Http2Stream head;
    private volatile long since = System.nanoTime();

    ClientStreams(ClientConnection connection, Http2Connection frames, ClientConnections all) {
        this.connection = connection;
        this.frames = frames;
        this.all = all;
    }

    @Override
    public void settled() {
        if (!isSettled) {
            since = System.nanoTime();
            isSettled = true;
        }
    }

    @Override
    public void headBegan(Http2Stream stream) {
        since = System.nanoTime();
        head = stream;
    }

    @Override
    public void headEnded() {
        head = null;
    }

    @Override
    public boolean begins(Http2Stream opened) {
        ClientStream stream = new ClientStream(opened, this, all.writeTimeout());
        if (running.size() >= MOST_RUNNING || !all.admit(stream)) {
            return false;
        }
        running.add(stream);
        return true;
    }

    void ended(ClientStream stream) {
        if (running.remove(stream)) {
            since = System.nanoTime();
            all.leaves(stream);
        }
    }

    /// What the server waits for on the connection as a whole.
    ClientConnection.Phase phase() {
        Http2Stream incomplete = head;
        if (!isSettled || (incomplete != null && incomplete.isOpen())) {
            return ClientConnection.Phase.HEAD;
        }
        return running.isEmpty() ? ClientConnection.Phase.IDLE : ClientConnection.Phase.BUSY;
    }

    /// Since when it has been waiting, by [System#nanoTime].
    long since() {
        return since;
    }

    /// Ends the streams whose clients are too slow or have left.
    void look(long now, Duration bodyTimeout) {
        running.forEach(stream -> stream.look(now, bodyTimeout));
    }

    /// The connection is closed.
    void left() {
        running.forEach(ClientStream::lost);
    }

    /// The client is to confirm that everything sent so far has arrived. If it does not do so in
    /// time, the connection is cut, with all its streams. Blocks as long.
    ///
    /// @param last to be sent before; may block
    void requireAnswer(Duration time, Runnable last) {
        int number = pings.incrementAndGet();
        CountDownLatch answer = new CountDownLatch(1);
        asked.put(number, answer);
        SupervisedThread.virtual(
                Work.TASK,
                "ping",
                () -> {
                    last.run();
                    frames.ping(number);
                });
        try {
            if (!answer.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
                connection.cut();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            connection.cut();
        } finally {
            asked.remove(number);
        }
    }

    @Override
    public void answered(int number) {
        CountDownLatch answer = asked.get(number);
        if (answer != null) {
            answer.countDown();
        }
    }
}
