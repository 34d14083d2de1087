package dev.sluice.architecture.canary.event;

/** A stream of events that knows who delivers. */
public final class EventCanary {
    Class<?> other = dev.sluice.architecture.canary.delivery.CycleCanary.class;
}
