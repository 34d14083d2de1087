package dev.sluice.budget;

import java.time.Duration;
import java.time.Instant;

/**
 * What a user has of a budget, at one moment by the store's clock.
 *
 * @param user the user's id
 * @param limit the budget's
 * @param count messages that passed in the present window; above the limit for those who are exempt
 * @param rejected messages that did not
 * @param bonus what was granted beside the limit
 * @param remaining how many more pass, of one who is not exempt
 * @param resetsAt when all of it is forgotten; the moment of the answer if nothing is counted
 * @param resetsIn the same from the moment of the answer; zero if nothing is counted
 * @param complete whether it is what all replicas counted; false if the store could not be asked and it is this one's alone
 */
public record Usage(
        long user,
        long limit,
        long count,
        long rejected,
        long bonus,
        long remaining,
        Instant resetsAt,
        Duration resetsIn,
        boolean complete) {

    static Usage of(Budget budget, long user, Counters now, long nowMicros) {
        long ends = Math.max(now.ends(), nowMicros);
        return new Usage(
                user,
                budget.limit(),
                now.count(),
                now.rejected(),
                now.bonus(),
                now.left(budget),
                Counters.instant(ends),
                Duration.between(Counters.instant(nowMicros), Counters.instant(ends)),
                true);
    }

    /** The same as one replica knows it that cannot ask the others. */
    Usage incomplete(long newRemaining) {
        return new Usage(user, limit, count, rejected, bonus, newRemaining, resetsAt, resetsIn, false);
    }
}
