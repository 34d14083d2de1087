package dev.sluice.architecture.canary.region;

/** A list of regions that knows what is divided. */
public final class RegionCanary {
    Class<?> feature = dev.sluice.architecture.canary.limit.LimitCanary.class;
}
