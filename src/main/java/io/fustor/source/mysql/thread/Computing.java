package io.fustor.source.mysql.thread;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ScopedValue.CallableOp;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Shares the processors among streams that have more to compute than a processor can: catch-ups,
/// snapshots and pages. No more of them compute at a time than there are processors.
///
/// Virtual threads are not preempted, and one that is woken by another kind of thread comes after
/// all that wake each other. With a hundred catch-ups that are ready, a live change would wait for
/// all of them, for seconds. With this rule they wait for each other, and the virtual machine's
/// further carrier threads are free for whatever else there is to do.
///
/// A stream computes for a turn while others wait. It gives its processor back while it waits for
/// its server. What waits for its client loses it soon, and what waits for anything else does so a
/// little later: no stream can keep the others from computing.
public final class Computing {

    /// How long a stream computes while others wait.
    private static final long TURN_NANOS = Duration.ofMillis(1).toNanos();

    /// After this time, a write is taken to wait for the client.
    private static final long LONGEST_WRITE_NANOS = Duration.ofMillis(1).toNanos();

    /// After this time, a stream that has not given way is taken to wait for something.
    private static final long LONGEST_NANOS = Duration.ofMillis(20).toNanos();

    /// A stream that has waited for so long computes in any case: this is a courtesy and not a
    /// lock.
    private static final long PATIENCE_NANOS = Duration.ofSeconds(1).toNanos();

    private static final long LOOK_NANOS = Duration.ofMillis(1).toNanos();

    private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    private static final ScopedValue<Computing> OF_THREAD = ScopedValue.newInstance();
    private static final Object LOCK = new Object();
    private static final List<Computing> COMPUTING = new ArrayList<>(PROCESSORS);
    private static final Deque<Computing> QUEUE = new ArrayDeque<>();

    private static volatile boolean isWaitedFor;
    private static volatile @Nullable Thread watch;
    private static boolean isWatched;

    private final Thread thread = Thread.currentThread();
    private volatile boolean hasProcessor;

    /// A processor that was granted may be lost again before the thread runs.
    private volatile boolean isQueued;

    /// When it gave way last, by [System#nanoTime]; for its own thread only. A wait does not begin
    /// another turn: what is due at the end of a turn is due for one that mostly waits too.
    private long turn = System.nanoTime();

    /// When it got its processor or gave way last, and when its write began, by [System#nanoTime];
    /// 0 without a write.
    private volatile long since;

    private volatile long writing;

    private Computing() {}

    /// Gives the virtual machine more carrier threads than processors, unless its options say how
    /// many. To be called before the first virtual thread starts.
    public static void prepare() {
        if (System.getProperty(CARRIERS) == null) {
            System.setProperty(CARRIERS, Integer.toString(2 * PROCESSORS + 2));
        }
    }

    /// Runs the part of a stream that computes, on the calling thread.
    public static <R, X extends Throwable> R run(CallableOp<R, X> part) throws X {
        Computing mine = new Computing();
        mine.take();
        try {
            return ScopedValue.where(OF_THREAD, mine).call(part);
        } finally {
            mine.giveBack();
        }
    }

    /// Called before the calling thread waits for its server; does nothing on a thread that does
    /// not [#run] a stream.
    public static void pause() {
        if (OF_THREAD.isBound()) {
            OF_THREAD.get().giveBack();
        }
    }

    /// Called after [#pause], once the wait is over.
    public static void goOn() {
        if (OF_THREAD.isBound()) {
            OF_THREAD.get().take();
        }
    }

    /// Lets others run if the calling thread has computed for a turn. To be called in every loop
    /// that may go on for long without waiting.
    ///
    /// @param now by [System#nanoTime]
    /// @return whether its turn was over
    public static boolean giveWayIfDue(long now) {
        return OF_THREAD.isBound() && OF_THREAD.get().giveWay(now);
    }

    @SuppressWarnings("ThreadPriorityCheck") // giving way is what it is for
    private boolean giveWay(long now) {
        if (hasProcessor && now - turn <= TURN_NANOS) {
            return false;
        }
        turn = now;
        if (isWaitedFor) {
            giveBack();
        }
        if (hasProcessor) {
            Thread.yield();
            since = now;
        } else {
            take();
        }
        return true;
    }

