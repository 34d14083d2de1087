package dev.sluice.limit;

import dev.sluice.limit.CombinedScript.Answer;
import dev.sluice.limit.Decision.Cause;
import dev.sluice.limit.Decision.Denied;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for a moment which buckets deny, so that whoever asks again before their time is answered without a round trip. Thread-safe;
 * never blocks.
 *
 * <p>A bucket that is full, or parked, stays so until the time that it named: charges, corrections and parks only make it later. So a
 * remembered denial is what Redis would say too, except after what makes a bucket emptier: its keys were deleted, a failover lost
 * writes, the server's clock jumped ahead. Then it is wrong for as long as it is remembered, {@link #LONGEST} at most. Of a limit that
 * was changed nothing is remembered: another limit is another question. Not remembered is a denial behind others in line, who may not
 * come; and who waits is never answered from here, since Redis must keep its place.
 *
 * <p>Time is this process' monotonic clock. A denial ends here not later than at Redis: it counts from before the question was sent.
 * The time that is told counts from when the answer came, so that whoever comes back then is not too early; by the round trip it may be
 * too late.
 *
 * <p>A table of slots, each of which has the last denial that fell into it: bounded without anything that must be thrown out, and a
 * denial that lost its slot costs a round trip.
 */
final class DeniedUntil {
    /** Long enough to spare nearly all of a flood, short enough for an operator who changed something not to notice. */
    static final Duration LONGEST = Duration.ofSeconds(1);

    /** A power of two. */
    private static final int SLOTS = 8_192;

    private final AtomicReferenceArray<@Nullable Memory> slots;
    private final long longestNanos;
    private final LongSupplier nanoClock;
    private final LongAdder answered = new LongAdder();

    /**
     * A denial, on the monotonic clock.
     *
     * @param weight what was denied, and all that is heavier; 0 for a park, which denies everything
     * @param ends until when it is answered
     * @param passes when the question would pass
     */
    private record Memory(Bucket bucket, Limit limit, Cause cause, int weight, int remaining, long ends, long passes) {

        /** Whether it says the same for longer: answers may come in another order than the questions went. */
        boolean outlasts(Memory other) {
            return ends - other.ends > 0
                    && cause == other.cause
                    && weight == other.weight
                    && bucket.equals(other.bucket)
                    && limit.equals(other.limit);
        }

        /** Whether it did, until it ended. */
        boolean denies(Charge charge, boolean overdraft) {
            return (cause == Cause.PARK || !overdraft && charge.weight() >= weight)
                    && bucket.equals(charge.bucket())
                    && limit.equals(charge.limit());
        }
    }

    /**
     * @param longest how long a denial is remembered, zero to {@link #LONGEST}
     * @param nanoClock as {@link System#nanoTime}
     */
    DeniedUntil(Duration longest, LongSupplier nanoClock) {
        this(longest, nanoClock, SLOTS);
    }

    DeniedUntil(Duration longest, LongSupplier nanoClock, int slots) {
        if (longest.isNegative() || longest.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "denials are remembered for zero to " + LONGEST + ", not for " + longest);
        }
        this.longestNanos = longest.toNanos();
        this.nanoClock = nanoClock;
        this.slots = new AtomicReferenceArray<>(slots);
    }

    /** On the clock of this memory. */
    long now() {
        return nanoClock.getAsLong();
    }

    /** The denial that is remembered longest, of all the question's buckets. */
    Optional<Denied> find(Acquisition question) {
        if (question.waiter().isPresent() || longestNanos == 0) {
            return Optional.empty();
        }
        Memory longest = null;
        for (Charge charge : question.charges()) {
            Memory memory = slots.get(slot(charge.bucket()));
            if (memory != null
                    && memory.denies(charge, question.overdraft())
                    && (longest == null || memory.ends() - longest.ends() > 0)) {
                longest = memory;
            }
        }
        // The clock comes after the memory: what was noted by a later time cannot be told by an earlier one.
        long now = now();
        if (longest == null || now - longest.ends() >= 0) {
            return Optional.empty();
        }
        answered.increment();
        return Optional.of(new Denied(
                longest.bucket(), longest.cause(), Duration.ofNanos(longest.passes() - now), longest.remaining()));
    }

    /** @param sent when the question was asked, or before */
    void note(Acquisition question, Answer answer, long sent) {
        if (longestNanos == 0 || !answer.firm() || !(answer.decision() instanceof Denied denied)) {
            return;
        }
        boolean park = denied.cause() == Cause.PARK;
        if (!park && denied.cause() != Cause.LIMIT) {
            return;
        }
        for (Charge charge : question.charges()) {
            if (charge.bucket().equals(denied.bucket())) {
                long wait = denied.retryAfter().toNanos();
                slots.accumulateAndGet(
                        slot(charge.bucket()),
                        new Memory(
                                charge.bucket(),
                                charge.limit(),
                                denied.cause(),
                                park ? 0 : charge.weight(),
                                denied.remaining(),
                                sent + Math.min(wait, longestNanos),
                                now() + wait),
                        (older, newer) -> older != null && older.outlasts(newer) ? older : newer);
            }
        }
    }

    /** How many questions were answered. */
    long answered() {
        return answered.sum();
    }

    private int slot(Bucket bucket) {
        int hash = bucket.hashCode();
        return (hash ^ hash >>> 16) & slots.length() - 1;
    }
}
