package dev.sluice.delivery;

import dev.sluice.limit.Learning;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.function.Function;

/**
 * How calls are delivered.
 *
 * @param limits what binds a bot's messages now; asked before every decision, must not block
 * @param lease how long a claim outlives its process, 100 ms to 1 h; renewed each third
 * @param ambiguousWindow how long an attempt of unknown outcome joins identical calls without a key, 1 ms to 31 days; zero
 *     turns it off
 * @param maxRetries how often a call that is safe to repeat is tried again after a 5xx or no answer, 0 to 100
 * @param backoff between such tries
 * @param mostWaiting how many calls of this process may be under way at once, 1 or more
 * @param learning whether Telegram's 429 teaches a pace slower than the limits, and who hears of it
 * @param kept what of an answer is kept for repeats
 */
public record DeliverySettings(
        Function<BotId, TelegramLimits> limits,
        Duration lease,
        Duration ambiguousWindow,
        int maxRetries,
        Backoff backoff,
        int mostWaiting,
        Learning learning,
        KeptAnswers kept) {

    /** Long enough for a pause of the process, short enough that its calls are soon known to be unknown. */
    public static final Duration DEFAULT_LEASE = Duration.ofSeconds(5);

    /** Longer than the time-outs after which clients repeat by themselves. */
    public static final Duration DEFAULT_AMBIGUOUS_WINDOW = Duration.ofSeconds(60);

    /** The source documents' TELEGRAM_MAX_RETRIES. */
    public static final int DEFAULT_MAX_RETRIES = 5;

    /** A thread and a spooled body each: some 100 MB at the worst. */
    public static final int DEFAULT_MOST_WAITING = 10_000;

    public static final DeliverySettings DEFAULT = new DeliverySettings(
            bot -> TelegramLimits.DOCUMENTED,
            DEFAULT_LEASE,
            DEFAULT_AMBIGUOUS_WINDOW,
            DEFAULT_MAX_RETRIES,
            Backoff.DEFAULT,
            DEFAULT_MOST_WAITING,
            Learning.ON,
            KeptAnswers.WHOLE);

    public DeliverySettings {
        if (lease.compareTo(Duration.ofMillis(100)) < 0 || lease.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("lease must be 100 ms to 1 h, not " + lease);
        }
        if (!ambiguousWindow.isZero()
                && (ambiguousWindow.compareTo(Duration.ofMillis(1)) < 0
                        || ambiguousWindow.compareTo(Duration.ofDays(31)) > 0)) {
            throw new IllegalArgumentException(
                    "the ambiguous window must be 0, or 1 ms to 31 days, not " + ambiguousWindow);
        }
        if (mostWaiting < 1) {
            throw new IllegalArgumentException("at least 1 call must be allowed under way, not " + mostWaiting);
        }
        if (maxRetries < 0 || maxRetries > 100) {
            throw new IllegalArgumentException("max retries must be 0 to 100, not " + maxRetries);
        }
    }

    /** The same limits for every bot, for ever. */
    public DeliverySettings withLimits(TelegramLimits newLimits) {
        return withLimits(bot -> newLimits);
    }

    public DeliverySettings withLimits(Function<BotId, TelegramLimits> newLimits) {
        return new DeliverySettings(
                newLimits, lease, ambiguousWindow, maxRetries, backoff, mostWaiting, learning, kept);
    }

    public DeliverySettings withLease(Duration newLease) {
        return new DeliverySettings(
                limits, newLease, ambiguousWindow, maxRetries, backoff, mostWaiting, learning, kept);
    }

    public DeliverySettings withAmbiguousWindow(Duration newWindow) {
        return new DeliverySettings(limits, lease, newWindow, maxRetries, backoff, mostWaiting, learning, kept);
    }

    public DeliverySettings withRetries(int newMaxRetries, Backoff newBackoff) {
        return new DeliverySettings(
                limits, lease, ambiguousWindow, newMaxRetries, newBackoff, mostWaiting, learning, kept);
    }

    public DeliverySettings withLearning(Learning newLearning) {
        return new DeliverySettings(
                limits, lease, ambiguousWindow, maxRetries, backoff, mostWaiting, newLearning, kept);
    }

    public DeliverySettings withKept(KeptAnswers newKept) {
        return new DeliverySettings(
                limits, lease, ambiguousWindow, maxRetries, backoff, mostWaiting, learning, newKept);
    }
}
