package dev.sluice.architecture.canary.broadcast;

/** A broadcast that knows who delivers. */
public final class BroadcastCanary {
    Class<?> other = dev.sluice.architecture.canary.delivery.CycleCanary.class;
}
