package dev.sluice.budget;

import java.time.Duration;

/** Budgets that can be told later what passed without them. */
interface SharedBudgets extends Budgets {
    /**
     * Counts what has passed already. If no window has begun, one does that ends when theirs does; one that goes on keeps its end, unless
     * theirs, by what they passed under, ends it sooner, or later if it is an idle one.
     *
     * @param left until the end of the window in which they passed, more than zero: of one that is over, nothing counts any more
     */
    Usage add(Budget budget, long user, long messages, Duration left);

    /** The same, and then {@link #consume}, in one step. */
    Consumption addAndConsume(Budget budget, BudgetUser user, long messages, Duration left);
}
