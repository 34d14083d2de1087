package dev.sluice.architecture.canary.job;

/** A job that knows who delivers. */
public final class JobCanary {
    Class<?> other = dev.sluice.architecture.canary.delivery.CycleCanary.class;
}
