package dev.sluice.idempotency;

/**
 * Proof of holding a claim. Later claims of one key have a greater number, so a resource that keeps the greatest number
 * it saw can refuse a holder that lost its lease without noticing.
 *
 * @param key what was claimed
 * @param number greater than that of every earlier claim of the key
 */
public record Fence(IdempotencyKey key, long number) {}
