package dev.sluice.architecture.canary.history;

/** A history that knows who delivers. */
public final class HistoryCanary {
    Class<?> other = dev.sluice.architecture.canary.delivery.CycleCanary.class;
}
