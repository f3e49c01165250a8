package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// One way of a proxied connection: copies its bytes, on a thread of its own, and does to them what
/// faults say, which any thread may set. What it waits for, it waits for in a way that an end to
/// the fault or to the connection ends at once.
final class ProxyWay {

    /// Little, so that a side that does not read is felt soon at the other end.
    static final int BUFFER = 16_384;

    private static final int THROTTLED_PIECES_A_SECOND = 20;
    private static final long NEVER = Long.MAX_VALUE;

    private final Socket from;
    private final Socket to;
    private final Silence silence;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    private long passed;
    private long cutAt = NEVER;
    private long halfCloseAt = NEVER;
    private long corruptAt = NEVER;
    private int mask;
    private boolean isReset;
    private boolean isFrozen;
    private boolean isHalfClosed;
    private boolean isOver;
    private long delayNanos;
    private int bytesPerSecond;

    /// Tells how long nothing passed on a connection, whichever way.
    interface Silence {

        void broken();

        /// A read got nothing for some time.
        ///
        /// @return whether the connection is to be closed for it
        boolean isTooLong();
    }

    ProxyWay(Socket from, Socket to, Silence silence) {
        this.from = from;
        this.to = to;
        this.silence = silence;
    }

    void inject(Fault fault) {
        lock.lock();
        try {
            switch (fault) {
                case Fault.Cut cut -> {
                    cutAt = passed + cut.bytes();
                    isReset = cut.isReset();
                }
                case Fault.Delay delay -> delayNanos = delay.time().toNanos();
                case Fault.Freeze _ -> isFrozen = true;
                case Fault.Throttle throttle -> bytesPerSecond = throttle.bytesPerSecond();
                case Fault.HalfClose half -> halfCloseAt = passed + half.bytes();
                case Fault.Corrupt corrupt -> {
                    corruptAt = passed + corrupt.bytes();
                    mask = corrupt.mask();
                }
            }
            endIfDue();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Ends what slows the bytes, and forgets what has not befallen them yet; what is broken stays
    /// so.
    void heal() {
        lock.lock();
        try {
            cutAt = NEVER;
            halfCloseAt = NEVER;
            corruptAt = NEVER;
            isFrozen = false;
            delayNanos = 0;
            bytesPerSecond = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    long passed() {
        lock.lock();
        try {
            return passed;
        } finally {
            lock.unlock();
        }
    }

    /// Ends every wait.
    void end() {
        lock.lock();
        try {
            isOver = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Copies until the sender ends, or a fault or the receiver ends the connection.
    void copy() {
        try {
            InputStream in = from.getInputStream();
            byte[] buffer = new byte[BUFFER];
            while (true) {
                int count = read(in, buffer);
                if (count < 0 || !pass(buffer, count)) {
                    return;
                }
            }
        } catch (IOException _) {
            // Closed by one of the two, or broken on purpose.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            awaitThaw();
        }
    }

    private int read(InputStream in, byte[] buffer) throws IOException {
        while (true) {
            try {
                return in.read(buffer);
            } catch (SocketTimeoutException e) {
                if (silence.isTooLong()) {
                    throw e;
                }
            }
        }
    }

    /// Passes bytes on piece by piece; false where the connection is over.
    private boolean pass(byte[] buffer, int count) throws IOException, InterruptedException {
        for (int at = 0; at < count; ) {
            int size = await(count - at);
            if (size < 0) {
                return false;
            }
            OutputStream out =
                    isHalfClosed ? OutputStream.nullOutputStream() : to.getOutputStream();
            count(buffer, at, size);
            out.write(buffer, at, size);
            silence.broken();
            at += size;
            if (!goesOn()) {
                return false;
            }
        }
        return true;
    }

    /// Waits until something may pass, and says how much at once; -1 where nothing ever will.
    private int await(int available) throws InterruptedException {
        lock.lock();
        try {
            pause(delayNanos);
            while (isFrozen && !isOver) {
                changed.await();
            }
            int size = available;
            if (bytesPerSecond > 0) {
                size = Math.min(size, Math.max(1, bytesPerSecond / THROTTLED_PIECES_A_SECOND));
                pause(size * 1_000_000_000L / bytesPerSecond);
            }
            long limit = Math.min(cutAt, halfCloseAt) - passed;
            return isOver ? -1 : isHalfClosed ? size : (int) Math.min(size, limit);
        } finally {
            lock.unlock();
        }
    }

    /// Waits so long, or until the fault is over.
    private void pause(long nanos) throws InterruptedException {
        long left = nanos;
        while (left > 0 && !isOver && (delayNanos > 0 || bytesPerSecond > 0)) {
            left = changed.awaitNanos(left);
        }
    }

    /// Before they pass: the receiver may ask how many there were.
    private void count(byte[] buffer, int from, int size) {
        lock.lock();
        try {
            if (corruptAt >= passed && corruptAt < passed + size) {
                buffer[from + (int) (corruptAt - passed)] ^= (byte) mask;
                corruptAt = NEVER;
            }
            passed += size;
        } finally {
            lock.unlock();
        }
    }

    private boolean goesOn() {
        lock.lock();
        try {
            endIfDue();
            return !isOver;
        } finally {
            lock.unlock();
        }
    }

    private void endIfDue() {
        if (passed >= cutAt) {
            isOver = true;
            close(isReset, from, to);
        } else if (passed >= halfCloseAt && !isHalfClosed) {
            isHalfClosed = true;
            halfCloseAt = NEVER;
            shutDownOutput();
        }
    }

    private void shutDownOutput() {
        try {
            to.shutdownOutput();
        } catch (IOException _) {
            // It is closed already.
        }
    }

    /// A frozen way does not tell its receiver either that the sender is gone.
    private void awaitThaw() {
        lock.lock();
        try {
            while (isFrozen && !isOver) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    static void close(boolean isReset, Socket... sockets) {
        for (Socket socket : sockets) {
            try {
                if (isReset) {
                    socket.setSoLinger(true, 0);
                }
                socket.close();
            } catch (IOException _) {
                // Closed already: nothing is left to do.
            }
        }
    }
}
