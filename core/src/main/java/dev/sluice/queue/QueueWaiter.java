package dev.sluice.queue;

import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Lets workers of this process sleep until there may be work: until the wake-up that a claim named, until somebody calls
 * {@link #stir}, or for a while, since news of other processes may be lost. Thread-safe.
 */
final class QueueWaiter {
    /** While nobody tells what other processes do. */
    static final Duration POLL = Duration.ofMillis(250);

    /** While somebody does. */
    static final Duration TOLD_POLL = Duration.ofSeconds(2);

    private final ConcurrentMap<BotId, Bell> bells = new ConcurrentHashMap<>();

    private final BooleanSupplier told;

    /** @param told whether {@link #stir} is called for what other processes do */
    QueueWaiter(BooleanSupplier told) {
        this.told = told;
    }

    /** Rings for the workers of one bot. */
    private static final class Bell {
        final ReentrantLock lock = new ReentrantLock();
        final Condition rung = lock.newCondition();
        long rings;
    }

    /** Wakes who waits for the bot's messages. */
    void stir(BotId bot) {
        Bell bell = bells.get(bot);
        if (bell == null) {
            return; // nobody ever waited
        }
        bell.lock.lock();
        try {
            bell.rings++;
            bell.rung.signalAll();
        } finally {
            bell.lock.unlock();
        }
    }

    /** Claims until there is a message or the time is over. */
    Claims await(BotId bot, Supplier<Claims> claim, Duration atMost) throws InterruptedException {
        Bell bell = bells.computeIfAbsent(bot, ignored -> new Bell());
        long start = System.nanoTime();
        while (true) {
            // Counted before the claim: what is enqueued after it must not be slept through.
            long heard = rings(bell);
            Claims claims = claim.get();
            long left = atMost.toNanos() - (System.nanoTime() - start);
            if (!claims.messages().isEmpty() || left <= 0) {
                return claims;
            }
            sleep(bell, heard, Math.min(left, pause(claims).toNanos()));
        }
    }

    private Duration pause(Claims claims) {
        Duration poll = told.getAsBoolean() ? TOLD_POLL : POLL;
        return claims.wakeUp().filter(wakeUp -> wakeUp.compareTo(poll) < 0).orElse(poll);
    }

    private static long rings(Bell bell) {
        bell.lock.lock();
        try {
            return bell.rings;
        } finally {
            bell.lock.unlock();
        }
    }

    private static void sleep(Bell bell, long heard, long nanos) throws InterruptedException {
        bell.lock.lockInterruptibly();
        try {
            long left = nanos;
            while (bell.rings == heard && left > 0) {
                left = bell.rung.awaitNanos(left);
            }
        } finally {
            bell.lock.unlock();
        }
    }
}
