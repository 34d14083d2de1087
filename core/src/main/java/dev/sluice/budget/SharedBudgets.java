package dev.sluice.budget;

/** Budgets that can be told later what passed without them. */
interface SharedBudgets extends Budgets {
    /** Counts what has passed already. */
    Usage add(Budget budget, long user, long messages);
}
