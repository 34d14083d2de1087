package dev.sluice.lock;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.random.RandomGenerator;

/**
 * Locks that are renewed for as long as they are held and the process lives. Thread-safe; blocks its (virtual) thread.
 *
 * <p>Guarantees and errors are those of {@link Leases}. Locks are not reentrant: whoever holds one and asks for it again waits for itself.
 * They belong to their {@link HeldLock} and to no thread.
 */
public final class Locks implements AutoCloseable {
    private final Leases leases;
    private final RandomGenerator random;
    private final ScheduledThreadPoolExecutor timer;

    /**
     * @param leases stays open when this is closed
     * @param random makes owners, which nobody may be able to guess
     */
    public Locks(Leases leases, RandomGenerator random) {
        this.leases = leases;
        this.random = random;
        timer = new ScheduledThreadPoolExecutor(
                1,
                task -> Thread.ofPlatform()
                        .daemon()
                        .name("sluice-lock-renewals")
                        .unstarted(task));
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Takes the lock if it is free and nobody waits for it. As {@link #acquire}. */
    public LockAnswer tryAcquire(LockRequest request) throws InterruptedException {
        return acquire(request, Duration.ZERO);
    }

    /**
     * Takes the lock, waiting for it behind those who came before.
     *
     * @param maxWait zero to {@link Leases#LONGEST_WAIT}
     * @throws dev.sluice.redis.RedisUnavailableException if Redis does not answer at the end of the wait; the lock is not kept then
     * @throws TooManyLocksException if it is in memory, and there is no room
     * @throws InterruptedException if the thread is interrupted; the lock is not kept then
     * @throws IllegalStateException if this is closed
     */
    public LockAnswer acquire(LockRequest request, Duration maxWait) throws InterruptedException {
        return acquire(request, maxWait, new CompletableFuture<>());
    }

    LockAnswer acquire(LockRequest request, Duration maxWait, CompletableFuture<?> unless) throws InterruptedException {
        if (timer.isShutdown()) {
            throw new IllegalStateException("these locks are closed, so that none would be renewed");
        }
        LockOwner owner = LockOwner.random(random);
        return switch (leases.acquire(request.name(), owner, request.lease(), maxWait, unless, LostAnswer.GIVE_BACK)) {
            case LeaseAnswer.Taken(Lease lease) -> new LockAnswer.Acquired(new HeldLock(lease, request, leases, timer));
            case LeaseAnswer.Busy(Duration remaining, int ahead) -> new LockAnswer.Busy(remaining, ahead);
        };
    }

    /** How a lock stands; changes nothing. */
    public LockStanding look(LockName name) {
        return leases.look(name);
    }

    /** Takes and renews nothing more: what is still held ends with its lease, without anybody being told. To be closed after the locks. */
    @Override
    public void close() {
        timer.shutdownNow();
    }
}
