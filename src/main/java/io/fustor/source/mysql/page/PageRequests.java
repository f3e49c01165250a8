package io.fustor.source.mysql.page;

import io.fustor.source.mysql.grant.ClientLine;
import io.fustor.source.mysql.grant.Sight;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// The requests for pages that are being served. Ends those whose callers' grants are over, and all
/// of them when the service stops.
@Component
class PageRequests implements SmartLifecycle {

    private static final long GRANTS_LOOK_MILLIS = 100;

    private final Set<Request> served = ConcurrentHashMap.newKeySet();
    private volatile boolean running;

    /// One of them; its thread closes it.
    final class Request implements AutoCloseable {

        private final Sight sight;
        private final ClientLine line;
        private final Thread thread = Thread.currentThread();
        private volatile boolean isRevoked;
        private volatile boolean isWriting;
        private volatile boolean isAbandoned;
        private boolean isCut;

        private Request(Sight sight, ClientLine line) {
            this.sight = sight;
            this.line = line;
        }

        /// Whether the caller's grant is over.
        boolean isRevoked() {
            return isRevoked || sight.isOver(Instant.now());
        }

        /// Whether the request must not wait any longer.
        boolean isEnding() {
            return !running || isRevoked || isAbandoned;
        }

        /// The client sends nothing more: it gets what there is, if it is still there.
        private void abandon() {
            isAbandoned = true;
            LockSupport.unpark(thread);
        }

        /// The response will last.
        void lasts() {
            line.lasts();
        }

        /// Rows are written from now on: a client that does not take them when the grant ends loses
        /// its connection, or over HTTP/2 the stream.
        void writes() {
            isWriting = true;
        }

        private synchronized void look(Instant now) {
            if (!isRevoked && sight.isOver(now)) {
                isRevoked = true;
                LockSupport.unpark(thread);
            }
            if (isRevoked && isWriting && !isCut) {
                isCut = true;
                line.cut(thread);
            }
        }

        @Override
        public synchronized void close() {
            isCut = true;
            served.remove(this);
        }
    }

    /// A request of the calling thread.
    Request begin(Sight sight, ClientLine line) {
        Request request = new Request(sight, line);
        served.add(request);
        line.onInputEnd(request::abandon);
        return request;
    }

    /// How many there are.
    int count() {
        return served.size();
    }

    @Scheduled(fixedDelay = GRANTS_LOOK_MILLIS)
    void endRevoked() {
        Instant now = Instant.now();
        served.forEach(request -> request.look(now));
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        served.forEach(request -> LockSupport.unpark(request.thread));
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /// Above the web server's, so that requests end while it still writes.
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
