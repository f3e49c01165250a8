package io.fustor.source.mysql.thread;

import io.fustor.source.mysql.error.SourceException;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A thread of the service. The service starts all its own threads here, so that none ends
/// silently. Whatever a thread throws is contained ([InternalFailures]) and passed to its owner.
///
/// A platform thread also reports its progress: its code calls [#beat] after each step, and its
/// owner compares [#beats].
public final class SupervisedThread {

    private static final Logger log = LoggerFactory.getLogger(SupervisedThread.class);

    private final BeatingThread thread;

    private SupervisedThread(BeatingThread thread) {
        this.thread = thread;
    }

    private static final class BeatingThread extends Thread {

        private volatile long beats;

        private BeatingThread(Runnable body, String name) {
            super(body, name);
            setDaemon(true);
        }

        /// Only this thread writes it.
        @SuppressWarnings("NonAtomicVolatileUpdate")
        private void count() {
            beats++;
        }
    }

    /// Starts a platform thread that does not keep the process alive.
    ///
    /// @param failed receives what ended the body early, on the thread itself
    public static SupervisedThread platform(
            Work work, String name, Runnable body, Consumer<SourceException> failed) {
        BeatingThread thread = new BeatingThread(contained(work, name, body, failed), name);
        thread.start();
        return new SupervisedThread(thread);
    }

    /// Starts a virtual thread; its failures appear in the log and in the meter.
    public static void virtual(Work work, String name, Runnable body) {
        virtual(work, name, body, failure -> warn(work, name, failure));
    }

    /// Starts a virtual thread.
    ///
    /// @param failed receives what ended the body early, on the thread itself
    public static void virtual(
            Work work, String name, Runnable body, Consumer<SourceException> failed) {
        Thread.ofVirtual().name(name).start(contained(work, name, body, failed));
    }

    /// A body that throws nothing but an [OutOfMemoryError], for executors of libraries: some never
    /// rerun a task that threw.
    public static Runnable contained(Work work, String name, Runnable body) {
        return contained(work, name, body, failure -> warn(work, name, failure));
    }

    private static Runnable contained(
            Work work, String name, Runnable body, Consumer<SourceException> failed) {
        return () -> {
            try {
                body.run();
            } catch (Throwable e) {
                tell(work, name, InternalFailures.contain(work, name, e), failed);
            }
        };
    }

    private static void tell(
            Work work, String name, SourceException failure, Consumer<SourceException> failed) {
        try {
            failed.accept(failure);
        } catch (Throwable e) {
            warn(work, name, InternalFailures.contain(work, name, e));
        }
    }

    private static void warn(Work work, String name, SourceException failure) {
        log.warn(
                "{}={} code={} detail={}", work.text(), name, failure.code(), failure.getMessage());
    }

    /// The current thread made progress. Costs almost nothing; does nothing on virtual threads.
    public static void beat() {
        if (Thread.currentThread() instanceof BeatingThread beating) {
            beating.count();
        }
    }

    /// How often the thread made progress.
    public long beats() {
        return thread.beats;
    }

    public boolean isAlive() {
        return thread.isAlive();
    }

    public void interrupt() {
        thread.interrupt();
    }

    /// The thread's stack trace, one frame a line.
    public String stack() {
        return Arrays.stream(thread.getStackTrace())
                .map(frame -> "\n\tat " + frame)
                .collect(Collectors.joining());
    }
}
