package dev.sluice.server.worker;

import dev.sluice.queue.RetryPolicy;
import java.time.Duration;

/**
 * How much workers do at once.
 *
 * @param perBot messages of one bot in flight, 1 to 500
 * @param inAll messages of all bots in flight, 1 or more
 * @param lease of the queue; renewed each third
 * @param round how often bots are looked for that other processes queued for; five times as seldom while they are heard
 * @param unreachable how long nothing is claimed after Telegram could not be reached
 */
public record WorkerSettings(int perBot, int inAll, Duration lease, Duration round, RetryPolicy unreachable) {
    /** At thirty a second, answers may take three seconds before it holds anybody up. */
    public static final int DEFAULT_PER_BOT = 100;

    /** A connection and a thread each. */
    public static final int DEFAULT_IN_ALL = 1000;

    public static final Duration DEFAULT_ROUND = Duration.ofSeconds(1);

    public WorkerSettings {
        if (perBot < 1 || perBot > 500) {
            throw new IllegalArgumentException("1 to 500 messages of a bot may be in flight, not " + perBot);
        }
        if (inAll < 1) {
            throw new IllegalArgumentException("1 message at least must be allowed in flight, not " + inAll);
        }
    }

    public static WorkerSettings of(Duration lease) {
        return new WorkerSettings(DEFAULT_PER_BOT, DEFAULT_IN_ALL, lease, DEFAULT_ROUND, RetryPolicy.DEFAULT);
    }

    public WorkerSettings inFlight(int ofOneBot, int ofAll) {
        return new WorkerSettings(ofOneBot, ofAll, lease, round, unreachable);
    }
}
