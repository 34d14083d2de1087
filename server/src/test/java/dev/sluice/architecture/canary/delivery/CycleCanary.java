package dev.sluice.architecture.canary.delivery;

/** Uses what uses it. */
public final class CycleCanary {
    Class<?> used = dev.sluice.architecture.canary.idempotency.IdempotencyCanary.class;
}
