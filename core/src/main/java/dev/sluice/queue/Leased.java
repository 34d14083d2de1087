package dev.sluice.queue;

import dev.sluice.limit.SendLane;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/**
 * A message to be sent now. Its limits are charged.
 *
 * @param lease what it is settled with
 * @param lasts how long the lease lasts from the claim on
 * @param attempt which one this is, from 1; what was given back unsent does not count
 * @param priority of a VIP's message {@link Priority#HIGH}
 * @param vip whether it went before every priority
 * @param send what it was counted with over all chats
 * @param cost in messages
 * @param policy what to do when the outcome is not known
 * @param accepted when it was, by the queue's clock
 * @param chargedAt from when on its charges count, in microseconds of the queue's clock: good for
 *     {@link dev.sluice.limit.RateLimiter#postpone} only
 * @param payload as it was enqueued
 */
public record Leased(
        Lease lease,
        Duration lasts,
        int attempt,
        Priority priority,
        boolean vip,
        SendLane send,
        int cost,
        DeliveryPolicy policy,
        Instant accepted,
        long chargedAt,
        byte[] payload) {

    public MessageId id() {
        return lease.id();
    }

    /** The end of this lease. */
    public Settlement ends(Ending ending) {
        return new Settlement(lease, ending);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Leased leased
                && lease.equals(leased.lease)
                && attempt == leased.attempt
                && chargedAt == leased.chargedAt
                && Arrays.equals(payload, leased.payload);
    }

    @Override
    public int hashCode() {
        return lease.hashCode();
    }

    /** Without the payload, which is nobody's business. */
    @Override
    public String toString() {
        return "Leased[" + lease + ", attempt " + attempt + ", " + payload.length + " bytes]";
    }
}
