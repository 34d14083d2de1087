package dev.sluice.architecture.canary.idempotency;

/** A guard that knows who uses it. */
public final class IdempotencyCanary {
    Class<?> user = dev.sluice.architecture.canary.delivery.CycleCanary.class;
}