    /// Lets threads that are ready run first, on a thread that mostly waits but may find that it
    /// need not.
    @SuppressWarnings("ThreadPriorityCheck") // giving way is what it is for
    public static void giveWay() {
        Thread.yield();
    }

    /// Whether a thread may help a stream to compute, since a processor is free and no stream waits
    /// for it.
    public static boolean canHelp() {
        if (isWaitedFor) {
            return false;
        }
        synchronized (LOCK) {
            return COMPUTING.size() < PROCESSORS;
        }
    }

    private void take() {
        synchronized (LOCK) {
            if (hasProcessor) {
                return;
            }
            if (COMPUTING.size() < PROCESSORS && QUEUE.isEmpty()) {
                begin();
                return;
            }
            isQueued = true;
            QUEUE.add(this);
            isWaitedFor = true;
            wakeWatch();
        }
        long until = System.nanoTime() + PATIENCE_NANOS;
        for (long rest = PATIENCE_NANOS; isQueued; rest = until - System.nanoTime()) {
            LockSupport.parkNanos(this, rest);
            // A stream that is to end computes little more.
            if (rest <= 0 || Thread.currentThread().isInterrupted()) {
                leaveQueue();
            }
        }
    }

    private void leaveQueue() {
        synchronized (LOCK) {
            isQueued = false;
            QUEUE.remove(this);
            isWaitedFor = !QUEUE.isEmpty();
        }
    }

    private void begin() {
        since = System.nanoTime();
        hasProcessor = true;
        COMPUTING.add(this);
    }

    private void giveBack() {
        synchronized (LOCK) {
            if (hasProcessor) {
                hasProcessor = false;
                COMPUTING.remove(this);
                grantNext();
            }
        }
    }

    private static void grantNext() {
        while (COMPUTING.size() < PROCESSORS && !QUEUE.isEmpty()) {
            Computing next = QUEUE.remove();
            next.begin();
            next.isQueued = false;
            LockSupport.unpark(next.thread);
        }
        isWaitedFor = !QUEUE.isEmpty();
    }

    private static void wakeWatch() {
        if (watch == null && !isWatched) {
            isWatched = true;
            SupervisedThread.platform(
                    Work.ENCODING, "computing", Computing::watch, _ -> watchFailed());
        }
        LockSupport.unpark(watch);
    }

    private static void watchFailed() {
        synchronized (LOCK) {
            isWatched = false;
            watch = null;
        }
    }

    /// Takes processors away from those who wait, while others wait for a processor.
    private static void watch() {
        watch = Thread.currentThread();
        while (true) {
            if (isWaitedFor) {
                LockSupport.parkNanos(LOOK_NANOS);
                long now = System.nanoTime();
                synchronized (LOCK) {
                    for (Iterator<Computing> all = COMPUTING.iterator(); all.hasNext(); ) {
                        Computing one = all.next();
                        if (one.seemsToWait(now)) {
                            one.hasProcessor = false;
                            all.remove();
                        }
                    }
                    grantNext();
                }
            } else {
                LockSupport.park();
            }
        }
    }

    private boolean seemsToWait(long now) {
        long write = writing;
        return (write != 0 && now - write > LONGEST_WRITE_NANOS) || now - since > LONGEST_NANOS;
    }

    /// An output whose writes may wait for a client.
    public static OutputStream waiting(OutputStream out) {
        return new WaitingOutput(out);
    }

    private static final class WaitingOutput extends FilterOutputStream {

        private WaitingOutput(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            begun();
            try {
                out.write(bytes, offset, length);
            } finally {
                ended();
            }
        }

        @Override
        public void flush() throws IOException {
            begun();
            try {
                out.flush();
            } finally {
                ended();
            }
        }

        private static void begun() {
            if (OF_THREAD.isBound()) {
                OF_THREAD.get().writing = System.nanoTime();
            }
        }

        private static void ended() {
            if (OF_THREAD.isBound()) {
                OF_THREAD.get().writing = 0;
            }
        }
    }
}
