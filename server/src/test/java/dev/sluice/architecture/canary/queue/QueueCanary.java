package dev.sluice.architecture.canary.queue;

/** A queue that knows who delivers. */
public final class QueueCanary {
    Class<?> other = dev.sluice.architecture.canary.delivery.CycleCanary.class;
}
