package dev.sluice.redis;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Stops asking a store that does not answer, so that callers fail at once instead of each waiting for its deadline.
 * Thread-safe; no caller is ever used as a probe. The state diagram is in the package's description.
 */
public final class Breaker implements AutoCloseable {

    /** How the breaker stands. */
    public enum State {
        /** Calls pass. */
        CLOSED,
        /** Calls fail at once; the next probe is scheduled. */
        OPEN,
        /** Calls fail at once; a probe is under way. */
        HALF_OPEN
    }

    /**
     * When to open and how to probe.
     *
     * @param failures how many calls in a row must stay without answer, 1 or more
     * @param firstProbe the least time before a probe
     * @param lastProbe the most time before a probe
     */
    public record Settings(int failures, Duration firstProbe, Duration lastProbe) {
        /** One lost reply is a hiccup, three in a row are an outage; a probe a second finds its end soon enough. */
        public static final Settings DEFAULT = new Settings(3, Duration.ofMillis(100), Duration.ofSeconds(1));

        public Settings {
            if (failures < 1) {
                throw new IllegalArgumentException("failures " + failures + " must be 1 or more");
            }
            if (firstProbe.isNegative() || firstProbe.isZero() || lastProbe.compareTo(firstProbe) < 0) {
                throw new IllegalArgumentException(
                        "probes after " + firstProbe + " to " + lastProbe + " must be more than zero and ascending");
            }
        }
    }

    /** Runs a task later, on a thread that may block. */
    @FunctionalInterface
    public interface Timer {
        /** On virtual threads. */
        Timer VIRTUAL_THREADS = new Timer() {
            private final Executor executor = Executors.newVirtualThreadPerTaskExecutor();

            @Override
            public void after(Duration delay, Runnable task) {
                CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS, executor)
                        .execute(task);
            }
        };

        void after(Duration delay, Runnable task);
    }

    private final Settings settings;
    private final Runnable probe;
    private final Timer timer;
    private final LongSupplier nanoClock;
    private final RandomGenerator random;
    private final Consumer<State> listener;

    private final ReentrantLock lock = new ReentrantLock();
    private final LongAdder timesOpened = new LongAdder();
    private final LongAdder callsRejected = new LongAdder();
    private volatile State state = State.CLOSED;
    private volatile int unanswered;
    private boolean ended;
    private long longestPauseNanos;
    private long closedAtNanos;

    /**
     * @param probe asks the store for a sign of life within its own deadline; returns if there is one, throws if not
     * @param listener told {@link State#OPEN} and {@link State#CLOSED}, in order, once per change; must be quick
     * @param nanoClock monotonic, as {@link System#nanoTime}
     * @param random spreads the probes of many replicas
     */
    public Breaker(
            Settings settings,
            Runnable probe,
            Consumer<State> listener,
            Timer timer,
            LongSupplier nanoClock,
            RandomGenerator random) {
        this.settings = settings;
        this.probe = probe;
        this.listener = listener;
        this.timer = timer;
        this.nanoClock = nanoClock;
        this.random = random;
        this.longestPauseNanos = settings.firstProbe().toNanos();
    }

    /** Whether a call may pass now; a refused one is counted. Costs one volatile read. */
    public boolean allows() {
        if (state == State.CLOSED) {
            return true;
        }
        callsRejected.increment();
        return false;
    }

    /** A call was answered, whatever the answer. */
    public void answered() {
        if (unanswered != 0) {
            unanswered = 0;
        }
    }

    /** A call was written or queued, and no answer came. */
    public void unanswered() {
        lock.lock();
        try {
            // Under the lock; answered() may reset it in between, which only makes the breaker more patient.
            int inARow = unanswered + 1;
            unanswered = inARow;
            if (inARow >= settings.failures()) {
                open();
            }
        } finally {
            lock.unlock();
        }
    }

    /** There was no connection: no need to see that three times. */
    public void refused() {
        lock.lock();
        try {
            open();
        } finally {
            lock.unlock();
        }
    }

    public State state() {
        return state;
    }

    public long timesOpened() {
        return timesOpened.sum();
    }

    public long callsRejected() {
        return callsRejected.sum();
    }

    /** Probes no more. */
    @Override
    public void close() {
        lock.lock();
        try {
            ended = true;
        } finally {
            lock.unlock();
        }
    }

    private void open() {
        if (state != State.CLOSED || ended) {
            return;
        }
        long now = nanoClock.getAsLong();
        boolean relapse = timesOpened.sum() > 0
                && now - closedAtNanos < settings.lastProbe().toNanos();
        if (!relapse) {
            longestPauseNanos = settings.firstProbe().toNanos();
        }
        timesOpened.increment();
        state = State.OPEN;
        listener.accept(State.OPEN);
        scheduleProbe();
    }

    /** Between the least pause and a bound that doubles: replicas that lost Redis together do not return together. */
    private void scheduleProbe() {
        long least = settings.firstProbe().toNanos();
        longestPauseNanos = Math.min(2 * longestPauseNanos, settings.lastProbe().toNanos());
        long pause = least + (long) (random.nextDouble() * (longestPauseNanos - least));
        timer.after(Duration.ofNanos(pause), this::probe);
    }

    private void probe() {
        lock.lock();
        try {
            if (ended) {
                return;
            }
            state = State.HALF_OPEN;
        } finally {
            lock.unlock();
        }
        boolean alive = isAlive();
        lock.lock();
        try {
            if (alive) {
                unanswered = 0;
                closedAtNanos = nanoClock.getAsLong();
                state = State.CLOSED;
                listener.accept(State.CLOSED);
            } else {
                state = State.OPEN;
                if (!ended) {
                    scheduleProbe();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isAlive() {
        try {
            probe.run();
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }
}
