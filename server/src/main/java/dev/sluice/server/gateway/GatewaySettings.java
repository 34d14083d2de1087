package dev.sluice.server.gateway;

import dev.sluice.idempotency.IdempotencyGuard;
import dev.sluice.server.bots.BotRules;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * How the gateway treats its callers.
 *
 * @param served which bots may use it; asked for each request
 * @param rules what holds for a bot; asked for each metered call
 * @param vips whose chats go first and are not held by the limit per user
 * @param maxWait how long a call waits for its turn where it does not say, 0 to 600 s
 * @param keep how long a keyed result is kept where the call does not say, 1 s to 31 days
 * @param concurrentCalls how many requests may be under way at once, else 429
 * @param spool what is kept of callers' bodies
 * @param repetition of calls that pass through and may be repeated
 */
public record GatewaySettings(
        Function<BotId, Serving> served,
        Function<BotId, BotRules> rules,
        Predicate<ChatId> vips,
        Duration maxWait,
        Duration keep,
        int concurrentCalls,
        SpoolSettings spool,
        Repetition repetition) {
    private static final Duration MAX_WAIT = Duration.ofSeconds(2);
    private static final int MOST_CONCURRENT_CALLS = 10_000;

    /** What a call holds, with its stack and its connections on both sides: measured as 17 KB for a short body. */
    private static final int BYTES_OF_A_CALL = 32 << 10;

    public GatewaySettings {
        if (maxWait.isNegative() || maxWait.compareTo(Duration.ofSeconds(600)) > 0) {
            throw new IllegalArgumentException("max wait must be 0 to 600 s, not " + maxWait);
        }
        if (keep.compareTo(Duration.ofSeconds(1)) < 0 || keep.compareTo(Duration.ofDays(31)) > 0) {
            throw new IllegalArgumentException("results are kept 1 s to 31 days, not " + keep);
        }
        if (concurrentCalls < 1) {
            throw new IllegalArgumentException("concurrent calls must be at least 1, not " + concurrentCalls);
        }
    }

    /**
     * How many calls half of the heap can hold, at most 10,000: more are refused with 429, since a process that runs out of
     * memory ends, and all its calls with it.
     *
     * @param heap the most bytes that it may grow to
     */
    static int concurrentCallsWithin(long heap) {
        return Math.clamp(heap / 2 / BYTES_OF_A_CALL, 1, MOST_CONCURRENT_CALLS);
    }

    /** All bots, no special rules, the contract's numbers, and as many calls as this process' heap can hold. */
    public static GatewaySettings defaults(Path spoolDirectory) {
        return new GatewaySettings(
                bot -> Serving.SERVED,
                bot -> BotRules.NONE,
                chat -> false,
                MAX_WAIT,
                IdempotencyGuard.DEFAULT_KEEP,
                concurrentCallsWithin(Runtime.getRuntime().maxMemory()),
                SpoolSettings.in(spoolDirectory),
                Repetition.DEFAULT);
    }

    public GatewaySettings withServed(Function<BotId, Serving> bots) {
        return new GatewaySettings(bots, rules, vips, maxWait, keep, concurrentCalls, spool, repetition);
    }

    public GatewaySettings withRules(Function<BotId, BotRules> perBot) {
        return new GatewaySettings(served, perBot, vips, maxWait, keep, concurrentCalls, spool, repetition);
    }

    public GatewaySettings withVips(Predicate<ChatId> chats) {
        return new GatewaySettings(served, rules, chats, maxWait, keep, concurrentCalls, spool, repetition);
    }

    public GatewaySettings withMaxWait(Duration wait) {
        return new GatewaySettings(served, rules, vips, wait, keep, concurrentCalls, spool, repetition);
    }

    public GatewaySettings withKeep(Duration time) {
        return new GatewaySettings(served, rules, vips, maxWait, time, concurrentCalls, spool, repetition);
    }

    public GatewaySettings withConcurrentCalls(int most) {
        return new GatewaySettings(served, rules, vips, maxWait, keep, most, spool, repetition);
    }

    public GatewaySettings withSpool(SpoolSettings bodies) {
        return new GatewaySettings(served, rules, vips, maxWait, keep, concurrentCalls, bodies, repetition);
    }

    public GatewaySettings withRepetition(Repetition repeating) {
        return new GatewaySettings(served, rules, vips, maxWait, keep, concurrentCalls, spool, repeating);
    }
}
