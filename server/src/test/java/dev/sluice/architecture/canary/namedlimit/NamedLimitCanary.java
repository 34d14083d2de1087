package dev.sluice.architecture.canary.namedlimit;

/** A named limit that knows who delivers. */
public final class NamedLimitCanary {
    Class<?> other = dev.sluice.architecture.canary.delivery.CycleCanary.class;
}
