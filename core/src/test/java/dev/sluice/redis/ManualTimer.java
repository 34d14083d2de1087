package dev.sluice.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Keeps tasks until the test runs them. */
final class ManualTimer implements Breaker.Timer {
    record Task(Duration delay, Runnable work) {}

    final List<Task> tasks = new ArrayList<>();

    @Override
    public void after(Duration delay, Runnable task) {
        tasks.add(new Task(delay, task));
    }

    /** Runs the only waiting task and returns how long it was to wait. */
    Duration runNext() {
        if (tasks.size() != 1) {
            throw new IllegalStateException(tasks.size() + " tasks are waiting");
        }
        Task task = tasks.removeFirst();
        task.work().run();
        return task.delay();
    }
}
