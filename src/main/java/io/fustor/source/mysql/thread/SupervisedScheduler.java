package io.fustor.source.mysql.thread;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledFuture;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.stereotype.Component;

/// Runs the methods with `@Scheduled`, each as one of the [PeriodicTasks] and on a thread of its
/// own. A task that waits for a server or a disk therefore delays no other. Tasks have a fixed
/// delay; no other kind is supervised.
@Component("taskScheduler")
class SupervisedScheduler extends ThreadPoolTaskScheduler {

    private static final long serialVersionUID = 1L;

    /// More than the number of tasks; a thread is created when a task needs it.
    private static final int THREADS = 24;

    private final transient PeriodicTasks tasks;

    SupervisedScheduler(PeriodicTasks tasks) {
        this.tasks = tasks;
        setPoolSize(THREADS);
        setThreadNamePrefix("task-");
        setDaemon(true);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, Duration delay) {
        return super.scheduleWithFixedDelay(tasks.supervised(task), delay);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, Instant start, Duration delay) {
        return super.scheduleWithFixedDelay(tasks.supervised(task), start, delay);
    }
}
