package dev.sluice.architecture.canary.encryption;

/** An encryption that knows claims. */
public final class EncryptionCanary {
    Class<?> other = dev.sluice.architecture.canary.idempotency.IdempotencyCanary.class;
}
