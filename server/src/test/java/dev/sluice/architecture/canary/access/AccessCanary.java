package dev.sluice.architecture.canary.access;

/** Access that knows who delivers. */
public final class AccessCanary {
    Class<?> other = dev.sluice.architecture.canary.delivery.CycleCanary.class;
}
