package dev.sluice.architecture.canary.retrieval;

/** A search that knows who delivers. */
public final class RetrievalCanary {
    Class<?> other = dev.sluice.architecture.canary.delivery.CycleCanary.class;
}
