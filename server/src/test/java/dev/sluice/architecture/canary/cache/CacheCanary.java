package dev.sluice.architecture.canary.cache;

/** A cache that knows who delivers. */
public final class CacheCanary {
    Class<?> other = dev.sluice.architecture.canary.delivery.CycleCanary.class;
}
