package dev.sluice.idempotency;

/**
 * Proof of holding a claim. Later claims of one key have a greater number, so a resource that keeps the greatest number
 * it saw can refuse a holder that lost its lease without noticing.
 *
 * @param key what was claimed
 * @param number greater than that of every earlier claim of the key; on a Redis whose clock was set back, of those whose record was still
 *     kept
 */
public record Fence(IdempotencyKey key, long number) {}
