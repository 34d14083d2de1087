package dev.sluice.architecture.canary.session;

/** A session that knows who delivers. */
public final class SessionCanary {
    Class<?> other = dev.sluice.architecture.canary.delivery.CycleCanary.class;
}
