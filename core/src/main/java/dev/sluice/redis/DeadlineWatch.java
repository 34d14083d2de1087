package dev.sluice.redis;

import java.time.Duration;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends waits whose deadline has passed. Thread-safe; one thread of the process, which sleeps until the earliest deadline of
 * those that still wait.
 *
 * <p>A virtual thread that waits with a timeout of its own wakes the JDK's timer each time, and costs two system calls that
 * hardly ever have a use: replies come in time. Here a wait that is no earlier than the others wakes nobody.
 */
final class DeadlineWatch {
    private static final DeadlineWatch SHARED = new DeadlineWatch();

    /** Waits that are over are let go of at least that often. */
    private static final long LONGEST_SLEEP_NANOS = Duration.ofMillis(100).toNanos();

    static final long FAR_NANOS = Duration.ofDays(365).toNanos();

    private final Queue<Watched> waits = new ConcurrentLinkedQueue<>();
    private final Thread thread =
            Thread.ofPlatform().daemon().name("sluice-deadlines").unstarted(this::watch);

    /** Whoever waits for less must wake the thread. */
    private volatile long sleepsUntil = System.nanoTime() + FAR_NANOS;

    /** What has deadlines; they may become more, but none earlier than those that it had when the watch began. Thread-safe. */
    interface Watched {
        /** Whether there is nothing more to watch. */
        boolean isOver();

        /**
         * Ends what is overdue.
         *
         * @return when the next is, {@link System#nanoTime}
         */
        long endOverdue(long now);
    }

    /** @param until {@link System#nanoTime} */
    private record Wait(CompletableFuture<?> reply, long until) implements Watched {
        @Override
        public boolean isOver() {
            return reply.isDone();
        }

        @Override
        public long endOverdue(long now) {
            if (until - now <= 0) {
                reply.completeExceptionally(new TimeoutException());
            }
            return until;
        }
    }

    DeadlineWatch() {
        thread.start();
    }

    /** Lets a wait fail with a {@link TimeoutException} when the deadline passes before it is over. */
    static void watch(CompletableFuture<?> reply, Deadline deadline) {
        SHARED.add(reply, deadline);
    }

    /** Watches until it is over; the deadline is the earliest that it has or will have. */
    static void watch(Watched watched, Deadline earliest) {
        SHARED.add(watched, earliest.endNanos());
    }

    void add(CompletableFuture<?> reply, Deadline deadline) {
        if (!reply.isDone()) {
            add(new Wait(reply, deadline.endNanos()), deadline.endNanos());
        }
    }

    private void add(Watched watched, long until) {
        waits.add(watched);
        if (until - sleepsUntil < 0) {
            LockSupport.unpark(thread);
        }
    }

    /** How many it holds on to, those included that were over since it looked last. */
    int held() {
        return waits.size();
    }

    private void watch() {
        while (true) {
            // Until it is known how long to sleep, everybody wakes it: none may come between the look and the sleep.
            sleepsUntil = System.nanoTime() + FAR_NANOS;
            long next = endOverdue();
            sleepsUntil = next;
            LockSupport.parkNanos(this, next - System.nanoTime());
        }
    }

    /** @return when to look again */
    private long endOverdue() {
        long now = System.nanoTime();
        long next = now + (waits.isEmpty() ? FAR_NANOS : LONGEST_SLEEP_NANOS);
        for (Iterator<Watched> all = waits.iterator(); all.hasNext(); ) {
            Watched one = all.next();
            long until = one.endOverdue(now);
            if (one.isOver()) {
                all.remove();
            } else if (until - next < 0) {
                next = until;
            }
        }
        return next;
    }
}
