package dev.sluice.architecture.canary.limit;

/** A limit that knows claims. */
public final class LimitCanary {
    Class<?> other = dev.sluice.architecture.canary.idempotency.IdempotencyCanary.class;
}
