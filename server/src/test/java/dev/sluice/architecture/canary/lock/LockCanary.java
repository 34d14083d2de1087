package dev.sluice.architecture.canary.lock;

/** A lock that knows who delivers. */
public final class LockCanary {
    Class<?> other = dev.sluice.architecture.canary.delivery.CycleCanary.class;
}
