package dev.sluice.architecture.canary.budget;

/** A budget that knows who delivers. */
public final class BudgetCanary {
    Class<?> other = dev.sluice.architecture.canary.delivery.CycleCanary.class;
}
