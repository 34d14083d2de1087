package dev.sluice.simulator;

import dev.sluice.simulator.FloodLimits.Limit;

/**
 * One limit of one bot or chat: its window, and the block of whoever ran into it.
 *
 * <p>A denial blocks the scope for the {@code retry_after} it answers. A call during the block doubles the block (up to the
 * cap), unless it came within the grace, in which case it can not have seen the 429. Once a block has passed untouched the
 * next denial starts over. Not thread-safe: its bot's lock guards it.
 */
final class FloodScope {
    private final int limit;
    private final SlidingWindow window;
    private final long unitNanos;
    private final long capNanos;
    private final long graceNanos;
    private long blockedUntil;
    private long block;
    private long graceUntil;

    FloodScope(Limit limit, FloodLimits limits) {
        this.limit = limit.count();
        this.window = new SlidingWindow(limit.window().minus(limits.tolerance()).toNanos());
        this.unitNanos = limits.retryAfterUnit().toNanos();
        this.capNanos = limits.retryAfterCap().toNanos();
        this.graceNanos = limits.escalationGrace().toNanos();
    }

    boolean admits(long now, int weight) {
        return now >= blockedUntil && window.fitsAt(now, weight, limit) <= now;
    }

    void spend(long now, int weight) {
        window.record(now, weight);
    }

    /** Answers a call that {@link #admits} refused: blocks, or prolongs the block, and returns {@code retry_after} in units. */
    int deny(long now, int weight) {
        if (now >= blockedUntil) {
            long wait = window.fitsAt(now, weight, limit) - now;
            block = Math.ceilDiv(Math.max(wait, 1), unitNanos) * unitNanos;
            blockedUntil = now + block;
            graceUntil = now + graceNanos;
        } else if (now >= graceUntil) {
            block = Math.max(block, Math.min(capNanos, block * 2));
            blockedUntil = Math.max(blockedUntil, now + block);
            graceUntil = now + graceNanos;
        }
        return Math.toIntExact(Math.ceilDiv(blockedUntil - now, unitNanos));
    }

    boolean isIdle(long now) {
        return now >= blockedUntil && window.isIdle(now);
    }
}
