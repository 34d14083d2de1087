package dev.sluice.namedlimit;

import dev.sluice.limit.Bucket;
import dev.sluice.limit.Charge;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Limit;
import dev.sluice.limit.Ruling;
import dev.sluice.limit.Ticket;
import dev.sluice.limit.Turn;
import dev.sluice.limit.Waiter;
import dev.sluice.limit.WaitingRoom;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Named limits whose callers may wait. Thread-safe. Who waits for the same limit and subject passes in the order of coming; between
 * processes nobody starves. However many wait, a process asks the store for one of them at a time, and not again before the time that a
 * denial named, unless {@link #refresh} hears of a new definition, or those have given up that it was last asked for. Interrupting the
 * thread ends the wait; nothing was charged then.
 */
public final class PatientNamedLimits {
    /** When it is worth coming back to a room that is full, or left. */
    private static final Duration SOON = Duration.ofSeconds(1);

    /** Stands for a limit that was never heard of, until the first answer. */
    private static final Limit UNHEARD = Limit.smooth(Charge.MAX_WEIGHT, Duration.ofMillis(1));

    private final NamedLimits limits;
    private final WaitingRoom room;
    private final Waiter process;
    private final KnownLimits known = new KnownLimits();
    private final Crowds crowds = new Crowds();
    private final ReentrantLock refreshing = new ReentrantLock();

    // Both guarded by the lock.
    private Set<NamedLimit> listed = Set.of();
    private Set<String> changedBefore = Set.of();

    /** What the last answer said. */
    private volatile boolean complete = true;

    /**
     * @param room where they wait; says how many may
     * @param process this process' id, the same for everything that waits on the same store
     */
    public PatientNamedLimits(NamedLimits limits, WaitingRoom room, Waiter process) {
        this.limits = limits;
        this.room = room;
        this.process = process;
    }

    /**
     * Passes now or within {@code maxWait}.
     *
     * @param maxWait zero or more; zero asks once
     * @return when denied, {@code retryAfter} counts those ahead in this process
     * @throws UnknownLimitException if there is none of that name
     * @throws TooHeavyException if it weighs more than ever passes at once
     * @throws InterruptedException if the thread is interrupted while waiting
     */
    public Passage acquire(Use use, Duration maxWait) throws InterruptedException {
        return acquire(use, maxWait, new CompletableFuture<>());
    }

    /**
     * The same for a caller that may leave.
     *
     * @param gone completes when it leaves: that ends the wait, and it is denied; it was charged if it passed at that moment
     */
    public Passage acquire(Use use, Duration maxWait, CompletionStage<?> gone) throws InterruptedException {
        if (maxWait.isNegative()) {
            throw new IllegalArgumentException("a wait must be zero or more, not " + maxWait);
        }
        if (maxWait.isZero()) {
            // Those who wait have a place in the bucket's line, which goes first.
            return heard(limits.acquire(use));
        }
        Bucket bucket = use.bucket();
        Optional<Ticket> place = room.enter(bucket.scope() + ":" + bucket.subject(), charges(use), Priority.NORMAL);
        if (place.isEmpty()) {
            return denied(use, SOON);
        }
        Duration wait = maxWait.compareTo(Limit.LONGEST) > 0 ? Limit.LONGEST : maxWait;
        crowds.entered(bucket, System.nanoTime() + wait.toNanos());
        try (Ticket ticket = place.get()) {
            gone.whenComplete((left, failure) -> ticket.cancel());
            Turn<Passage> turn = ticket.await(wait, () -> attempt(use, bucket));
            return switch (turn) {
                case Turn.Came<Passage>(Passage passage) -> passage;
                case Turn.TimedOut<Passage>(Bucket holding, Duration retryAfter) -> denied(use, retryAfter);
                case Turn.Cancelled<Passage>() -> denied(use, SOON);
            };
        } finally {
            if (crowds.left(bucket, System.nanoTime())) {
                room.reopen(Use.TAG, bucket::equals);
            }
        }
    }

    /**
     * Makes a call once its limit lets it pass. What the call throws is thrown on; it is made once at most.
     *
     * @param maxWait zero or more; how long the call itself takes does not count
     * @throws LimitedException if the limit did not let it pass in time; the call was not made
     * @throws InterruptedException if the thread is interrupted while waiting; the call was not made
     * @throws Exception what the call throws
     */
    public <T> T call(Use use, Duration maxWait, Callable<T> call) throws Exception {
        if (acquire(use, maxWait) instanceof Passage.Denied denied) {
            throw new LimitedException(denied);
        }
        return call.call();
    }

    /**
     * Hears of definitions that were changed elsewhere: who waits by what no longer holds asks again at once. Decisions need none of this;
     * to be called as often as a waiter is to hear of a change, once a second for example.
     */
    public void refresh() {
        refreshing.lock();
        try {
            var now = new HashSet<>(limits.list());
            // Also what those who wait heard of since, or nobody would notice that it was gone when it was first
            // listed.
            var before = new HashSet<>(listed);
            before.addAll(known.all());
            known.heardAll(List.copyOf(now));
            Set<String> changed = changed(before, now);
            // Twice: who was just denied may not have begun to wait yet when it was heard of.
            var reopened = new HashSet<>(changed);
            reopened.addAll(changedBefore);
            if (!reopened.isEmpty()) {
                room.reopen(Use.TAG, bucket -> reopened.contains(bucket.scope()));
            }
            listed = now;
            changedBefore = changed;
        } finally {
            refreshing.unlock();
        }
    }

    /** The names of those that are new, gone, or defined otherwise. */
    private static Set<String> changed(Set<NamedLimit> before, Set<NamedLimit> now) {
        return Stream.concat(
                        before.stream().filter(limit -> !now.contains(limit)),
                        now.stream().filter(limit -> !before.contains(limit)))
                .map(NamedLimit::name)
                .collect(Collectors.toSet());
    }

    private Ruling<Passage> attempt(Use use, Bucket bucket) {
        Waiter waiter = process.staying(crowds.stays(bucket, System.nanoTime()));
        return switch (heard(limits.acquire(use, Optional.of(waiter)))) {
            case Passage.Denied denied ->
                new Ruling.NotYet<>(
                        new Decision.Denied(bucket, Decision.Cause.LIMIT, denied.retryAfter(), denied.remaining()));
            case Passage.Allowed allowed -> new Ruling.Decided<>(allowed);
            case Passage.Overlooked overlooked -> new Ruling.Decided<>(overlooked);
        };
    }

    private Passage heard(Passage passage) {
        known.heard(passage.limit());
        complete = passage.complete();
        return passage;
    }

    private List<Charge> charges(Use use) {
        Limit limit = known.find(use.limit())
                .map(NamedLimit::limit)
                .filter(last -> use.weight() <= last.capacity())
                .orElse(UNHEARD);
        return List.of(new Charge(use.bucket(), limit, use.weight()));
    }

    /** Without asking: that would pass those who wait. */
    private Passage denied(Use use, Duration retryAfter) {
        NamedLimit limit = known.find(use.limit())
                .or(() -> limits.find(use.limit()))
                .orElseThrow(() -> new UnknownLimitException(use.limit()));
        return Passage.denied(limit, 0, retryAfter.isPositive() ? retryAfter : Duration.ofMillis(1), complete);
    }
}
