package dev.sluice.architecture.canary.state;

/** Fields that know who delivers. */
public final class StateCanary {
    Class<?> other = dev.sluice.architecture.canary.delivery.CycleCanary.class;
}
