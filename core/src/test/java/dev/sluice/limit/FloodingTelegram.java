package dev.sluice.limit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** What Telegram lets pass, as the simulator does it: a window, and a block for everybody once it is overrun. Times are microseconds. */
final class FloodingTelegram {
    private static final long GRACE = 200_000;
    private final Deque<Long> admitted = new ArrayDeque<>();
    private final long window;
    private int limit;
    private long blockedUntil;
    private long block;
    private long graceUntil;

    FloodingTelegram(int limit, Duration window) {
        this.limit = limit;
        this.window = Microseconds.of(window);
    }

    void limit(int newLimit) {
        limit = newLimit;
    }

    /** Zero if it is let through, else for how long to stay away. */
    Duration send(long now) {
        while (!admitted.isEmpty() && admitted.getFirst() <= now - window) {
            admitted.removeFirst();
        }
        if (now >= blockedUntil && admitted.size() < limit) {
            admitted.addLast(now);
            return Duration.ZERO;
        }
        if (now >= blockedUntil) {
            block = 1_000_000;
            blockedUntil = now + block;
            graceUntil = now + GRACE;
        } else if (now >= graceUntil) {
            block = Math.max(block, Math.min(300_000_000, block * 2));
            blockedUntil = Math.max(blockedUntil, now + block);
            graceUntil = now + GRACE;
        }
        return Duration.ofSeconds(Math.ceilDiv(blockedUntil - now, 1_000_000));
    }
}
