package io.fustor.source.mysql.web;

import io.fustor.source.mysql.thread.SupervisedThread;
import io.fustor.source.mysql.thread.Work;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Work on a virtual thread of its own, for which the calling thread waits. The memory of a virtual
/// thread's stack stays as large as it had to be when the thread waited deep in its calls. What
/// waits for hours afterwards leaves such waits to another thread.
final class Detour {

    private Detour() {}

    /// Returns when the work is done, whatever interrupts the calling thread meanwhile.
    ///
    /// @throws Exception as the work threw it
    static void run(Callable<Void> work) throws Exception {
        FutureTask<Void> task = new FutureTask<>(work);
        SupervisedThread.virtual(Work.REQUEST, Thread.currentThread().getName(), task);
        boolean isInterrupted = false;
        try {
            while (true) {
                try {
                    task.get();
                    return;
                } catch (InterruptedException _) {
                    isInterrupted = true;
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error failure) {
                throw failure;
            }
            throw e;
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
