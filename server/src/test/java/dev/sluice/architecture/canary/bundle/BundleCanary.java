package dev.sluice.architecture.canary.bundle;

/** A bundle that knows who delivers. */
public final class BundleCanary {
    Class<?> other = dev.sluice.architecture.canary.delivery.CycleCanary.class;
}
