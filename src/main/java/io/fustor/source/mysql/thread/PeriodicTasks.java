package io.fustor.source.mysql.thread;

import io.fustor.source.mysql.error.SourceException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// Every periodic task of the service, with the result of its last run. A run that throws is
/// contained, and the task runs again at its next time. Runs use threads of the scheduler; any
/// thread may query the results.
@Component
public final class PeriodicTasks {

    /// A run that takes longer counts as stuck.
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private final Map<String, Task> tasks = new ConcurrentHashMap<>();

    private static final class Task implements Runnable {

        private final String name;
        private final Runnable body;
        private volatile @Nullable SourceException failure;
        private volatile long begun;
        private volatile boolean isRunning;

        private Task(String name, Runnable body) {
            this.name = name;
            this.body = body;
        }

        @Override
        public void run() {
            begun = System.nanoTime();
            isRunning = true;
            try {
                body.run();
                failure = null;
            } catch (Throwable e) {
                failure = InternalFailures.contain(Work.TASK, name, e);
            } finally {
                isRunning = false;
            }
        }

        private @Nullable String trouble() {
            long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
            if (isRunning && seconds > LONGEST.toSeconds()) {
                return "has been running for " + seconds + " s";
            }
            SourceException last = failure;
            return last == null ? null : last.code() + ": " + last.getMessage();
        }
    }

    /// The task as the scheduler runs it.
    Runnable supervised(Runnable body) {
        Task task = new Task(name(body.toString()), body);
        tasks.put(task.name, task);
        return task;
    }

    /// Spring's name for a task is the method that it calls: `…monitoring.SourceMeters.reconcile`.
    private static String name(String method) {
        int last = method.lastIndexOf('.');
        return method.substring(method.lastIndexOf('.', last - 1) + 1);
    }

    /// The tasks whose last run failed, by name, with the failure; empty if all succeeded.
    public Map<String, String> troubles() {
        Map<String, String> troubles = new TreeMap<>();
        tasks.forEach(
                (name, task) -> {
                    String trouble = task.trouble();
                    if (trouble != null) {
                        troubles.put(name, trouble);
                    }
                });
        return troubles;
    }
}
