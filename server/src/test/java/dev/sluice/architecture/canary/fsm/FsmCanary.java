package dev.sluice.architecture.canary.fsm;

/** A conversation that knows who delivers. */
public final class FsmCanary {
    Class<?> other = dev.sluice.architecture.canary.delivery.CycleCanary.class;
}
