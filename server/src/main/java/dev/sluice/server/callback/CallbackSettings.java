package dev.sluice.server.callback;

import dev.sluice.queue.RetryPolicy;
import java.time.Duration;

/**
 * How callbacks are told.
 *
 * @param secret what they are signed with
 * @param targets where they may go
 * @param timeout for one try, from the name server to the answer's status
 * @param round how often it is looked for what is owed
 * @param again when what was not heard is told again; its number of retries means nothing: a day decides
 */
public record CallbackSettings(
        String secret, AllowedTargets targets, Duration timeout, Duration round, RetryPolicy again) {
    /** A receiver has only to write it down. */
    static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    static final Duration DEFAULT_ROUND = Duration.ofSeconds(1);

    /** Soon at first, since most failures are deployments; some thirty tries in a day. */
    static final RetryPolicy DEFAULT_AGAIN = new RetryPolicy(0, Duration.ofSeconds(5), Duration.ofHours(1), 0.2);

    public static CallbackSettings of(String secret, AllowedTargets targets) {
        return new CallbackSettings(secret, targets, DEFAULT_TIMEOUT, DEFAULT_ROUND, DEFAULT_AGAIN);
    }

    CallbackSettings with(Duration newTimeout, Duration newRound, RetryPolicy newAgain) {
        return new CallbackSettings(secret, targets, newTimeout, newRound, newAgain);
    }

    /** Long enough for a try and what is written down of it. */
    Duration lease() {
        return timeout.plusSeconds(20);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "CallbackSettings[timeout " + timeout + "]";
    }
}
