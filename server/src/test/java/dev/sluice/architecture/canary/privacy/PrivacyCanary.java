package dev.sluice.architecture.canary.privacy;

/** A level that knows who delivers. */
public final class PrivacyCanary {
    Class<?> other = dev.sluice.architecture.canary.delivery.CycleCanary.class;
}
