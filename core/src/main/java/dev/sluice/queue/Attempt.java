package dev.sluice.queue;

import java.time.Instant;

/**
 * A failed attempt.
 *
 * @param ended when, by the queue's clock
 * @param reason the class of reasons; {@link #LEASE_LOST} if its worker fell silent
 */
public record Attempt(Instant ended, String reason) {
    /** The worker neither settled nor extended in time. */
    public static final String LEASE_LOST = "lease-lost";

    /** How many are remembered of one message, the newest. */
    public static final int KEPT = 10;
}
