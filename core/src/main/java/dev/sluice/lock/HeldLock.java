package dev.sluice.lock;

import dev.sluice.SluiceException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock that is held, until it is closed or lost. Thread-safe; may be used and closed by any thread.
 *
 * <p>It is renewed each third of its lease; a renewal that fails is tried again each tenth. It counts as lost as soon as the store says so,
 * and a tenth of the lease before it can end there without a renewal that was confirmed: counted by this process' monotonic clock from
 * before the request, so that a holder that is told in time has that tenth to stop. A process that is stopped or paused cannot be told: then
 * only the {@linkplain #fence() fence} keeps its late writes out.
 */
public final class HeldLock implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HeldLock.class);
    private static final int RENEWED_EACH = 3;
    private static final int MARGIN = 10;
    private static final Duration FOR_EVER = Duration.ofDays(36_500);

    private final Lease lease;
    private final LockRequest request;
    private final Leases leases;
    private final ScheduledExecutorService timer;
    private final long lastEndNanos;
    private final AtomicReference<State> state = new AtomicReference<>(State.HELD);
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile long endNanos;
    private volatile Optional<ScheduledFuture<?>> renewal = Optional.empty();
    private volatile Optional<ScheduledFuture<?>> watch = Optional.empty();

    private enum State {
        HELD,
        RELEASED,
        LOST
    }

    HeldLock(Lease lease, LockRequest request, Leases leases, ScheduledExecutorService timer) {
        this.lease = lease;
        this.request = request;
        this.leases = leases;
        this.timer = timer;
        this.lastEndNanos = lease.askedNanos()
                + request.maxHold()
                        .filter(longest -> longest.compareTo(FOR_EVER) < 0)
                        .orElse(FOR_EVER)
                        .toNanos();
        this.endNanos = end(lease.askedNanos());
        renewIn(lease.length().dividedBy(RENEWED_EACH));
        watch();
    }

    public LockName name() {
        return lease.name();
    }

    /**
     * Greater than that of every earlier holder. Whatever is written under the lock should be refused by its resource if it has seen a
     * greater one: {@link Fences}, or {@code WHERE fence <= ?}.
     */
    public long fence() {
        return lease.fence();
    }

    /** Whether it is held, as far as this process can know. Asks nobody. */
    public boolean isHeld() {
        return state.get() == State.HELD && !isOver();
    }

    /** For how long it is held if nothing renews it; zero if it is not. */
    public Duration remaining() {
        return isHeld() ? Duration.ofNanos(Math.max(0, endNanos - System.nanoTime())) : Duration.ZERO;
    }

    /**
     * Gives it back; those who wait are told at once. If the store does not answer, that is tried again behind the scenes until the lease is
     * over. Only the first call does anything.
     *
     * @return whether it was held up to now, as far as is known
     */
    public boolean release() {
        if (!closed.compareAndSet(false, true)) {
            return false;
        }
        boolean held = isHeld() && state.compareAndSet(State.HELD, State.RELEASED);
        renewal.ifPresent(task -> task.cancel(false));
        watch.ifPresent(task -> task.cancel(false));
        try {
            return leases.release(name(), lease.owner()) && held;
        } catch (SluiceException e) {
            leases.releaseLater(name(), lease.owner(), lease.length());
            return held;
        }
    }

    /** As {@link #release}. */
    @Override
    public void close() {
        release();
    }

    /** By when it is to be given up, less the margin. */
    private long end(long askedNanos) {
        long length = lease.length().toNanos();
        long end = askedNanos + length - length / MARGIN;
        return end - lastEndNanos < 0 ? end : lastEndNanos;
    }

    private boolean isOver() {
        return System.nanoTime() - endNanos >= 0;
    }

    private void renewIn(Duration delay) {
        // Renewing waits for the store, so it leaves the timer's thread at once.
        renewal = scheduled(() -> Thread.startVirtualThread(this::renew), delay.toNanos());
    }

    private void watch() {
        watch = scheduled(this::look, endNanos - System.nanoTime());
        if (watch.isEmpty()) {
            Thread.startVirtualThread(this::lost);
        }
    }

    private void look() {
        if (isOver()) {
            lost();
        } else if (state.get() == State.HELD) {
            watch();
        }
    }

    private void renew() {
        if (!isHeld() || endNanos == lastEndNanos) {
            return;
        }
        long asked = System.nanoTime();
        try {
            if (!leases.store().renew(name(), lease.owner(), lease.length())) {
                lost();
                return;
            }
            if (isOver()) {
                lost(); // what was lost once stays lost, though the store kept it
                return;
            }
            endNanos = end(asked);
            renewIn(lease.length().dividedBy(RENEWED_EACH));
        } catch (SluiceException e) {
            log.atDebug().addKeyValue("fence", fence()).log("lock not renewed, tried again");
            renewIn(lease.length().dividedBy(MARGIN));
        }
    }

    private void lost() {
        if (!state.compareAndSet(State.HELD, State.LOST)) {
            return;
        }
        renewal.ifPresent(task -> task.cancel(false));
        try {
            leases.events().lost();
        } finally {
            tellThatItIsLost(); // whatever the listener does
        }
    }

    private void tellThatItIsLost() {
        log.atWarn()
                .addKeyValue("lock", name().digest())
                .addKeyValue("fence", fence())
                .log("lock lost");
        Thread.ofVirtual().name("sluice-lock-lost").start(() -> {
            try {
                request.onLost().run();
            } catch (RuntimeException e) {
                log.error("what was to be done when a lock is lost failed", e);
            }
        });
    }

    private Optional<ScheduledFuture<?>> scheduled(Runnable task, long delayNanos) {
        try {
            return Optional.of(timer.schedule(task, Math.max(0, delayNanos), TimeUnit.NANOSECONDS));
        } catch (RejectedExecutionException e) {
            return Optional.empty(); // closing
        }
    }
}
