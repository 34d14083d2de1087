package dev.sluice.lock;

import dev.sluice.SluiceException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands for election until closed: of all processes that stand for one name, one is the leader. Thread-safe.
 *
 * <p>A lock decides ({@link Locks}): its holder leads. A leader that dies is followed within its lease and a second, one that resigns or
 * closes at once.
 *
 * <p>Guarantee: at most one leads by the store's clock. Two may believe to lead at the same time if a process is stopped or paused for
 * longer than a tenth of its lease, if the store's clock jumps ahead, or if the store loses the lock (a failover, a wipe): whatever the
 * leader writes must carry its {@linkplain #fence() fence}, and its resource refuse a lesser one; then at most one leads by the resource's own books.
 *
 * <p>Without Redis nobody is elected, and the leader is deposed before its lease ends.
 */
public final class LeaderElection implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LeaderElection.class);

    /** Any time will do: whoever waits in vain stands again. */
    private static final Duration WAIT = Duration.ofMinutes(1);

    private static final Duration AFTER_FAILURE = Duration.ofMillis(500);

    private final Locks locks;
    private final LockRequest request;
    private final Consumer<HeldLock> onElected;
    private final Runnable onDeposed;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread standing;
    private volatile CompletableFuture<Void> giveUp = new CompletableFuture<>();
    private volatile Optional<Leadership> leadership = Optional.empty();

    private record Leadership(HeldLock lock, CountDownLatch end) {}

    private LeaderElection(Locks locks, LockRequest request, Consumer<HeldLock> onElected, Runnable onDeposed) {
        this.locks = locks;
        this.request = request;
        this.onElected = onElected;
        this.onDeposed = onDeposed;
        standing = Thread.ofVirtual().name("sluice-leader-election").unstarted(this::standUntilClosed);
    }

    /**
     * Begins to stand. The two callbacks are run one after the other on a thread of their own and should return soon: what a leader does, it
     * does elsewhere, while {@link #isLeader}.
     *
     * @param request its {@code onLost} is not run
     * @param onElected is given what this process leads by, which the election releases; if it throws, this process resigns
     * @param onDeposed runs after each {@code onElected}: when the lock is lost, or before it is released
     */
    public static LeaderElection start(
            Locks locks, LockRequest request, Consumer<HeldLock> onElected, Runnable onDeposed) {
        var election = new LeaderElection(locks, request, onElected, onDeposed);
        election.standing.start();
        return election;
    }

    /** Whether this process leads, as far as it can know. Asks nobody. */
    public boolean isLeader() {
        return leadership.filter(now -> now.lock.isHeld()).isPresent();
    }

    /** What the leader's writes must carry; empty if this process does not lead. */
    public OptionalLong fence() {
        return leadership
                .filter(now -> now.lock.isHeld())
                .map(now -> OptionalLong.of(now.lock.fence()))
                .orElseGet(OptionalLong::empty);
    }

    /** Lets another lead: this process is deposed and stands again, behind all who stand already. */
    public void resign() {
        leadership.ifPresent(now -> now.end.countDown());
    }

    /** Resigns and stands no more. Returns when the callbacks have, unless it is called by one of them. */
    @Override
    public void close() {
        closed.countDown();
        giveUp.complete(null);
        resign();
        if (Thread.currentThread().equals(standing)) {
            return;
        }
        try {
            standing.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void standUntilClosed() {
        boolean failed = false;
        while (!isClosed()) {
            // One for each attempt: what waits for it stays with it.
            giveUp = new CompletableFuture<>();
            if (isClosed()) {
                return;
            }
            try {
                var end = new CountDownLatch(1);
                if (locks.acquire(request.onLost(end::countDown), WAIT, giveUp)
                        instanceof LockAnswer.Acquired(HeldLock lock)) {
                    lead(lock, end);
                }
            } catch (SluiceException e) {
                log.atDebug().addKeyValue("election", request.name()).log("not elected: the store does not answer");
                pause();
            } catch (RuntimeException e) {
                // A defect, or locks that were closed first: whoever ended here would never lead again, and nobody
                // would know.
                if (!failed) {
                    log.error("standing for election failed; it is tried again", e);
                }
                failed = true;
                pause();
            } catch (InterruptedException e) {
                pause(); // one of the callbacks did that: closing goes by the latch
            }
        }
    }

    private void lead(HeldLock lock, CountDownLatch end) throws InterruptedException {
        boolean failed = false;
        try (lock) {
            if (isClosed()) {
                return;
            }
            leadership = Optional.of(new Leadership(lock, end));
            try {
                onElected.accept(lock);
                if (!isClosed()) {
                    end.await();
                }
            } catch (RuntimeException | Error e) {
                failed = true;
                log.error("what was to be done by a new leader failed; it resigns", e);
            } finally {
                leadership = Optional.empty();
                deposed();
            }
        }
        if (failed) {
            pause();
        }
    }

    private void deposed() {
        try {
            onDeposed.run();
        } catch (RuntimeException | Error e) {
            log.error("what was to be done by a leader that is deposed failed", e);
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    /** At most {@link #AFTER_FAILURE}: closing ends it. */
    private void pause() {
        try {
            var unused = closed.await(AFTER_FAILURE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
