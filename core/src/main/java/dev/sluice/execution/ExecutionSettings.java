package dev.sluice.execution;

import dev.sluice.idempotency.ClaimRequest.Abandoned;
import dev.sluice.idempotency.IdempotencyGuard;
import java.time.Duration;

/**
 * How carefully work is done once.
 *
 * @param lease how long a claim outlives its process, 100 ms to 1 h; renewed each third while the work runs
 * @param abandoned what becomes of it then
 * @param keep how long results, remembered failures and doubts are told to repeats, 1 ms to 31 days
 * @param maxWait how long a caller waits for a twin that is at it, 0 to 1 h
 * @param settleWithin how long writing down the outcome is tried while the store is away, 0 to 10 min; the caller waits for it
 * @param largestResult bytes of a result that are kept, 0 to 1 MiB less {@code Sealer.OVERHEAD} and 1; longer ones are not
 */
public record ExecutionSettings(
        Duration lease,
        Abandoned abandoned,
        Duration keep,
        Duration maxWait,
        Duration settleWithin,
        int largestResult) {
    /** The least that survives a pause for garbage collection, as for sends. */
    public static final Duration DEFAULT_LEASE = Duration.ofSeconds(5);

    /** Whoever calls has a time limit of its own, of 30 s as a rule. */
    public static final Duration DEFAULT_MAX_WAIT = Duration.ofSeconds(10);

    /** The settling time of the gateway's own calls. */
    public static final Duration DEFAULT_SETTLE_WITHIN = Duration.ofSeconds(2);

    public ExecutionSettings {
        requireWithin("lease", lease, Duration.ofMillis(100), Duration.ofHours(1));
        requireWithin("keep", keep, Duration.ofMillis(1), Duration.ofDays(31));
        requireWithin("maxWait", maxWait, Duration.ZERO, Duration.ofHours(1));
        requireWithin("settleWithin", settleWithin, Duration.ZERO, Duration.ofMinutes(10));
        if (largestResult < 0 || largestResult > KeptResults.LARGEST) {
            throw new IllegalArgumentException(
                    "largestResult must be 0 to " + KeptResults.LARGEST + " bytes, not " + largestResult);
        }
    }

    /** What a dead process left is done again by the next caller: for work that does no harm twice, or is fenced. */
    public static ExecutionSettings atLeastOnce() {
        return of(new Abandoned.TakeOver());
    }

    /** What a dead process left is not done again; repeats are told that nobody knows, for as long as results are kept. */
    public static ExecutionSettings atMostOnce() {
        return of(new Abandoned.BecomesUnknown(IdempotencyGuard.DEFAULT_KEEP));
    }

    private static ExecutionSettings of(Abandoned abandoned) {
        return new ExecutionSettings(
                DEFAULT_LEASE,
                abandoned,
                IdempotencyGuard.DEFAULT_KEEP,
                DEFAULT_MAX_WAIT,
                DEFAULT_SETTLE_WITHIN,
                KeptResults.LARGEST);
    }

    public ExecutionSettings withLease(Duration newLease) {
        return new ExecutionSettings(newLease, abandoned, keep, maxWait, settleWithin, largestResult);
    }

    /** Also how long what a dead process left counts as unknown, if it does. */
    public ExecutionSettings withKeep(Duration newKeep) {
        Abandoned kept = switch (abandoned) {
            case Abandoned.TakeOver takeOver -> takeOver;
            case Abandoned.BecomesUnknown unknown -> new Abandoned.BecomesUnknown(newKeep);
        };
        return new ExecutionSettings(lease, kept, newKeep, maxWait, settleWithin, largestResult);
    }

    public ExecutionSettings withMaxWait(Duration newMaxWait) {
        return new ExecutionSettings(lease, abandoned, keep, newMaxWait, settleWithin, largestResult);
    }

    public ExecutionSettings withSettleWithin(Duration newSettleWithin) {
        return new ExecutionSettings(lease, abandoned, keep, maxWait, newSettleWithin, largestResult);
    }

    public ExecutionSettings withLargestResult(int newLargest) {
        return new ExecutionSettings(lease, abandoned, keep, maxWait, settleWithin, newLargest);
    }

    /** What work that threw leaves behind where nothing else was said: as little as keeps the promise. */
    AfterFailure afterFailure() {
        return switch (abandoned) {
            case Abandoned.TakeOver takeOver -> new AfterFailure.Retry();
            case Abandoned.BecomesUnknown unknown -> new AfterFailure.InDoubt();
        };
    }

    private static void requireWithin(String name, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(name + " must be " + least + " to " + most + ", not " + value);
        }
    }
}
